"""Problem responses: from an error to its Problem, its response and its log entries."""

import secrets
from typing import Literal

import structlog

from autional.api.problem_body import JSON, PROBLEM_TYPE, RequestFacts, problem_body, problem_headers
from autional.api.request import Request, new_request_id, public_url
from autional.api.response import NOT_STORED, Response
from autional.audit.personal_values import person_hash
from autional.core import clock, problems
from autional.core.errors import DatabaseUnavailableError, NotOnCitusError
from autional.core.problems import Problem
from autional.core.security_log import security
from autional.runtime.service import Service

_RETRY_UNAVAILABLE = 1

log = structlog.get_logger()

_NOTED = {401, 403, 429}


def problem_response(running: Service, request: Request, problem: Problem) -> Response:
    """The response for a Problem, in a media type that the client accepts."""
    if problem.kind.status in _NOTED:
        log_security_event(running, request, problem.kind.slug)
    facts = request_facts(running, request)
    only_json = not request.accepts(PROBLEM_TYPE) and request.accepts(JSON)
    headers = [
        (b"content-type", (JSON if only_json else PROBLEM_TYPE).encode()),
        NOT_STORED,
        (b"vary", b"Accept, Accept-Language"),
    ]
    more = problem_headers(problem, facts.protocol == "oauth").items()
    headers += [(name.lower().encode(), value.encode()) for name, value in more]
    return Response(problem.kind.status, headers, problem_body(problem, facts))


def problem_of(error: Exception, request: Request) -> Problem:
    """The Problem for any error; the log has the cause under the same request id."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, DatabaseUnavailableError):
        log.warning("database unavailable", request_id=request.request_id, cause=str(error))
        return Problem(problems.UNAVAILABLE, retry_after=_RETRY_UNAVAILABLE)
    if isinstance(error, NotOnCitusError):
        log.warning("not available on Citus", request_id=request.request_id, cause=str(error))
        return Problem(problems.NOT_ON_CITUS)
    log.error("internal error", request_id=request.request_id, exc_info=error)
    return Problem(problems.INTERNAL)


def refusal_before_parsing(problem: Problem) -> tuple[str, bytes]:
    """Id and body of the answer to what is refused before it is parsed."""
    request_id, trace, span = new_request_id(), secrets.token_hex(16), secrets.token_hex(8)
    log.info("refused before it was read", request_id=request_id, problem=problem.kind.slug)
    facts = RequestFacts("", "", b"", request_id, f"00-{trace}-{span}-01", span, clock.now())
    return request_id, problem_body(problem, facts)


def request_facts(running: Service, request: Request) -> RequestFacts:
    """What a Problem says about this request."""
    host, port = request.scope["server"]
    trace = request.trace
    return RequestFacts(
        base_url=public_url(running.settings, f"[{host}]" if ":" in host else host, port),
        path=request.scope["raw_path"].decode("ascii"),
        query=request.scope["query_string"],
        request_id=request.request_id,
        trace_id=trace.traceparent,
        span_id=trace.span_id,
        now=clock.now(),
        language=request.language,
        development=running.settings.development,
        protocol=_protocol(request.route or ""),
    )


def _protocol(route: str) -> Literal["oauth", "events"] | None:
    if route.startswith("/oauth2/"):
        return "oauth"
    return "events" if route.startswith(("/ssf/", "/global-token-revocation")) else None


def log_security_event(running: Service, request: Request, kind: str) -> None:
    """Log in the security log why a call was refused, or what it did to a token."""
    caller = request.caller
    home = caller.home_tenant or caller.tenant_id
    subject = person_hash(running.subject_key, home, caller.user_id).hex() if caller.user_id else None
    security.note(
        kind,
        caller.tenant_id,
        method=request.method,
        route=request.route,
        request_id=request.request_id,
        address=request.address(running.settings),
        subject=subject,
        key_id=caller.key_id,
        role=caller.role,
    )
