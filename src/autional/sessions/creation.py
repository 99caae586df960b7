"""Begin a session."""

from datetime import datetime

from asyncpg import Record

from autional.core import clock, ids, problems
from autional.core.authority import Authority, whole
from autional.core.problems import Problem
from autional.postgres.queries import Queries
from autional.risk import user_agents
from autional.risk.assessment import LoginContext, assess_login
from autional.risk.scoring import Assessment, Place
from autional.sessions.assurance import assurance_level
from autional.sessions.listing import find_session
from autional.sessions.model import SESSION_PREFIX, Created, IdempotentRequest, Login, Session
from autional.sessions.policy import DEFAULT_TIMEOUTS
from autional.tokens import refresh_tokens
from autional.tokens.issue import issuance_of, new_token_id, sign_access_token, subject_of
from autional.tokens.jwt import Issuer
from autional.tokens.model import TokenPair


async def create_session(
    queries: Queries,
    issuer: Issuer,
    authority: Authority,
    login: Login,
    now: datetime | None,
    retry: IdempotentRequest | None = None,
) -> Created:
    """Begin a session: one statement, whose effect on the statistics is part of it.

    Where the client names a `retry`, a repeat of the same request begins nothing and has the same answer.
    Raises the Problems OWN_SESSION, ROLE_TOO_HIGH, LEVEL_TOO_HIGH, TENANT_NOT_FOUND, IDEMPOTENCY_KEY_REUSED,
    TOO_MANY_SESSIONS.
    """
    tenant_id = authority.tenant_id
    authority.must_cover(login.user_id, login.role, assurance_level(login.amr))
    begun = await _begun(tenant_id, login, now)
    arrival = LoginContext(
        begun.user_id,
        begun.device_fingerprint,
        begun.device_id,
        begun.device_type,
        begun.browser,
        begun.os,
        begun.ip,
        login.place,
    )
    assessment = await assess_login(queries, tenant_id, arrival, now)
    begun = begun._replace(risk_score=assessment.score)
    row = await _insert(queries, begun, login.place, assessment, at=now, retry=retry)
    if retry is not None and row["same_request"] is not None:
        if not row["same_request"]:
            raise Problem(problems.IDEMPOTENCY_KEY_REUSED)
        session = await find_session(queries, whole(tenant_id), row["session_id"], now)
        if row["access_expires_at"] is None or row["tenant_generation"] is None:
            raise Problem(problems.SESSION_NOT_FOUND)  # what was issued then is no longer on record
    else:
        session = begun._replace(
            created_at=row["issued_at"],
            last_active_at=row["issued_at"],
            expires_at=row["expires_at"],
            idle_expires_at=row["idle_expires_at"],
        )
    issuance = issuance_of(row, row["access_id"])
    # a repeat speaks of the login as it was, never of what the session has risen to since
    first = session._replace(amr=begun.amr, aal=begun.aal)
    access = sign_access_token(issuer, subject_of(first._asdict(), tenant_id), issuance)
    refresh = refresh_tokens.write(issuer, tenant_id, row["session_id"], row["token_id"])
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
        aal=assurance_level(login.amr),
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


async def _insert(
    queries: Queries,
    begun: Session,
    place: Place | None,
    assessment: Assessment,
    *,
    at: datetime | None,
    retry: IdempotentRequest | None,
) -> Record:
    limits = DEFAULT_TIMEOUTS[begun.aal]
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
        new_token_id(begun.user_id, at),
        new_token_id(begun.user_id, at),
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
