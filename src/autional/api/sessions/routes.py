"""Create, get, validate and revoke sessions."""

import hashlib
from typing import Literal

from autional.access.caller import Caller
from autional.access.console import APP_ID
from autional.api import audited
from autional.api.model import Call, may_raise
from autional.api.schemas import CountedResponse, DataResponse, SimpleResponse
from autional.api.sessions.agents import login_of_agent
from autional.api.sessions.responses import created_data, revoked_by, session_response
from autional.api.sessions.schemas import (
    ActivityRequest,
    CreateSessionData,
    GetSessionData,
    RevokeRequest,
)
from autional.api.tokens.schemas import TokenValidationResponse
from autional.core import problems
from autional.core.formats import as_json
from autional.core.problems import Problem, Violation
from autional.postgres.queries import Lookup, database_time
from autional.risk import trusted_devices
from autional.runtime.service import Service
from autional.sessions.creation import create_session
from autional.sessions.expiry import purge_expired_sessions
from autional.sessions.lifecycle import note_user_agent, revoke_session, touch_session, who_revoked
from autional.sessions.listing import session_lookup
from autional.sessions.model import (
    ENDED_BY_ADMINISTRATOR,
    SIGNED_OUT,
    SIGNED_OUT_EVERYWHERE,
    Created,
    IdempotentRequest,
    Login,
    Session,
)
from autional.sessions.sign_out import sign_out_user

_CREATION = (
    problems.ROLE_TOO_HIGH,
    problems.LEVEL_TOO_HIGH,
    problems.IDEMPOTENCY_KEY_REUSED,
    problems.TOO_MANY_SESSIONS,
    problems.SESSION_NOT_FOUND,
)


@may_raise(*_CREATION)
async def create_internally(call: Call, body: Login) -> DataResponse[CreateSessionData]:
    """Create a session as a service.

    Begin a session of a user whom the service has authenticated, and get its tokens. A repeat under the same
    `Idempotency-Key` gets the same answer, or 404 if its tokens are no longer on record. With `act` it is the
    session of an agent that acts for the user.
    """
    return DataResponse(data=created_data(await _create(call, body, "internal"), call.caller), timestamp=call.now)


@may_raise(problems.OWN_SESSION, *_CREATION)
async def create(call: Call, body: Login) -> CreateSessionData:
    """Create a session.

    For administrators: begin a session of a user of the tenant, up to the caller's own role and assurance level,
    and get its tokens.
    """
    return created_data(await _create(call, body, "public"), call.caller)


def session_preload(running: Service, caller: Caller, session_id: str) -> Lookup[Session]:
    """What to ask for a session: a user one of its own, an administrator any of the tenant."""
    return session_lookup(caller.scope, session_id, running.at())


@may_raise(problems.SESSION_NOT_FOUND)
async def get(call: Call, session_id: str, preloaded: Session) -> GetSessionData:
    """Get a session.

    Administrators also see who revoked it.
    """
    response = session_response(preloaded, call.caller)
    if call.caller.administers and preloaded.status == "revoked":
        response.revoked_by = revoked_by(await who_revoked(call.database, preloaded.tenant_id, session_id))
    return GetSessionData(session=response)


@may_raise(problems.SESSION_NOT_FOUND)
async def validate(call: Call, session_id: str, preloaded: Session) -> TokenValidationResponse:
    """Validate a session.

    Whether it is active, with what is known of its user; otherwise why not, and what the user must prove to sign
    in again.
    """
    if preloaded.status != "active":
        return TokenValidationResponse(
            valid=False, error=f"session_{preloaded.status}", reauthentication=await _reauthentication(call, preloaded)
        )
    claims = {
        "sub": preloaded.user_id,
        "tenant_id": preloaded.tenant_id,
        "session_id": preloaded.session_id,
        "role": preloaded.role,
        "amr": preloaded.amr,
        "acr": f"aal{preloaded.aal}",
        "auth_time": int((preloaded.authenticated_at or preloaded.created_at).timestamp()),
        "exp": int(preloaded.idle_expires_at.timestamp()),
    } | ({"act": preloaded.act} if preloaded.act else {})
    return TokenValidationResponse(valid=True, claims=claims)


@may_raise(problems.SESSION_NOT_FOUND, problems.ROLE_TOO_HIGH)
async def record_activity(call: Call, session_id: str, body: ActivityRequest) -> SimpleResponse:
    """Record activity in a session.

    Moves its idle deadline, never beyond the absolute one.
    """
    caller = call.caller
    await touch_session(call.database, caller.authority, caller.scope, session_id, call.at)
    if body.user_agent is not None:
        await note_user_agent(call.database, caller.tenant_id, session_id, str(body.user_agent), call.at)
    return SimpleResponse(timestamp=call.now)


@may_raise(problems.SESSION_NOT_FOUND)
async def revoke(call: Call, session_id: str, body: RevokeRequest) -> None:
    """Revoke a session.

    Administrators and services revoke any session of the tenant, users only their own. A session that has already
    ended stays as it ended.
    """
    caller = call.caller
    if caller.administers:
        reason = body.reason or (SIGNED_OUT if session_id == caller.session_id else ENDED_BY_ADMINISTRATOR)
        await revoke_session(call.database, caller.scope, session_id, reason, call.at)
        return
    async with call.database.transaction() as queries:
        await audited.record_actor(queries, call.caller, call.request.request_id)
        await revoke_session(queries, caller.scope, session_id, body.reason or SIGNED_OUT, call.at)


async def revoke_user_sessions(call: Call, user_id: str, body: RevokeRequest) -> CountedResponse:
    """Revoke all sessions of a user."""
    reason = body.reason or SIGNED_OUT_EVERYWHERE
    ended = await sign_out_user(call.database, call.caller.tenant_id, user_id, reason, call.at)
    return CountedResponse(timestamp=call.now, sessions=ended)


async def delete_expired_sessions(call: Call) -> CountedResponse:
    """Remove the records of expired sessions.

    They leave the statistics and are added to the lifetime totals.
    """
    now = await database_time(call.database, call.at)
    removed = await purge_expired_sessions(call.database, call.caller.tenant_id, now)
    return CountedResponse(timestamp=call.now, sessions=removed)


async def _reauthentication(call: Call, session: Session) -> Literal["shortened", "full"] | None:
    """What its user has to prove to go on: less only after an idle end, before the absolute deadline, on a device that
    the user trusts (NIST SP 800-63B-4 §5.1)."""
    if session.status != "expired":
        return None
    seen = await trusted_devices.sightings(call.database, session.tenant_id, session.session_id, call.at)
    return "shortened" if seen.is_trusted and not seen.is_past_absolute else "full"


async def _create(call: Call, login: Login, operation: str) -> Created:
    if login.app_id == APP_ID:
        raise Problem(problems.INVALID_PARAMETER, violations=[Violation("app_id", "value", "Is the console's own")])
    retry = None
    if call.request.idempotency_key is not None:
        request_hash = hashlib.sha256(as_json(login)).digest()
        caller = call.caller  # the key is its own, for this operation
        owner = [
            operation,
            caller.kind,
            caller.home_tenant,
            caller.user_id,
            caller.key_id,
            call.request.idempotency_key,
        ]
        retry = IdempotentRequest(as_json(owner).decode(), request_hash)
    login, parent = await login_of_agent(call, login)
    return await create_session(
        call.database,
        call.service.issuer,
        call.caller.authority,
        login,
        call.at,
        retry,
        location=call.service.geoip.locate(login.ip),
        fingerprint_hash=_fingerprint_hash(call, login.device_fingerprint),
        parent=parent,
    )


def _fingerprint_hash(call: Call, fingerprint: str | None) -> str | None:
    if fingerprint is None:
        return None
    return trusted_devices.fingerprint_hash(call.service.fingerprint_key, call.caller.tenant_id, fingerprint)
