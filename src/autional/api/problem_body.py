"""The body and headers of a Problem (RFC 9457), and the page that its `type` opens."""

import html
import re
from datetime import datetime
from typing import Literal, NamedTuple
from urllib.parse import parse_qsl, quote, unquote, urlencode

import msgspec

from autional.api.schemas import FieldViolation, ProblemResponse
from autional.core import i18n
from autional.core.formats import redacted
from autional.core.problems import CATALOGUE, Problem, ProblemType, Violation

PROBLEM_TYPE = "application/problem+json"
_ERR = {401: "authentication_failed", 403: "access_denied"}
"""Error codes of RFC 8935 §2.4, by status."""
_SERVICE = "session-service"
_STYLE = "body{font:1.1rem/1.6 system-ui;max-width:40rem;margin:4rem auto;padding:0 1rem}"
_ARGUMENT = re.compile(r"\{\w+\}")
_SECRET_NAMES = re.compile(r"token|secret|key|password|cursor", re.IGNORECASE)


class RequestFacts(NamedTuple):
    """What a Problem says about its request."""

    base_url: str
    path: str
    query: bytes
    request_id: str
    trace_id: str
    span_id: str
    now: datetime
    language: str = i18n.DEFAULT
    development: bool = False
    protocol: Literal["oauth", "events"] | None = None
    """Of the endpoint, whose clients look for `error` (RFC 6749 §5.2), or for `err` (RFC 8935 §2.3)."""


def problem_body(problem: Problem, facts: RequestFacts) -> bytes:
    """The body of a Problem: everything in it may be known to its receiver."""
    kind = problem.kind
    detail = i18n.text(kind.slug, "detail", problem.arguments, facts.language)
    return msgspec.json.encode(
        ProblemResponse(
            type=f"{facts.base_url}/problems/{kind.slug}",
            title=i18n.text(kind.slug, "title", language=facts.language),
            status=kind.status,
            detail=detail,
            instance=_instance(facts),
            code=kind.code,
            service=_SERVICE,
            request_id=facts.request_id,
            trace_id=facts.trace_id,
            span_id=facts.span_id,
            timestamp=facts.now,
            i18n_key=kind.i18n_key,
            i18n_args=problem.arguments,
            errors=[_field(violation, facts) for violation in problem.violations],
            retry_after=problem.retry_after,
            error=_oauth_error(problem) if facts.protocol == "oauth" else None,
            error_description=detail if facts.protocol == "oauth" else None,
            err=_ERR.get(kind.status, "invalid_request") if facts.protocol == "events" else None,
            description=detail if facts.protocol == "events" else None,
        )
    )


def problem_headers(problem: Problem, oauth: bool = False) -> dict[str, str]:
    """The headers of a Problem: challenge (RFC 6750 §3, for OAuth RFC 6749 §5.2) and Retry-After."""
    headers = {}
    if oauth and problem.kind.status == 401:
        headers["WWW-Authenticate"] = 'Basic realm="autional"'
    elif problem.kind.challenge is not None:
        error = f', error="{problem.kind.challenge}"' if problem.kind.challenge else ""
        headers["WWW-Authenticate"] = f'Bearer realm="autional"{error}'
    if problem.retry_after is not None:
        headers["Retry-After"] = str(problem.retry_after)
    return headers


def problem_page(slug: str, language: str) -> str | None:
    """The page about a kind of Problem; None if there is no such kind."""
    kind = CATALOGUE.get(slug)
    return _page(kind, language) if kind else None


def _page(kind: ProblemType, language: str) -> str:
    title, detail, remedy = (
        html.escape(_ARGUMENT.sub("…", i18n.texts(language)[kind.slug][part])) for part in ("title", "detail", "remedy")
    )
    words = i18n.texts(language)["page"]
    return (
        f'<!doctype html><html lang="{language}"><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width"><title>{title}</title><style>{_STYLE}</style>'
        f"<h1>{title}</h1><p>{detail}</p><h2>{words['remedy']}</h2><p>{remedy}</p>"
        f"<p><small>{words['status']} {kind.status} · {words['code']} {kind.code} · {kind.i18n_key}</small></p></html>"
    )


def _field(violation: Violation, facts: RequestFacts) -> FieldViolation:
    return FieldViolation(
        field=redacted(violation.field),
        code=violation.code,
        description=i18n.violation(violation.code, violation.reason, violation.arguments, facts.language),
        value=violation.value if facts.development else None,
    )


def _oauth_error(problem: Problem) -> str:
    """The error code of RFC 6749 §5.2 or RFC 8693 §2.2.2."""
    if problem.kind.oauth is not None:
        return problem.kind.oauth
    if any((violation.field, violation.code) == ("grant_type", "value") for violation in problem.violations):
        return "unsupported_grant_type"
    if problem.kind.status == 401:
        return "invalid_client"
    return "invalid_request" if problem.kind.status < 500 else "server_error"


def _instance(facts: RequestFacts) -> str:
    plain = unquote(facts.path)
    path = redacted(facts.path) if redacted(plain) == plain else quote(redacted(plain), safe="/*")
    if not facts.query:
        return path
    pairs = parse_qsl(facts.query.decode("latin-1"), keep_blank_values=True)
    shown = [(redacted(name), "***" if _is_secret(name, value) else value) for name, value in pairs]
    return f"{path}?{urlencode(shown, safe='*')}"


def _is_secret(name: str, value: str) -> bool:
    return bool(_SECRET_NAMES.search(name)) or redacted(value) != value


JSON = "application/json"
