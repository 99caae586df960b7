"""Dispatch: from a request to the function of its operation, and from its result to a response.

What does not depend on a request is done once, when the service starts.
"""

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any

from autional.access.authentication import ClaimedCaller
from autional.access.caller import Caller
from autional.api import audited
from autional.api.arguments import argument_parser, argument_reader
from autional.api.credentials import credential_reader
from autional.api.model import Arguments, Call, Operation
from autional.api.problem_response import log_security_event
from autional.api.request import UNVERIFIED, Request
from autional.api.response import Response, response_writer
from autional.core import clock, problems
from autional.core.problems import Problem
from autional.postgres.database import Database
from autional.postgres.queries import Lookup, look_up
from autional.runtime.service import Service
from autional.tenancy import tenants

Handler = Callable[[Request, Mapping[str, str]], Awaitable[Response]]


def handler_of(running: Service, operation: Operation) -> Handler:
    """The function that handles the requests of an operation: authenticate, parse, run, respond."""
    read_caller_and_arguments = _reader(running, operation)
    run = _runner(operation)
    respond = response_writer(operation)
    share, work, has_caller = running.database.share, operation.work, not operation.access.anyone
    logged_as = operation.audit_action if operation.access.clients else None

    async def handle(request: Request, path: Mapping[str, str]) -> Response:
        caller, arguments = await read_caller_and_arguments(request, path)
        request.caller = caller
        _ = request.idempotency_key  # refused where it is malformed, whether or not the operation honours it
        database = share(work, caller.tenant_id if has_caller else path.get("tenant_id"))
        result = await run(Call(running, database, caller, clock.now(), running.at(), request), arguments)
        if logged_as is not None:
            log_security_event(running, request, logged_as)
        return respond(request, result)

    return handle


Invoke = Callable[[Request, Caller, Mapping[str, str], bytes, bytes], Awaitable[Any]]
"""Runs an operation for a verified caller, given the parameters in its path, a query string and a JSON body."""


def invoker_of(running: Service, operation: Operation) -> Invoke:
    """The function that runs an operation for who is signed in to the console, with what its handler would check.

    It raises the Problem MISSING_ROLE, and those of the operation.
    """
    parse = argument_parser(operation)
    run = _runner(operation)
    share, roles = running.database.share, operation.access.bearers

    async def invoke(
        request: Request, caller: Caller, path: Mapping[str, str], query_string: bytes, body: bytes
    ) -> Any:
        if caller.role not in roles:
            raise Problem(problems.MISSING_ROLE, role=caller.role, allowed=", ".join(sorted(roles)))
        arguments = parse(path, query_string, body)
        database = share(operation.work, caller.tenant_id)
        if operation.preload is not None:
            lookup = operation.preload(running, caller, **arguments.keywords)
            preloaded = await look_up(database, lookup) if lookup else None
            arguments = arguments._replace(keywords={**arguments.keywords, "preloaded": preloaded})
        return await run(Call(running, database, caller, clock.now(), running.at(), request), arguments)

    return invoke


def _runner(operation: Operation) -> Callable[[Call, Arguments], Awaitable[Any]]:
    function = operation.function
    is_audited = operation.audit_action is not None

    async def run(call: Call, arguments: Arguments) -> Any:
        if is_audited and call.caller.administers:
            return await audited.run_audited(call, operation, arguments)
        return await function(call, **arguments.keywords)

    return run


def _reader(
    running: Service, operation: Operation
) -> Callable[[Request, Mapping[str, str]], Awaitable[tuple[Caller, Arguments]]]:
    """The function that verifies the caller and reads the arguments, with what the operation preloads."""
    read_arguments = argument_reader(operation, running.settings.body_limit)
    read_credential = credential_reader(running, operation.access)
    database, preload = running.database, operation.preload

    async def read_anyone(request: Request, path: Mapping[str, str]) -> tuple[Caller, Arguments]:
        return UNVERIFIED, await read_arguments(request, path)

    async def read(request: Request, path: Mapping[str, str]) -> tuple[Caller, Arguments]:
        running.issuer.must_be_recent()
        claimed = read_credential(request)
        try:
            arguments = await read_arguments(request, path)
        except Problem:
            # a caller without access learns nothing about its arguments
            _must_be_allowed(await _verified(database, claimed), path)
            raise
        if preload is None:
            return _must_be_allowed(await _verified(database, claimed), path), arguments
        # the scope of such a key is known only from its row, and what is preloaded depends on it
        at_once = claimed.caller.kind != "api_key" or not operation.access.bearers
        prepare = partial(preload, running, **arguments.keywords)
        caller, preloaded = await _with_preload(database, claimed, prepare, at_once=at_once)
        return _must_be_allowed(caller, path), arguments._replace(
            keywords={**arguments.keywords, "preloaded": preloaded}
        )

    return read_anyone if operation.access.anyone else read


def _must_be_allowed(caller: Caller, path: Mapping[str, str]) -> Caller:
    """The caller; who acts for a user only on its own session. Raises the Problem AGENT_NOT_PERMITTED."""
    if caller.is_agent and path.get("session_id") != caller.session_id:
        raise Problem(problems.AGENT_NOT_PERMITTED)
    return caller


async def _with_preload(
    database: Database, claimed: ClaimedCaller, prepare: Callable[[Caller], Lookup[Any] | None], *, at_once: bool
) -> tuple[Caller, Any]:
    """Verify the caller and look up what the operation preloads, in one round trip if possible."""
    if not at_once:
        caller = await _verified(database, claimed)
        lookup = prepare(caller)
        return caller, await look_up(database, lookup) if lookup else None
    if lookup := prepare(claimed.caller):
        caller, preloaded = await database.look_up_both(claimed.lookup, lookup)
        return await _in_enabled_tenant(database, caller), preloaded
    return await _verified(database, claimed), None


async def _verified(database: Database, claimed: ClaimedCaller) -> Caller:
    return await _in_enabled_tenant(database, await look_up(database, claimed.lookup))


async def _in_enabled_tenant(database: Database, caller: Caller) -> Caller:
    """The caller. On Citus the tenant of a key, or another than its own, is on a node that was not asked yet.

    Raises the Problem TENANT_NOT_FOUND.
    """
    if database.on_citus and (caller.kind == "api_key" or caller.home_tenant is not None):
        await tenants.require_enabled(database.share("hot", caller.tenant_id), caller.tenant_id)
    return caller
