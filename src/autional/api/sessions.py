"""Operations on sessions."""

from autional import sessions
from autional.api.kernel import Call
from autional.api.schemas import (
    CreateSessionData,
    CreateSessionRequest,
    DataResponse,
    RevokeRequest,
    SessionResponse,
    TokenPairResponse,
)
from autional.sessions import Created, Login, Session

_NO_REASON = "unspecified"


async def create_internally(call: Call, body: CreateSessionRequest) -> DataResponse[CreateSessionData]:
    """A service begins a session for a user whom it has authenticated."""
    login = Login(
        user_id=body.auth_user_id,
        role=body.role,
        amr=body.amr,
        app_id=body.app_id,
        device_id=body.device_id,
        device_fingerprint=body.device_fingerprint,
        device_type=body.device_type,
        browser=body.browser,
        os=body.os,
        user_agent=body.user_agent,
        ip=str(body.ip) if body.ip else None,
    )
    created = await sessions.create(call.service.database, call.service.issuer, call.caller.tenant_id, login, call.now)
    return DataResponse(data=_created(created), timestamp=call.now)


async def revoke(call: Call, session_id: str, body: RevokeRequest) -> None:
    """End a session: a user one of its own, an administrator any of the tenant."""
    only_of = None if call.caller.administers else call.caller.user_id
    await sessions.end(
        call.service.database, call.caller.tenant_id, session_id, body.reason or _NO_REASON, call.now, only_of
    )


def _created(created: Created) -> CreateSessionData:
    return CreateSessionData(
        session=_session(created.session),
        tokens=TokenPairResponse(
            access_token=created.tokens.access_token,
            refresh_token=created.tokens.refresh_token,
            expires_in=created.tokens.expires_in,
        ),
    )


def _session(session: Session) -> SessionResponse:
    return SessionResponse(
        id=session.session_id,
        tenant_id=session.tenant_id,
        user_id=session.user_id,
        status=session.status,
        device_type=session.device_type,
        amr=",".join(session.amr),
        created_at=session.created_at,
        authenticated_at=session.created_at,
        last_active_at=session.last_active_at,
        expires_at=session.expires_at,
        idle_expires_at=session.idle_expires_at,
        device_id=session.device_id,
        ip=session.ip,
        user_agent=session.user_agent,
        app_id=session.app_id,
        browser=session.browser,
        os=session.os,
        role=session.role,
        aal=session.aal,
    )
