"""Create a session: from a login to one statement, and from its row to the session and its tokens."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import msgspec

from autional.core import ids, problems
from autional.core.authority import Authority, Role
from autional.core.problems import Problem
from autional.postgres.queries import Queries, Row
from autional.risk import user_agents
from autional.risk.assessment import assess_login
from autional.risk.device import UNKNOWN, Device, DeviceType
from autional.risk.scoring import UNKNOWN_LOCATION, Fact, Location
from autional.sessions.assurance import assurance_level
from autional.sessions.model import SESSION_PREFIX, Created, IdempotentRequest, Login, Session, session_of
from autional.sessions.policy import DEFAULT_TIMEOUTS
from autional.tokens import refresh_tokens
from autional.tokens.issue import issuance_of, issue_access_token, new_refresh_id
from autional.tokens.jwt import Issuer
from autional.tokens.model import NO_CLIENT, Subject, TokenPair


class NewSession(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What the SQL function `create_session` is given."""

    session_id: str
    user_id: str
    role: Role
    aal: int
    amr: str
    """With a space after each but the last."""
    device_type: DeviceType
    app_id: str | None
    device_id: str | None
    device_fingerprint: str | None
    browser: str | None
    os: str | None
    user_agent: str | None
    user_agent_id: int | None
    ip: str | None
    at: datetime | None
    absolute: timedelta
    idle: timedelta | None
    refresh_id: str
    key_sha256: str | None
    """As PostgreSQL reads it, like the next one."""
    request_sha256: str | None
    country: str | None
    city: str | None
    latitude: float | None
    longitude: float | None
    device_model: str | None
    risk_score: int
    risk_facts: Mapping[Fact, float]
    begun_from: list[str] | None
    act: Mapping[str, Any] | None
    authenticated_at: datetime | None

    @property
    def location(self) -> Location:
        """Where the login comes from."""
        return Location(self.country, self.city, self.latitude, self.longitude)


_AS_ASKED = [
    name
    for name in Session._fields
    if name in NewSession.__struct_fields__ and name not in {"session_id", "amr", "begun_from"}
]


async def create_session(
    queries: Queries,
    issuer: Issuer,
    authority: Authority,
    login: Login,
    at: datetime | None,
    retry: IdempotentRequest | None = None,
    *,
    location: Location = UNKNOWN_LOCATION,
    fingerprint_hash: str | None = None,
    parent: Session | None = None,
) -> Created:
    """Assess a login, then create its session and count it in the statistics in one statement.

    With a `retry`, a repeat of the same request creates nothing and gets the same answer. `at` is an instant that
    a test passes, None for the database's time; `location` is that of the login's address, `fingerprint_hash` the
    keyed hash of its device fingerprint, `parent` the active session from which an agent begins its own. Raises the
    Problems OWN_SESSION, ROLE_TOO_HIGH, LEVEL_TOO_HIGH, TENANT_NOT_FOUND, IDEMPOTENCY_KEY_REUSED, TOO_MANY_SESSIONS,
    SESSION_NOT_FOUND; DatabaseUnavailableError.
    """
    authority.must_cover(login.user_id, login.role, assurance_level(login.amr))
    device = await _device(login)
    new = _new_session(login, device, at, retry, location=location, fingerprint_hash=fingerprint_hash, parent=parent)
    risk = await assess_login(queries, authority.tenant_id, new, at)
    new = msgspec.structs.replace(new, risk_score=risk.score, risk_facts=risk.facts)
    row = await queries.row("create_session", authority.tenant_id, new)
    created = _must_be_created(row)
    session = _session(authority.tenant_id, new, created)
    return Created(session, await _token_pair(queries, issuer, new, session, created))


async def _device(login: Login) -> Device:
    """What the user agent says, unless the login itself says all of it."""
    if login.device_type and login.browser and login.os and not login.client_hints:
        return UNKNOWN
    return await user_agents.describe(login.user_agent or None, login.client_hints)


def _new_session(
    login: Login,
    device: Device,
    at: datetime | None,
    retry: IdempotentRequest | None,
    *,
    location: Location,
    fingerprint_hash: str | None,
    parent: Session | None,
) -> NewSession:
    aal = assurance_level(login.amr)
    timeouts = DEFAULT_TIMEOUTS[aal]
    return NewSession(
        session_id=ids.as_uuid(ids.new_id(SESSION_PREFIX, at, login.user_id)),
        user_id=login.user_id,
        role=login.role,
        aal=aal,
        amr=" ".join(login.amr),
        device_type=login.device_type or device.device_type,
        app_id=login.app_id,
        device_id=login.device_id,
        device_fingerprint=fingerprint_hash,
        browser=login.browser or device.browser,
        os=login.os or device.os,
        user_agent=str(login.user_agent) if login.user_agent else None,
        user_agent_id=ids.user_agent_id(login.user_agent) if login.user_agent else None,
        ip=str(login.ip) if login.ip else None,
        at=at,
        absolute=timeouts.absolute,
        idle=timeouts.idle,
        refresh_id=ids.as_uuid(new_refresh_id(at, login.user_id)),
        key_sha256=ids.as_bytea(ids.sha256(retry.idempotency_key)) if retry else None,
        request_sha256=ids.as_bytea(retry.request_sha256) if retry else None,
        country=location.country,
        city=location.city,
        latitude=location.latitude,
        longitude=location.longitude,
        device_model=device.model,
        risk_score=0,
        risk_facts={},
        begun_from=[*map(ids.as_uuid, [parent.session_id, *(parent.begun_from or ())])] if parent else None,
        act=msgspec.to_builtins(login.act) if login.act else None,
        authenticated_at=(parent.authenticated_at or parent.created_at) if parent else None,
    )


def _must_be_created(row: Row | None) -> Row:
    if row is None:
        raise Problem(problems.TENANT_NOT_FOUND)
    if row["refused"]:
        raise Problem(problems.TOO_MANY_SESSIONS)
    if row["same_request"] is False:
        raise Problem(problems.IDEMPOTENCY_KEY_REUSED)
    lost = row["access_expires_at"] is None or row["tenant_generation"] is None
    if lost or (row["same_request"] and row["repeated"] is None):
        raise Problem(problems.SESSION_NOT_FOUND)  # a repeat, and what was issued then is no longer on record
    return row


def _session(tenant_id: str, new: NewSession, row: Row) -> Session:
    """The session of a repeated request as it is now, otherwise the new one, with the instants of the database."""
    if row["repeated"] is not None:
        return session_of({**row["repeated"], "seen_at": row["seen_at"]}, tenant_id)
    return Session(
        **{name: getattr(new, name) for name in _AS_ASKED},
        tenant_id=tenant_id,
        session_id=row["session_id"],
        begun_from=[*map(ids.from_uuid, new.begun_from)] if new.begun_from else None,
        amr=new.amr.split(),
        created_at=row["issued_at"],
        last_active_at=row["issued_at"],
        expires_at=row["expires_at"],
        idle_expires_at=row["idle_expires_at"],
        status="active",
    )


async def _token_pair(queries: Queries, issuer: Issuer, new: NewSession, session: Session, row: Row) -> TokenPair:
    """The tokens of the login: a repeat gets its level, even if the session was raised since."""
    subject = Subject(
        session.tenant_id,
        new.user_id,
        new.role,
        row["session_id"],
        new.app_id or NO_CLIENT,
        new.amr.split(),
        new.aal,
        new.authenticated_at or session.created_at,
        dict(new.act) if new.act else None,
    )
    access = await issue_access_token(queries, issuer, subject, issuance_of(row, ids.sibling(row["refresh_id"])))
    refresh = refresh_tokens.write(issuer, session.tenant_id, row["session_id"], row["refresh_id"])
    return TokenPair(access.text, refresh, access.expires_in)
