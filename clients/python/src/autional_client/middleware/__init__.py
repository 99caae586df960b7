"""Protect a service by its framework: ASGI, FastAPI, Litestar, Django, Flask."""
