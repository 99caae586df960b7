"""Sessions and their tokens as the contract writes them."""

from autional.api.schemas import CreateSessionData, SessionResponse, TokenPairResponse
from autional.sessions import Created, Session
from autional.tokens import TokenPair


def created_data(created: Created) -> CreateSessionData:
    """A new session and its tokens; whoever may create a session sees all of it."""
    return CreateSessionData(
        session=session_response(created.session, whole=True),
        tokens=token_pair(created.tokens),
    )


def token_pair(pair: TokenPair) -> TokenPairResponse:
    """A pair of tokens (RFC 6749 §5.1)."""
    return TokenPairResponse(
        access_token=pair.access_token, refresh_token=pair.refresh_token, expires_in=pair.expires_in
    )


def session_response(session: Session, *, whole: bool) -> SessionResponse:
    """A session: `whole` with what only administrators and services see."""
    response = SessionResponse(
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
        geoip=located(session),
    )
    if whole:
        response.app_id = session.app_id
        response.browser = session.browser
        response.os = session.os
        response.role = session.role
        response.aal = session.aal
        response.risk_score = session.risk_score
        response.device_model = session.device_model
        response.revoked_at = session.revoked_at
        response.revoke_reason = session.revoke_reason
    return response


def located(session: Session) -> str | None:
    """Where a session began, such as "Beijing, CN"; None where nobody knows."""
    return ", ".join(filter(None, (session.city, session.country))) or None
