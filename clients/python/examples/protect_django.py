"""Protect Django: the same with three settings and a decorator. All in one file; yours has settings.py and views.py."""

import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, JsonResponse
from django.urls import path

from autional_client import Verifier
from autional_client.middleware.django import requires

settings.configure(
    ROOT_URLCONF=__name__,
    ALLOWED_HOSTS=["127.0.0.1"],
    MIDDLEWARE=["autional_client.middleware.django.Protect"],
    AUTIONAL_VERIFIER=Verifier(
        issuer=os.environ["SESSIONS_ISSUER"],
        audience="autional",
        api_key=os.environ["SESSIONS_API_KEY"],
        base_url=os.environ.get("SESSIONS_URL"),
        on_silence="refuse",
        silence=30,
    ),
    AUTIONAL_PUBLIC={"/health"},
    AUTIONAL_SIGN_OUT="/sign-out",
)


def orders(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"of": request.claims.sub})


@requires(role="admin", level=2)
def remove(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"by": request.claims.sub})


def health(_: HttpRequest) -> JsonResponse:
    return JsonResponse("ok", safe=False)


urlpatterns = [path("orders", orders), path("orders/remove", remove), path("health", health)]
application = get_wsgi_application()
