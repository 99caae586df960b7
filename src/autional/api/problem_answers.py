"""How a problem looks on the wire (RFC 9457), and the page that its `type` opens."""

import html
import re
from datetime import datetime
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, quote, urlencode

import msgspec

from autional import i18n
from autional.problems import CATALOGUE, Problem, ProblemType, Violation

PROBLEM_TYPE = "application/problem+json"
_SERVICE = "session-service"
_SECRET_NAMES = re.compile(r"token|secret|key|password|cursor", re.IGNORECASE)
_SECRET_VALUES = re.compile(r"^eyJ|^(?:tok|key)_\w+\.")


class RequestFacts(NamedTuple):
    """What a problem tells about the request that it answers."""

    base_url: str
    path: str
    query: bytes
    request_id: str
    trace_id: str
    span_id: str
    now: datetime
    development: bool = False


def problem_body(problem: Problem, facts: RequestFacts) -> bytes:
    """The body of the answer: nothing in it that its receiver may not know."""
    kind = problem.kind
    body: dict[str, Any] = {
        "type": f"{facts.base_url}/problems/{kind.slug}",
        "title": i18n.text(kind.slug, "title"),
        "status": kind.status,
        "detail": i18n.text(kind.slug, "detail", problem.arguments),
        "instance": _instance(facts),
        "code": kind.code,
        "service": _SERVICE,
        "request_id": facts.request_id,
        "trace_id": facts.trace_id,
        "span_id": facts.span_id,
        "timestamp": facts.now,
        "i18n_key": kind.i18n_key,
    }
    if problem.arguments:
        body["i18n_args"] = problem.arguments
    if problem.violations:
        body["errors"] = [_field(violation, facts) for violation in problem.violations]
    if problem.retry_after is not None:
        body["retry_after"] = problem.retry_after
    return msgspec.json.encode(body)


def problem_headers(problem: Problem) -> dict[str, str]:
    """The headers that belong to this problem: the challenge (RFC 6750 §3), Retry-After (RFC 9110 §10.2.3)."""
    headers = {}
    if problem.kind.challenge is not None:
        error = f', error="{problem.kind.challenge}"' if problem.kind.challenge else ""
        headers["WWW-Authenticate"] = f'Bearer realm="autional"{error}'
    if problem.retry_after is not None:
        headers["Retry-After"] = str(problem.retry_after)
    return headers


def problem_page(slug: str) -> str | None:
    """A page for people on one kind of problem, or None when there is no such kind."""
    kind = CATALOGUE.get(slug)
    return _page(kind) if kind else None


def _page(kind: ProblemType) -> str:
    title, detail, remedy = (html.escape(i18n.texts()[kind.slug][part]) for part in ("title", "detail", "remedy"))
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>{title}</title><style>body{{font:1.1rem/1.6 system-ui;max-width:40rem;margin:4rem auto;"
        f"padding:0 1rem}}</style><h1>{title}</h1><p>{detail}.</p><h2>What to do</h2><p>{remedy}</p>"
        f"<p><small>Status {kind.status} · code {kind.code} · {kind.i18n_key}</small></p></html>"
    )


def _field(violation: Violation, facts: RequestFacts) -> dict[str, Any]:
    told: dict[str, Any] = {
        "field": violation.field,
        "code": violation.code,
        "description": i18n.text("violations", violation.code, {"reason": violation.reason}),
    }
    if facts.development and violation.value is not None:
        told["value"] = violation.value
    return told


def _instance(facts: RequestFacts) -> str:
    path = quote(facts.path)
    if not facts.query:
        return path
    pairs = parse_qsl(facts.query.decode("latin-1"), keep_blank_values=True)
    shown = [(name, "***" if _is_secret(name, value) else value) for name, value in pairs]
    return f"{path}?{urlencode(shown, safe='*')}"


def _is_secret(name: str, value: str) -> bool:
    return bool(_SECRET_NAMES.search(name) or _SECRET_VALUES.search(value))
