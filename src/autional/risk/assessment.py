"""Risk of logins, sessions and devices, by the weights of the tenant."""

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple, Protocol

from autional.core import problems
from autional.core.problems import Problem
from autional.postgres.queries import Queries
from autional.risk import scoring
from autional.risk.scoring import Assessment, Fact, History, Location


class LoginContext(Protocol):
    """Who signs in, on which device and from where."""

    @property
    def user_id(self) -> str: ...
    @property
    def device_fingerprint(self) -> str | None: ...
    @property
    def device_id(self) -> str | None: ...
    @property
    def device_type(self) -> str: ...
    @property
    def browser(self) -> str | None: ...
    @property
    def os(self) -> str | None: ...
    @property
    def ip(self) -> str | None: ...
    @property
    def location(self) -> Location: ...


class DeviceRisk(NamedTuple):
    """The risk of a device by the sessions on it; `failures` counts refresh tokens that were used twice."""

    assessment: Assessment
    sessions: int
    active_sessions: int
    revoked: int
    failures: int


async def assess_login(queries: Queries, tenant_id: str, login: LoginContext, at: datetime | None) -> Assessment:
    """The risk of a login, judged by the latest sessions of its user. Raises DatabaseUnavailableError."""
    row = await queries.row(
        "login_history",
        tenant_id,
        login.user_id,
        at,
        login.device_fingerprint,
        login.device_id,
        login.browser,
        login.os,
        login.location.country,
        login.ip,
    )
    if row is None:
        raise Problem(problems.INTERNAL)
    history = History(*map(row.__getitem__, History._fields))
    facts = scoring.login_facts(history, login.location, login.device_type, row["seen_at"])
    return scoring.assess(facts, row["weights"] or {})


async def assess_session(queries: Queries, tenant_id: str, session_id: str, *facts: Fact) -> Assessment:
    """The risk of a session by its facts, including new ones; changes are stored.

    Raises the Problem SESSION_NOT_FOUND.
    """
    row = await queries.row("risk_of_session", tenant_id, session_id)
    if row is None:
        raise Problem(problems.SESSION_NOT_FOUND)
    assessment = scoring.assess(row["risk_facts"] | dict.fromkeys(facts, 1.0), row["weights"] or {})
    if (assessment.score, assessment.facts) != (row["risk_score"], row["risk_facts"]):
        await queries.rows("set_risk", tenant_id, session_id, assessment.score, assessment.facts)
    return assessment


async def assess_device(queries: Queries, tenant_id: str, device_id: str, at: datetime | None) -> DeviceRisk:
    """The risk of a device: each fact as strong as on the riskiest of its latest sessions.

    Raises the Problem DEVICE_NOT_FOUND.
    """
    row = await queries.row("device_history", tenant_id, device_id, at)
    if row is None or not (row["sessions"] or row["trusted"]):
        raise Problem(problems.DEVICE_NOT_FOUND)
    worst: dict[Fact, float] = {}
    for facts in row["facts"]:
        worst |= {fact: max(strength, worst.get(fact, 0.0)) for fact, strength in facts.items()}
    assessment = scoring.assess(worst, row["weights"] or {})
    return DeviceRisk(assessment, row["sessions"], row["active_sessions"], row["revoked"], row["failures"])


async def read_weights(queries: Queries, tenant_id: str) -> dict[Fact, int]:
    """The weights of all facts in a tenant."""
    row = await queries.row("risk_weights", tenant_id)
    return scoring.DEFAULT_WEIGHTS | (row["weights"] if row else {})


async def put_weights(queries: Queries, tenant_id: str, given: Mapping[Fact, int]) -> None:
    """Replace the weights; facts that are not named have their default weight."""
    await queries.rows("put_risk_weights", tenant_id, given)


async def delete_weights(queries: Queries, tenant_id: str) -> None:
    """Reset the weights."""
    await queries.rows("delete_risk_weights", tenant_id)
