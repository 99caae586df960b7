"""The lifecycle of a session after its creation: activity, another user agent, its end."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from autional.core import problems
from autional.core.authority import Authority, Scope, whole_tenant
from autional.core.problems import Problem
from autional.postgres.queries import Queries
from autional.risk import user_agents
from autional.risk.assessment import assess_session
from autional.risk.device import same_program
from autional.sessions.listing import find_session

OPERATOR = "cli:"
"""What the name of who acts at the shell begins with; no API key does."""


class Revoker(NamedTuple):
    """Who revoked a session (neither user nor key: the service), by which job and request, and the audit entry."""

    user_id: str | None
    home_tenant: str | None
    """The user's tenant, if another one."""
    key_id: str | None
    job_id: str | None
    request_id: str | None
    audit_sequence: int | None

    @property
    def is_operator(self) -> bool:
        """Whether it was somebody at the shell."""
        return self.key_id is not None and self.key_id.startswith(OPERATOR)


async def who_revoked(queries: Queries, tenant_id: str, session_id: str) -> Revoker | None:
    """Who revoked a session; None if there is no record."""
    return (await who_revoked_each(queries, tenant_id, [session_id])).get(session_id)


async def who_revoked_each(queries: Queries, tenant_id: str, session_ids: Sequence[str]) -> dict[str, Revoker]:
    """Who revoked each of these sessions, where there is a record."""
    rows = await queries.rows("who_ended_sessions", tenant_id, session_ids)
    return {row["session_id"]: Revoker(*(row[name] for name in Revoker._fields)) for row in rows}


async def touch_session(
    queries: Queries, authority: Authority, scope: Scope, session_id: str, at: datetime | None
) -> None:
    """Record activity: moves the idle deadline, never back and never beyond the absolute one.

    Raises the Problems SESSION_NOT_FOUND unless there is such an active session, ROLE_TOO_HIGH.
    """
    row = await queries.row("touch_session", scope.tenant_id, session_id, scope.user_id, at, authority.role)
    if row is None or row["outcome"] == "not_found":
        raise Problem(problems.SESSION_NOT_FOUND)
    if row["outcome"] != "touched":
        raise Problem(problems.ROLE_TOO_HIGH)


async def note_user_agent(
    queries: Queries, tenant_id: str, session_id: str, user_agent: str, at: datetime | None
) -> None:
    """Compare the user agent of a session with its first one; another program or system raises the session's risk."""
    session = await find_session(queries, whole_tenant(tenant_id), session_id, at)
    if session.user_agent is None or session.user_agent == user_agent:
        return
    begun, seen = await user_agents.describe(session.user_agent), await user_agents.describe(user_agent)
    if not (begun.is_guess or seen.is_guess or same_program(begun, seen)):
        await assess_session(queries, tenant_id, session_id, "user_agent_changed")


async def revoke_session(queries: Queries, scope: Scope, session_id: str, reason: str, at: datetime | None) -> None:
    """Revoke a session in a scope; one that has already ended stays as it ended.

    Raises the Problem SESSION_NOT_FOUND.
    """
    row = await queries.row("end_session", scope.tenant_id, session_id, scope.user_id, reason, at)
    if row is None or not row["found"]:
        raise Problem(problems.SESSION_NOT_FOUND)


async def revoke_sessions(
    queries: Queries, tenant_id: str, session_ids: Sequence[str], reason: str, at: datetime | None
) -> set[str]:
    """Revoke many sessions; returns those that exist, which have all ended now."""
    rows = await queries.rows("revoke_named_sessions", tenant_id, session_ids, reason, at)
    return {row["session_id"] for row in rows}
