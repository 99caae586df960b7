"""Sessions: created once, over by a write or by a deadline, whichever comes first."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from autional import ids, policies, problems, tokens, user_agents
from autional.db import Queries
from autional.jose import Issuer, Role
from autional.problems import Problem
from autional.user_agents import DeviceType

SESSION_PREFIX = "sess"
_NO_CLIENT = "-"


class Login(NamedTuple):
    """A user who has just been authenticated, as the caller tells it."""

    user_id: str
    role: Role = "user"
    amr: Sequence[str] = ()
    app_id: str | None = None
    device_id: str | None = None
    device_fingerprint: str | None = None
    device_type: DeviceType | None = None
    browser: str | None = None
    os: str | None = None
    user_agent: str | None = None
    ip: str | None = None


class Session(NamedTuple):
    """A session as it is at one instant."""

    tenant_id: str
    session_id: str
    user_id: str
    role: Role
    aal: int
    amr: Sequence[str]
    device_type: DeviceType
    app_id: str | None
    device_id: str | None
    browser: str | None
    os: str | None
    user_agent: str | None
    ip: str | None
    created_at: datetime
    last_active_at: datetime
    expires_at: datetime
    idle_expires_at: datetime
    status: str = "active"


class TokenPair(NamedTuple):
    """What a client is given for a session: the access token lives `expires_in` seconds."""

    access_token: str
    refresh_token: str
    expires_in: int


class Created(NamedTuple):
    """A new session and its tokens."""

    session: Session
    tokens: TokenPair


async def create(queries: Queries, issuer: Issuer, tenant_id: str, login: Login, now: datetime) -> Created:
    """Begin a session: one statement, whose effect on the statistics is part of it.

    Raises the Problem TENANT_NOT_FOUND.
    """
    told = login.device_type and login.browser and login.os
    seen = user_agents.UNKNOWN if told else await user_agents.describe(login.user_agent)
    aal = policies.assurance_level(login.amr)
    limits = policies.DEFAULTS[aal]
    ends = policies.deadlines(limits, now)
    session = Session(
        tenant_id=tenant_id,
        session_id=ids.new_id(SESSION_PREFIX, now, login.user_id),
        user_id=login.user_id,
        role=login.role,
        aal=aal,
        amr=login.amr,
        device_type=login.device_type or seen.device_type,
        app_id=login.app_id,
        device_id=login.device_id,
        browser=login.browser or seen.browser,
        os=login.os or seen.os,
        user_agent=login.user_agent,
        ip=login.ip,
        created_at=now,
        last_active_at=now,
        expires_at=ends.expires_at,
        idle_expires_at=ends.idle_expires_at,
    )
    refresh = ids.new_secret(tokens.TOKEN_PREFIX, now, login.user_id)
    created = await queries.row(
        "create_session",
        tenant_id,
        session.session_id,
        session.user_id,
        session.role,
        session.aal,
        session.amr,
        session.device_type,
        session.app_id,
        session.device_id,
        login.device_fingerprint,
        session.browser,
        session.os,
        session.user_agent,
        session.ip,
        now,
        limits.idle,
        session.expires_at,
        session.idle_expires_at,
        refresh.id,
        refresh.digest,
    )
    if created is None or not created["created"]:
        raise Problem(problems.TENANT_NOT_FOUND)
    return Created(session, _token_pair(issuer, session, refresh.text, now))


async def end(
    queries: Queries, tenant_id: str, session_id: str, reason: str, now: datetime, user_id: str | None = None
) -> None:
    """End a session, of this user only where one is named; what has ended already stays as it ended.

    Raises the Problem SESSION_NOT_FOUND.
    """
    found = await queries.row("end_session", tenant_id, session_id, user_id, reason, now)
    if found is None or not found["found"]:
        raise Problem(problems.SESSION_NOT_FOUND)


def _token_pair(issuer: Issuer, session: Session, refresh_token: str, now: datetime) -> TokenPair:
    expires_at = min(now + tokens.ACCESS_LIFE, session.expires_at)
    claims = tokens.access_claims(
        issuer,
        tenant_id=session.tenant_id,
        user_id=session.user_id,
        role=session.role,
        session_id=session.session_id,
        client_id=session.app_id or _NO_CLIENT,
        amr=list(session.amr),
        acr=f"aal{session.aal}",
        authenticated_at=session.created_at,
        expires_at=expires_at,
        now=now,
    )
    return TokenPair(issuer.ring.sign(claims), refresh_token, claims.exp - claims.iat)
