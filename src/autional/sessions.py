"""Sessions: created once, over by a write or by a deadline, whichever comes first."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal, NamedTuple

from asyncpg import Record

from autional import assessments, clock, ids, policies, problems, session_filters, tokens, user_agents
from autional.assessments import Arrival
from autional.authority import Authority, Scope, whole
from autional.db import Lookup, Queries, Row, Transaction, look_up
from autional.jose import Issuer, Role
from autional.problems import Problem
from autional.risk import Assessment, Place
from autional.session_filters import Order, SessionFilter
from autional.tokens import TokenPair
from autional.user_agents import DeviceType

Status = Literal["active", "expired", "revoked"]

SESSION_PREFIX = "sess"
_BATCH = 500


class Login(NamedTuple):
    """A user who has just been authenticated, as the caller tells it; of a device's fingerprint only the hash."""

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
    client_hints: Mapping[str, str] | None = None
    ip: str | None = None
    place: Place | None = None


class Session(NamedTuple):
    """A session as it is at one instant; `status` already takes the deadlines into account."""

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
    country: str | None
    city: str | None
    device_model: str | None
    device_fingerprint: str | None
    risk_score: int
    created_at: datetime
    last_active_at: datetime
    expires_at: datetime
    idle_expires_at: datetime
    status: Status
    revoked_at: datetime | None = None
    revoke_reason: str | None = None


_STORED = [name for name in Session._fields if name not in {"status", "revoked_at", "revoke_reason"}]


class Retry(NamedTuple):
    """What makes a repeated request the same: the key of a client, and a hash of what it asked for."""

    idempotency_key: str
    request_sha256: bytes


class Created(NamedTuple):
    """A new session and its tokens."""

    session: Session
    tokens: TokenPair


class Window(NamedTuple):
    """Which part of a list: so many sessions, after skipping some, after a position where one is given."""

    size: int
    skip: int = 0
    after: tuple[int, datetime, str] | None = None
    """The risk score (where the order is by risk), the time of creation and the id of the session before."""
    order: Order = "-created_at"


_ORDERS: dict[Order, str] = {
    "-created_at": "created_at desc, session_id desc",
    "created_at": "created_at, session_id",
    "-risk_score": "risk_score desc, created_at desc, session_id desc",
}


async def create(
    queries: Queries,
    issuer: Issuer,
    authority: Authority,
    login: Login,
    now: datetime | None,
    retry: Retry | None = None,
) -> Created:
    """Begin a session: one statement, whose effect on the statistics is part of it.

    Where the client names a `retry`, a repeat of the same request begins nothing and has the same answer.
    Raises the Problems OWN_SESSION, ROLE_TOO_HIGH, LEVEL_TOO_HIGH, TENANT_NOT_FOUND, IDEMPOTENCY_KEY_REUSED,
    TOO_MANY_SESSIONS.
    """
    tenant_id = authority.tenant_id
    authority.must_cover(login.user_id, login.role, policies.assurance_level(login.amr))
    begun = await _begun(tenant_id, login, now)
    arrival = Arrival(
        begun.user_id,
        begun.device_fingerprint,
        begun.device_id,
        begun.device_type,
        begun.browser,
        begun.os,
        begun.ip,
        login.place,
    )
    assessment = await assessments.of_login(queries, tenant_id, arrival, now)
    begun = begun._replace(risk_score=assessment.score)
    row = await _insert(queries, begun, login.place, assessment, at=now, retry=retry)
    if retry is not None and row["same_request"] is not None:
        if not row["same_request"]:
            raise Problem(problems.IDEMPOTENCY_KEY_REUSED)
        session = await find(queries, whole(tenant_id), row["session_id"], now)
        if row["access_expires_at"] is None or row["tenant_generation"] is None:
            raise Problem(problems.SESSION_NOT_FOUND)  # what was issued then is no longer on record
    else:
        session = begun._replace(
            created_at=row["issued_at"],
            last_active_at=row["issued_at"],
            expires_at=row["expires_at"],
            idle_expires_at=row["idle_expires_at"],
        )
    issuance = tokens.issuance_of(row, row["access_id"])
    # a repeat speaks of the login as it was, never of what the session has risen to since
    first = session._replace(amr=begun.amr, aal=begun.aal)
    access = tokens.sign(issuer, tokens.subject_of(first._asdict(), tenant_id), issuance)
    refresh = tokens.refresh_token(issuer, tenant_id, row["session_id"], row["token_id"])
    return Created(session, TokenPair(access.text, refresh, access.expires_in))


async def _begun(tenant_id: str, login: Login, at: datetime | None) -> Session:
    """The session as the caller tells it, with what its user agent says beside; its times are not known yet."""
    now = at or clock.now()
    told = login.device_type and login.browser and login.os and not login.client_hints
    seen = user_agents.UNKNOWN if told else await user_agents.describe(login.user_agent, login.client_hints)
    return Session(
        tenant_id=tenant_id,
        session_id=ids.new_id(SESSION_PREFIX, now, login.user_id),
        user_id=login.user_id,
        role=login.role,
        aal=policies.assurance_level(login.amr),
        amr=login.amr,
        device_type=login.device_type or seen.device_type,
        app_id=login.app_id,
        device_id=login.device_id,
        browser=login.browser or seen.browser,
        os=login.os or seen.os,
        user_agent=login.user_agent,
        ip=login.ip,
        country=login.place.country if login.place else None,
        city=login.place.city if login.place else None,
        device_model=seen.model,
        device_fingerprint=login.device_fingerprint,
        risk_score=0,
        created_at=now,
        last_active_at=now,
        expires_at=now,
        idle_expires_at=now,
        status="active",
    )


def lookup(scope: Scope, session_id: str, at: datetime | None) -> Lookup[Session]:
    """What to ask for one session within a scope. The answer raises SESSION_NOT_FOUND."""

    def judge(row: Row | None) -> Session:
        if row is None:
            raise Problem(problems.SESSION_NOT_FOUND)
        return _session(row)

    return Lookup("session", (scope.tenant_id, session_id, scope.user_id, at), judge)


async def find(queries: Queries, scope: Scope, session_id: str, now: datetime | None) -> Session:
    """One session within a scope. Raises the Problem SESSION_NOT_FOUND."""
    return await look_up(queries, lookup(scope, session_id, now))


async def page(
    queries: Transaction, tenant_id: str, wanted: SessionFilter, window: Window, now: datetime
) -> list[Session]:
    """A part of the sessions that a filter names, in the order of the window: by risk it must ask for one."""
    chosen = session_filters.selection(tenant_id, wanted, now)
    if window.after is not None:
        part = {"-created_at": "before", "created_at": "after", "-risk_score": "before risk"}[window.order]
        chosen = chosen.and_also(part, *(window.after if window.order == "-risk_score" else window.after[1:]))
    moment = f"${len(chosen.arguments) + 1}"
    text = chosen.statement(
        "selected_sessions", moment=moment, order=_ORDERS[window.order], limit=str(window.size), skip=str(window.skip)
    )
    return [_session(row) for row in await queries.composed(text, *chosen.arguments, now)]


async def count(queries: Transaction, tenant_id: str, wanted: SessionFilter, at_most: int, now: datetime) -> int:
    """How many sessions a filter names, counted up to a bound."""
    chosen = session_filters.selection(tenant_id, wanted, now)
    rows = await queries.composed(chosen.statement("selected_count", limit=str(at_most)), *chosen.arguments)
    return int(rows[0]["total"])


async def touch(queries: Queries, authority: Authority, scope: Scope, session_id: str, now: datetime | None) -> None:
    """Note activity: moves the idle deadline, never back and never past the absolute one.

    Raises the Problems SESSION_NOT_FOUND when there is no such session that goes on, ROLE_TOO_HIGH.
    """
    row = await queries.row("touch_session", scope.tenant_id, session_id, scope.user_id, now, authority.role)
    if row is None or row["outcome"] == "not_found":
        raise Problem(problems.SESSION_NOT_FOUND)
    if row["outcome"] != "touched":
        raise Problem(problems.ROLE_TOO_HIGH)


async def note_user_agent(
    queries: Queries, tenant_id: str, session_id: str, user_agent: str, now: datetime | None
) -> None:
    """Hold what a session is used with now against what it began with: another program or system raises its risk."""
    session = await find(queries, whole(tenant_id), session_id, now)
    if session.user_agent is None or session.user_agent == user_agent:
        return
    begun, seen = await user_agents.describe(session.user_agent), await user_agents.describe(user_agent)
    if not (begun.is_guess or seen.is_guess or user_agents.same_program(begun, seen)):
        await assessments.of_session(queries, tenant_id, session_id, "user_agent_changed")


async def end(queries: Queries, scope: Scope, session_id: str, reason: str, now: datetime | None) -> None:
    """End a session within a scope; what has ended already stays as it ended.

    Raises the Problem SESSION_NOT_FOUND.
    """
    row = await queries.row("end_session", scope.tenant_id, session_id, scope.user_id, reason, now)
    if row is None or not row["found"]:
        raise Problem(problems.SESSION_NOT_FOUND)


async def end_named(
    queries: Queries, tenant_id: str, session_ids: Sequence[str], reason: str, now: datetime | None
) -> set[str]:
    """End many at once; returns those that exist, now ended if they were not."""
    rows = await queries.rows("end_named_sessions", tenant_id, session_ids, reason, now)
    return {row["session_id"] for row in rows}


async def end_of_user(queries: Queries, tenant_id: str, user_id: str, reason: str, now: datetime | None) -> int:
    """End every session of a user; returns how many went on until now."""
    row = await queries.row("end_sessions_of_user", tenant_id, user_id, reason, now)
    return int(row["revoked"]) if row else 0


async def purge_expired(queries: Queries, tenant_id: str, now: datetime) -> int:
    """Remove the records of all expired sessions, in small transactions; returns how many.

    They leave the statistics and stay in the lifetime totals.
    """
    await mark_expired(queries, tenant_id, now)
    return await purge(queries, tenant_id, "expired", now)


async def purge(queries: Queries, tenant_id: str, state: Literal["expired", "revoked"], before: datetime) -> int:
    """Remove the records of sessions that are marked as ended so before an instant; returns how many."""
    removed = 0
    while row := await queries.row("purge_ended", tenant_id, state, before, _BATCH):
        removed += row["removed"]
        if row["removed"] < _BATCH:
            break
    return removed


async def mark_expired(queries: Queries, tenant_id: str, before: datetime) -> int:
    """Write down, in small transactions, which sessions were over before an instant; returns how many were not yet."""
    moved = 0
    while row := await queries.row("sweep_expired", tenant_id, before, _BATCH):
        moved += row["moved"]
        if row["moved"] < _BATCH:
            break
    return moved


def _session(row: Row) -> Session:
    known = {name: row[name] for name in _STORED}
    revoked = row["state"] == "revoked"
    over = row["state"] == "expired" or row["idle_expires_at"] <= row["seen_at"]
    return Session(
        **known | {"ip": str(row["ip"]) if row["ip"] is not None else None},
        status="revoked" if revoked else "expired" if over else "active",
        revoked_at=row["ended_at"] if revoked else None,
        revoke_reason=row["end_reason"],
    )


async def _insert(
    queries: Queries,
    begun: Session,
    place: Place | None,
    assessment: Assessment,
    *,
    at: datetime | None,
    retry: Retry | None,
) -> Record:
    limits = policies.DEFAULTS[begun.aal]
    row = await queries.row(
        "create_session",
        begun.tenant_id,
        begun.session_id,
        begun.user_id,
        begun.role,
        begun.aal,
        begun.amr,
        begun.device_type,
        begun.app_id,
        begun.device_id,
        begun.device_fingerprint,
        begun.browser,
        begun.os,
        begun.user_agent,
        begun.ip,
        at,
        limits.absolute,
        limits.idle,
        tokens.new_id(begun.user_id, at),
        tokens.new_id(begun.user_id, at),
        ids.digest(retry.idempotency_key) if retry else None,
        retry.request_sha256 if retry else None,
        begun.country,
        begun.city,
        place.latitude if place else None,
        place.longitude if place else None,
        begun.device_model,
        assessment.score,
        assessment.facts,
        True,
    )
    if row is None or row["session_id"] is None:
        raise Problem(problems.TENANT_NOT_FOUND)
    if row["refused"]:
        raise Problem(problems.TOO_MANY_SESSIONS)
    return row
