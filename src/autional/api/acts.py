"""How the act of an administrator or a service is done: together with its entry in the audit log."""

from typing import Any, NamedTuple

from autional import audit
from autional.api.calls import Call, Operation
from autional.audit import Act
from autional.texts import plain

_HIDDEN = "***"
_SECRETS = {"token", "access_token", "refresh_token", "subject_token", "dry_run_token", "device_fingerprint"}


class Origin(NamedTuple):
    """Where a request came from."""

    request_id: str
    ip: str | None
    user_agent: str | None


async def done_and_written(call: Call, operation: Operation, arguments: dict[str, Any], origin: Origin) -> Any:
    """Do it and write it down in one transaction; what works in many is written down first."""
    if operation.in_pieces:
        await _write(call, operation, arguments, origin)
        return await operation.function(call, **arguments)
    async with call.service.database.transaction() as transaction:
        call = call._replace(database=transaction)
        before = await _state(call, operation)
        result = await operation.function(call, **arguments)
        await _write(call, operation, arguments, origin, before=before, after=await _state(call, operation))
    return result


async def _state(call: Call, operation: Operation) -> Any:
    """What the act replaces, as it is at this moment."""
    return plain(await operation.before(call)) if operation.before else None


async def _write(call: Call, operation: Operation, arguments: dict[str, Any], origin: Origin, **states: Any) -> None:
    shown = {} if operation.conceals else arguments
    told = {name: plain(value) for name, value in shown.items() if name not in {"query", "body", "found"}}
    details = {
        "actor": call.caller.user_id or call.caller.key_id,
        "actor_tenant": call.caller.home_tenant,
        "actor_session": call.caller.session_id,
        "role": call.caller.role,
        "ip": origin.ip,
        "user_agent": origin.user_agent,
        "target": {name: _HIDDEN if name in _SECRETS else value for name, value in told.items()},
        "request": _without_secrets(plain(shown.get("body"))),
        **states,
    }
    kept = {name: value for name, value in details.items() if value not in (None, {})}
    act = Act(operation.act or "", origin.request_id, kept)
    await audit.append(call.database, call.caller.tenant_id, act, call.at)


def _without_secrets(given: Any) -> Any:
    if not isinstance(given, dict):
        return given
    hidden = {name: _HIDDEN if name in _SECRETS else value for name, value in given.items()}
    return {name: value for name, value in hidden.items() if value is not None}
