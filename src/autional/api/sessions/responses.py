"""Responses about sessions."""

from typing import Literal

import msgspec

from autional.access.caller import Caller
from autional.api.sessions.schemas import CreateSessionData, RevokedBy, SessionResponse
from autional.api.tokens.responses import token_pair
from autional.sessions.lifecycle import Revoker
from autional.sessions.model import Actor, Created, Session


def created_data(created: Created, caller: Caller) -> CreateSessionData:
    """A new session and its tokens."""
    return CreateSessionData(
        session=session_response(created.session, caller),
        tokens=token_pair(created.tokens),
    )


def session_response(session: Session, caller: Caller) -> SessionResponse:
    """A session as a caller sees it: administrators and services see more than users."""
    response = SessionResponse(
        id=session.session_id,
        tenant_id=session.tenant_id,
        user_id=session.user_id,
        status=session.status,
        device_type=session.device_type,
        amr=",".join(session.amr),
        created_at=session.created_at,
        authenticated_at=session.authenticated_at or session.created_at,
        last_active_at=session.last_active_at,
        expires_at=session.expires_at,
        idle_expires_at=session.idle_expires_at,
        device_id=session.device_id,
        ip=session.ip,
        user_agent=session.user_agent,
        geoip=located(session),
        act=msgspec.convert(session.act, Actor) if session.act else None,
        parent_session_id=session.begun_from[0] if session.begun_from else None,
    )
    if session.session_id == caller.session_id:
        response.current = True
    if caller.administers:
        response.app_id = session.app_id
        response.browser = session.browser
        response.os = session.os
        response.role = session.role
        response.aal = session.aal
        response.risk_score = session.risk_score
        response.risk_factors = sorted(session.risk_facts) or None
        response.device_model = session.device_model
        response.revoked_at = session.revoked_at
        response.revoke_reason = session.revoke_reason
        response.ended_at = session.ended_at
    return response


def revoked_by(revoker: Revoker | None) -> RevokedBy:
    """Who revoked a session, as far as it is known."""
    if revoker is None:
        return RevokedBy(type="system")
    return RevokedBy(
        type=_type(revoker),
        id=revoker.user_id or revoker.key_id,
        tenant_id=revoker.home_tenant,
        job_id=revoker.job_id,
        request_id=revoker.request_id,
        audit_sequence=revoker.audit_sequence,
    )


def _type(revoker: Revoker) -> Literal["user", "api_key", "operator", "system"]:
    if revoker.user_id:
        return "user"
    return "operator" if revoker.is_operator else "api_key" if revoker.key_id else "system"


def located(session: Session) -> str | None:
    """Where a session began, such as "Beijing, CN"; None if it is unknown."""
    return ", ".join(filter(None, (session.city, session.country))) or None
