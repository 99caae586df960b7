"""From an error to the Problem that answers it, and its entry in the logs."""

import secrets
import uuid

import falcon
import structlog
from falcon.asgi import Request, Response

from autional.api.problem_body import JSON, PROBLEM_TYPE, RequestFacts, problem_body, problem_headers
from autional.api.request_context import ClientGoneError, address_of, language_of, public_url
from autional.audit.personal_values import person_hash
from autional.core import clock, problems
from autional.core.errors import DatabaseUnavailableError
from autional.core.problems import Problem
from autional.core.security_log import security
from autional.runtime.service import Service

_RETRY_UNAVAILABLE = 1

log = structlog.get_logger()

_NOTED = {401, 403, 429}


async def answer_problem(running: Service, request: Request, response: Response, problem: Problem) -> None:
    """Answer a request by a problem, in the media type that the client can read."""
    if problem.kind.status in _NOTED:
        note_in_security_log(running, request, problem.kind.slug)
    facts = request_facts(running, request)
    only_json = not request.client_accepts(PROBLEM_TYPE) and request.client_accepts(JSON)
    response.status = problem.kind.status
    response.content_type = JSON if only_json else PROBLEM_TYPE
    response.data = problem_body(problem, facts)
    response.text = None
    response.set_header("Cache-Control", "no-store")
    response.append_header("Vary", "Accept, Accept-Language")
    for name, value in problem_headers(problem, facts.oauth).items():
        response.set_header(name, value)


def as_problem(error: Exception, request: Request) -> Problem:
    """Whatever went wrong, as something that may be shown; the log keeps the cause under the same request id."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, falcon.HTTPNotFound):
        return Problem(problems.ROUTE_NOT_FOUND)
    if isinstance(error, falcon.HTTPMethodNotAllowed):
        return Problem(problems.METHOD_NOT_ALLOWED)
    if isinstance(error, ClientGoneError) or (isinstance(error, falcon.HTTPError) and error.status_code < 500):
        return Problem(problems.MALFORMED_REQUEST)
    if isinstance(error, DatabaseUnavailableError):
        log.warning("database unavailable", request_id=request.context.request_id, cause=str(error))
        return Problem(problems.UNAVAILABLE, retry_after=_RETRY_UNAVAILABLE)
    log.error("internal error", request_id=request.context.request_id, exc_info=error)
    return Problem(problems.INTERNAL)


def refusal(problem: Problem) -> tuple[str, bytes]:
    """The id and the body of the answer to what is refused before it is a request."""
    request_id, trace, span = f"req_{uuid.uuid4()}", secrets.token_hex(16), secrets.token_hex(8)
    log.info("refused before it was read", request_id=request_id, problem=problem.kind.slug)
    facts = RequestFacts("", "", b"", request_id, f"00-{trace}-{span}-01", span, clock.now())
    return request_id, problem_body(problem, facts)


def request_facts(running: Service, request: Request) -> RequestFacts:
    host, port = request.scope["server"]
    return RequestFacts(
        base_url=public_url(running.settings, f"[{host}]" if ":" in host else host, port),
        path=request.scope["raw_path"].decode("ascii"),
        query=request.scope["query_string"],
        request_id=request.context.request_id,
        trace_id=request.context.trace_id,
        span_id=request.context.span_id,
        now=clock.now(),
        language=language_of(request),
        development=running.settings.development,
        oauth=request.path.startswith("/oauth2/"),
    )


def note_in_security_log(running: Service, request: Request, kind: str) -> None:
    """Write into the security log what a call was refused for, or did to a token."""
    caller = request.context.caller
    home = caller.home_tenant or caller.tenant_id
    subject = person_hash(running.subject_key, home, caller.user_id).hex() if caller.user_id else None
    security.note(
        kind,
        caller.tenant_id,
        method=request.method,
        route=request.uri_template,
        request_id=request.context.request_id,
        address=address_of(running, request),
        subject=subject,
        key_id=caller.key_id,
        role=caller.role,
    )
