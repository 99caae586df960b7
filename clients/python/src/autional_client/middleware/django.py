"""Django: a middleware by settings, and a decorator for views.

Settings: `AUTIONAL_VERIFIER` is a Verifier, or a function without arguments that makes one; `AUTIONAL_PUBLIC` the paths
that everybody may call; `AUTIONAL_SIGN_OUT` a path to which a POST ends the session of the request;
`AUTIONAL_RESOURCE` the URL that the API is known by, whose metadata is then published (RFC 9728).
"""

import functools
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from autional_client.bearer import bearer_token
from autional_client.errors import AutionalError
from autional_client.middleware.requirement import (
    NOT_SIGNED_OUT,
    SIGNED_OUT,
    Refusal,
    must_be_able_to_sign_out,
    refusal_of,
    requirement,
    shortfall,
)
from autional_client.resource_metadata import metadata_of
from autional_client.verifier.verdict import Claims
from autional_client.verifier.verifier import Verifier

View = Callable[..., Any]


class Protect:
    """Lets only requests with a valid access token in, and puts its claims in `request.claims`."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response
        self._public = frozenset(getattr(settings, "AUTIONAL_PUBLIC", ()))
        self._sign_out = getattr(settings, "AUTIONAL_SIGN_OUT", None)
        must_be_able_to_sign_out(self._sign_out, can_sign_out=verifier().can_sign_out)
        resource = getattr(settings, "AUTIONAL_RESOURCE", None)
        self._metadata = metadata_of(resource, verifier().issuer) if resource else None

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Judge a request, and pass it on."""
        if request.path in self._public:
            return self._get_response(request)
        if self._metadata is not None and request.path == self._metadata.path:
            return HttpResponse(self._metadata.body, content_type="application/json")
        verdict = verifier().verify(bearer_token(request))
        refusal = refusal_of(verdict, self._metadata.url if self._metadata else None)
        if refusal is not None:
            return _response(refusal)
        assert verdict.claims is not None  # noqa: S101
        request.claims = verdict.claims
        if request.method == "POST" and request.path == self._sign_out:
            try:
                verifier().sign_out(verdict.claims)
            except AutionalError:
                return _response(NOT_SIGNED_OUT)
            return _response(SIGNED_OUT)
        return self._get_response(request)


@functools.cache
def verifier() -> Verifier:
    """The verifier of the settings, the same one for the whole process."""
    made: Any = settings.AUTIONAL_VERIFIER
    found: Verifier = made if isinstance(made, Verifier) else made()
    return found


def requires(role: str | None = None, level: int = 0, max_age: int | None = None) -> Callable[[View], View]:
    """What a view requires. Otherwise the answer is a 403, or a challenge to authenticate differently (RFC 9470)."""
    needed = requirement(role, level, max_age)

    def wrap(view: View) -> View:
        @functools.wraps(view)
        def guarded(request: HttpRequest, *arguments: Any, **named: Any) -> Any:
            claims: Claims | None = getattr(request, "claims", None)
            if claims is None:
                raise LookupError("the path of the request is public: it has no claims")
            refusal = shortfall(claims, needed, verifier().now())
            return view(request, *arguments, **named) if refusal is None else _response(refusal)

        return guarded

    return wrap


def _response(refusal: Refusal) -> HttpResponse:
    return HttpResponse(refusal.body, status=refusal.status, headers=refusal.headers)
