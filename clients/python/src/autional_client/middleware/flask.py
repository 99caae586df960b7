"""Flask: protect an application, and a decorator for views."""

import functools
from collections.abc import Callable, Collection
from typing import ParamSpec, TypeVar, cast

from flask import Flask, Response, current_app, g, request

from autional_client.bearer import bearer_token
from autional_client.errors import AutionalError
from autional_client.middleware.requirement import (
    NOT_SIGNED_OUT,
    SIGNED_OUT,
    NotAllowedError,
    Refusal,
    must_be_able_to_sign_out,
    refusal_of,
    requirement,
    shortfall,
)
from autional_client.resource_metadata import metadata_of
from autional_client.verifier.verdict import Claims
from autional_client.verifier.verifier import Verifier

Arguments = ParamSpec("Arguments")
Answer = TypeVar("Answer")
_VERIFIER = "autional.verifier"


def protect(
    app: Flask,
    verifier: Verifier,
    *,
    public: Collection[str] = (),
    sign_out: str | None = None,
    resource: str | None = None,
) -> None:
    """Let only requests with a valid access token in, but for paths in `public`; its claims are `claims()`.

    A POST to `sign_out` ends the session of the request. With `resource`, the URL that the API is known by, its
    metadata is published for clients that have no token (RFC 9728).
    """
    everybody = frozenset(public)
    must_be_able_to_sign_out(sign_out, can_sign_out=verifier.can_sign_out)
    app.extensions[_VERIFIER] = verifier
    metadata = metadata_of(resource, verifier.issuer) if resource else None

    def judge() -> Response | None:
        if request.path in everybody:
            return None
        if metadata is not None and request.path == metadata.path:
            return Response(metadata.body, content_type="application/json")
        verdict = verifier.verify(bearer_token(request))
        refusal = refusal_of(verdict, metadata.url if metadata else None)
        if refusal is not None:
            return _response(refusal)
        g.claims = verdict.claims
        if request.method != "POST" or request.path != sign_out:
            return None
        try:
            verifier.sign_out(claims())
        except AutionalError:
            return _response(NOT_SIGNED_OUT)
        return _response(SIGNED_OUT)

    app.before_request(judge)
    app.register_error_handler(NotAllowedError, lambda error: _response(error.refusal))


def claims() -> Claims:
    """The claims of the request; raises LookupError for one to a public path."""
    if "claims" not in g:
        raise LookupError("the path of the request is public: it has no claims")
    return cast(Claims, g.claims)


def requires(
    role: str | None = None, level: int = 0, max_age: int | None = None
) -> Callable[[Callable[Arguments, Answer]], Callable[Arguments, Answer]]:
    """What a view requires. Otherwise the answer is a 403, or a challenge to authenticate differently (RFC 9470)."""
    needed = requirement(role, level, max_age)

    def wrap(view: Callable[Arguments, Answer]) -> Callable[Arguments, Answer]:
        @functools.wraps(view)
        def guarded(*arguments: Arguments.args, **named: Arguments.kwargs) -> Answer:
            refusal = shortfall(claims(), needed, current_app.extensions[_VERIFIER].now())
            if refusal is not None:
                raise NotAllowedError(refusal)
            return view(*arguments, **named)

        return guarded

    return wrap


def _response(refusal: Refusal) -> Response:
    return Response(refusal.body, refusal.status, refusal.headers)
