"""How many sessions a user may have at once. Enforced where sessions begin (sql/functions/sessions/limits.sql)."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal, NamedTuple

from autional.core.authority import Role
from autional.postgres.queries import Queries
from autional.risk.device import DeviceType

Overflow = Literal["refuse", "end_oldest", "end_least_recently_active"]


class SessionLimits(NamedTuple):
    """None is no limit. The limit of a role wins over `max_sessions`; that of a device type applies in addition."""

    max_sessions: int | None = None
    by_role: Mapping[Role, int] = MappingProxyType({})
    by_device_type: Mapping[DeviceType, int] = MappingProxyType({})
    on_overflow: Overflow = "end_oldest"
    max_sessions_per_agent: int | None = None
    """Of each agent for a user; those do not count in the other limits."""


async def read_limits(queries: Queries, tenant_id: str) -> SessionLimits:
    """The limits of a tenant."""
    row = await queries.row("session_limits", tenant_id)
    return SessionLimits(*(row[name] for name in SessionLimits._fields)) if row else SessionLimits()


async def put_limits(queries: Queries, tenant_id: str, limits: SessionLimits) -> None:
    """Replace the limits, for sessions that begin from now on. Call it in a transaction."""
    await queries.rows("close_tenant_gate", tenant_id)
    await queries.rows(
        "put_session_limits",
        tenant_id,
        limits.max_sessions,
        dict(limits.by_role),
        dict(limits.by_device_type),
        limits.on_overflow,
        limits.max_sessions_per_agent,
    )


async def delete_limits(queries: Queries, tenant_id: str) -> None:
    """Remove the limits. Call it in a transaction."""
    await queries.rows("close_tenant_gate", tenant_id)
    await queries.rows("delete_session_limits", tenant_id)
