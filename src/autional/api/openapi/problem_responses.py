"""The Problems that an operation may answer with, by status."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from autional.api.model import Operation
from autional.api.openapi.schemas import REFERENCE
from autional.api.problem_body import JSON, PROBLEM_TYPE
from autional.api.schemas import ProblemResponse
from autional.core import i18n, problems
from autional.core.problems import CATALOGUE, ProblemType

_ALWAYS = (
    problems.INVALID_PARAMETER,
    problems.MALFORMED_REQUEST,
    problems.URL_TOO_LONG,
    problems.HEAD_TOO_LARGE,
    problems.INTERNAL,
    problems.UNAVAILABLE,
    problems.NOT_ON_CITUS,
    problems.NOT_WHERE_SPLIT,
    problems.OVERLOADED,
    problems.TOO_MANY_CONNECTIONS,
)
_WITH_BODY = (
    problems.MALFORMED_JSON,
    problems.BODY_TOO_LARGE,
    problems.UNSUPPORTED_MEDIA_TYPE,
    problems.REQUEST_TOO_SLOW,
)
_BEARERS = (problems.AGENT_NOT_PERMITTED, problems.INVALID_TOKEN, problems.EXPIRED_TOKEN, problems.SESSION_OVER)
_KEYS = (problems.INVALID_API_KEY, problems.TENANT_REQUIRED)
_IN_A_TENANT = (problems.MISSING_ROLE, problems.TENANT_NOT_FOUND)
_CREDENTIALS = (problems.MISSING_CREDENTIAL, problems.FOREIGN_TENANT)
_RETRYABLE = {429, 503}
_INVALID_FIELD = {
    "field": "filter.ip",
    "code": "format",
    "description": "Must be an IPv4 or IPv6 address or CIDR block",
}
_ARGUMENTS = {
    "limit": 65536,
    "expected": "application/json",
    "accepted": "Authorization: Bearer",
    "role": "user",
    "allowed": "admin",
    "reason": "signing keys",
}


def problems_of(row: Operation) -> list[ProblemType]:
    """Every Problem that an operation may answer with, by code."""
    access = row.access
    kinds = {*_ALWAYS, *row.problems}
    kinds |= {*_WITH_BODY} if row.method != "GET" else set()
    kinds |= {problems.ROUTE_NOT_FOUND} if "{" in row.path else set()
    kinds |= set() if access.anyone else {*_CREDENTIALS}
    kinds |= {*_BEARERS} if access.bearers else set()
    kinds |= {*_KEYS} if access.keys else set()
    kinds |= {problems.INVALID_API_KEY} if access.clients else set()
    kinds |= {*_IN_A_TENANT} if access.bearers or access.keys else set()
    return sorted(kinds, key=lambda kind: kind.code)


def problem_responses(row: Operation) -> dict[str, Any]:
    """The responses other than success."""
    by_status: dict[int, list[ProblemType]] = defaultdict(list)
    for kind in problems_of(row):
        by_status[kind.status].append(kind)
    return {str(status): _response(status, kinds) for status, kinds in sorted(by_status.items())}


def problem_examples() -> dict[str, Any]:
    """An example of every Problem, by its slug."""
    return {slug: {"summary": i18n.text(slug, "title"), "value": _example(kind)} for slug, kind in CATALOGUE.items()}


def _response(status: int, kinds: Iterable[ProblemType]) -> dict[str, Any]:
    schema = {"$ref": REFERENCE.format(name=ProblemResponse.__name__)}
    examples = {kind.slug: {"$ref": f"#/components/examples/{kind.slug}"} for kind in kinds}
    response: dict[str, Any] = {
        "description": " · ".join(i18n.text(kind.slug, "title") for kind in kinds),
        "content": {PROBLEM_TYPE: {"schema": schema, "examples": examples}, JSON: {"schema": schema}},
    }
    if status in _RETRYABLE:
        seconds = {"description": "Seconds until a retry is useful", "schema": {"type": "integer", "minimum": 0}}
        response["headers"] = {"Retry-After": seconds}
    if status == 401:
        response["headers"] = {"WWW-Authenticate": {"description": "RFC 6750 §3", "schema": {"type": "string"}}}
    return response


def _example(kind: ProblemType) -> dict[str, Any]:
    return {
        "type": f"https://sessions.example/problems/{kind.slug}",
        "title": i18n.text(kind.slug, "title"),
        "status": kind.status,
        "detail": i18n.text(kind.slug, "detail", _ARGUMENTS),
        "instance": "/sessions",
        "code": kind.code,
        "service": "session-service",
        "request_id": "req_0d8b7f6e-5a4c-4b3a-9f2e-1c0d9e8f7a6b",
        "trace_id": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "span_id": "b7ad6b7169203331",
        "timestamp": "2026-04-15T10:00:00Z",
        "i18n_key": kind.i18n_key,
    } | ({"errors": [_INVALID_FIELD]} if kind is problems.INVALID_PARAMETER else {})
