"""Audited actions: an administrator's or a service's operation, run in one transaction with its audit entry."""

from collections.abc import Sequence
from typing import Any

from autional.access import introspection
from autional.access.caller import Caller
from autional.api.model import Arguments, Call, Operation
from autional.api.request import Origin
from autional.audit import log as audit_log
from autional.audit import personal_values
from autional.audit.log import NewEntry
from autional.core.formats import to_builtins
from autional.events.security_events import named_user
from autional.postgres.queries import Queries, with_retry

_HIDDEN = "***"
_SUBJECTS = {"sub_id", "subject"}
_TOKENS = {"token", "access_token", "refresh_token", "subject_token", "dry_run_token"}
_SECRETS = _TOKENS | {"authorization_header", "device_fingerprint"}


async def run_audited(call: Call, operation: Operation, arguments: Arguments) -> Any:
    """Run an operation and append its audit entry in one transaction; non-transactional ones are recorded first."""
    tenant_id = _tenant_of(call, arguments)
    if tenant_id is None:
        return await operation.function(call, **arguments.keywords)
    if operation.non_transactional:
        await _write(call, operation, arguments, [tenant_id])
        return await operation.function(call, **arguments.keywords)

    async def work() -> Any:
        async with call.database.transaction() as transaction:
            await record_actor(transaction, call.caller, call.request.request_id)
            inside = call._replace(database=transaction)
            before = await _state(inside, operation)
            result = await operation.function(inside, **arguments.keywords)
            logs = _logs(inside, operation, arguments, result)
            states = {
                "before": before,
                "after": await _state(inside, operation),
                "created": getattr(result, "id", None) if operation.status == 201 else None,
            }
            await _write(inside, operation, arguments, logs, **states)
        return result

    return await with_retry(work)


async def record_actor(queries: Queries, caller: Caller, request_id: str) -> None:
    """Tell the rest of the transaction who acts, so that revocations record it."""
    await queries.rows("act_by", caller.user_id, caller.home_tenant, caller.key_id, request_id)


def who_and_whence(caller: Caller, origin: Origin) -> dict[str, Any]:
    """What an entry of the audit log says about who acts, and from where."""
    return {
        "actor": caller.user_id or caller.key_id,
        "actor_session": caller.session_id,
        "role": caller.key_role or caller.role,
        "via": caller.kind if caller.kind == "console" else None,
        "ip": origin.ip,
        "user_agent": origin.user_agent,
    }


def _tenant_of(call: Call, arguments: Arguments) -> str | None:
    """The tenant of the action: for a client that of the token it sends, if its key is valid there."""
    if call.caller.kind != "client":
        return call.caller.tenant_id
    body = arguments.body
    token = getattr(body, "subject_token", None) or getattr(body, "token", None) or ""
    named = introspection.parse_token(call.service.issuer, token)
    return named.tenant_id if named and call.caller.acts_for(named.tenant_id) else None


async def _state(call: Call, operation: Operation) -> Any:
    """The current state that the operation replaces."""
    return to_builtins(await operation.replaces(call)) if operation.replaces else None


async def _write(call: Call, operation: Operation, arguments: Arguments, logs: Sequence[str], **states: Any) -> None:
    if operation.audit_action is None:
        return
    path, body = ({}, None) if operation.hide_target else (arguments.path, arguments.body)
    origin = call.request.origin(call.service.settings)
    details = {
        **who_and_whence(call.caller, origin),
        "target": {name: _HIDDEN if name in _SECRETS else value for name, value in path.items()},
        "request": _without_secrets(to_builtins(body)),
        "subject": _subject(call, arguments) if operation.hide_target else None,
        **states,
    }
    actor_tenant = call.caller.home_tenant or call.caller.tenant_id
    for log in logs:
        home = actor_tenant if call.caller.user_id and actor_tenant != log else None
        kept = {name: value for name, value in (details | {"actor_tenant": home}).items() if value not in (None, {})}
        act = NewEntry(operation.audit_action, origin.request_id, kept, call.caller.user_id, home)
        await audit_log.append(call.database, call.service.subject_key, log, act, call.at)


def _logs(call: Call, operation: Operation, arguments: Arguments, result: Any) -> list[str]:
    """The tenants in whose logs the act stands; the platform's for what belongs to no tenant."""
    if operation.logs is None:
        return [_tenant_of(call, arguments) or ""]
    return operation.logs(arguments, result) or [audit_log.PLATFORM]


def _subject(call: Call, arguments: Arguments) -> str:
    """The keyed hash of the user whom the body names."""
    return personal_values.person_hash(call.service.subject_key, call.caller.tenant_id, arguments.body.user_id).hex()


def _without_secrets(given: Any) -> Any:
    """What was sent, without secrets; of a subject identifier (RFC 9493) only the user whom it names."""
    if not isinstance(given, dict):
        return given
    kept: dict[str, Any] = {}
    for name, value in given.items():
        if name in _SUBJECTS and isinstance(value, dict):
            kept["user_id"] = named_user(value)
        elif value is not None:
            kept[name] = _HIDDEN if name in _SECRETS else _without_secrets(value)
    return kept
