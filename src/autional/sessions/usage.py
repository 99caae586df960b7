"""How often sessions are used, by day."""

from datetime import date, datetime

from autional.core import problems
from autional.core.problems import Problem
from autional.postgres.queries import Queries


async def count_use(queries: Queries, tenant_id: str, session_id: str, at: datetime | None) -> None:
    """Count a use of a session today. Raises the Problem SESSION_NOT_FOUND."""
    if not await queries.rows("count_use", tenant_id, session_id, at):
        raise Problem(problems.SESSION_NOT_FOUND)


async def usage_by_day(queries: Queries, tenant_id: str, session_id: str) -> dict[date, int]:
    """Uses of a session by day. Raises the Problem SESSION_NOT_FOUND."""
    if not await queries.rows("session", tenant_id, session_id, None, None):
        raise Problem(problems.SESSION_NOT_FOUND)
    return {row["day"]: row["uses"] for row in await queries.rows("session_usage", tenant_id, session_id)}
