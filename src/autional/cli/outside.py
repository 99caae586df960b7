"""What can be checked of a running service from outside, over HTTP."""

import ssl
from collections.abc import Iterator
from typing import Any

import httpx

Finding = tuple[str, str, str]


def finding(check: str, ok: bool, detail: str) -> Finding:
    """A row of what `autional doctor` prints."""
    return check, "ok" if ok else "wrong", "".join(one if one.isprintable() else "?" for one in detail)


def findings(url: str) -> Iterator[Finding]:
    """What the service at this base URL says of itself."""
    with httpx.Client(base_url=url.rstrip("/"), timeout=10) as client:
        try:
            alive = client.get("/healthz")
        except (httpx.HTTPError, httpx.InvalidURL, ssl.SSLError, ValueError) as error:
            yield finding("reachable", False, f"{url}: {error}")
            return
        is_ours = alive.status_code == 200 and alive.headers.get("x-request-id") is not None
        yield finding(
            "reachable", is_ours, f"answers {alive.status_code}" + ("" if is_ours else ", as Autional does not")
        )
        if is_ours:
            yield _encrypted(client)
            try:
                yield from _readiness(client)
                yield _keys(client)
            except (httpx.HTTPError, ValueError, LookupError, TypeError, AttributeError):
                yield finding("answers", False, "not those of Autional: is something else in front of it?")


def _encrypted(client: httpx.Client) -> Finding:
    host = client.base_url.host
    is_near = host in {"localhost", "127.0.0.1", "::1"}
    ok = client.base_url.scheme == "https" or is_near
    return finding("encryption", ok, "tokens travel in clear" if not ok else "TLS" if not is_near else "this machine")


def _readiness(client: httpx.Client) -> Iterator[Finding]:
    answer = client.get("/readyz")
    told: dict[str, Any] = answer.json()
    if answer.status_code != 200:
        yield finding("ready", False, f"{answer.status_code}: {told.get('detail', '')}")
        return
    yield finding("ready", True, f"signing keys read {told['ages']['reading of signing keys']:.1f} s ago")
    late = told["late"]
    yield finding("tasks", not late, f"late: {', '.join(late)}" if late else f"{len(told['ages_here'])} tasks in time")


def _keys(client: httpx.Client) -> Finding:
    answer = client.get("/.well-known/jwks.json")
    keys = answer.json().get("keys", []) if answer.status_code == 200 else []
    return finding(
        "signing keys", bool(keys), f"{len(keys)} published, cached by {answer.headers.get('cache-control')}"
    )
