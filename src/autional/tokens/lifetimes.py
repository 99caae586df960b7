"""Token lifetimes of a tenant, and the tolerance between clocks."""

from datetime import timedelta
from typing import NamedTuple

from autional.core import problems
from autional.core.problems import Problem, Violation
from autional.postgres.queries import Queries
from autional.tokens import model

_LONGEST_ACCESS = timedelta(hours=24)
_LONGEST_REFRESH = timedelta(days=365)
_LONGEST_LEEWAY = timedelta(minutes=1)


class TokenLifetimes(NamedTuple):
    """Lifetimes of access and refresh tokens, and the leeway when the times of a token are checked."""

    access_expiry: timedelta = model.ACCESS_EXPIRY
    refresh_expiry: timedelta = model.REFRESH_EXPIRY
    leeway: timedelta = timedelta(seconds=5)


async def read(queries: Queries, tenant_id: str) -> TokenLifetimes:
    """The lifetimes in force."""
    row = await queries.row("jwt_config", tenant_id)
    return TokenLifetimes(*row) if row else TokenLifetimes()


async def put(queries: Queries, tenant_id: str, config: TokenLifetimes) -> None:
    """Replace the lifetimes, for tokens that are issued from now on. Raises the Problem INVALID_PARAMETER."""
    wrong = []
    if config.access_expiry > _LONGEST_ACCESS:
        wrong.append(Violation("access_expiry", "range", "Must be at most 24h"))
    if not config.access_expiry <= config.refresh_expiry <= _LONGEST_REFRESH:
        wrong.append(Violation("refresh_expiry", "range", "Must be from access_expiry to 8760h"))
    if config.leeway > _LONGEST_LEEWAY:
        wrong.append(Violation("leeway", "range", "Must be at most 1m"))
    if wrong:
        raise Problem(problems.INVALID_PARAMETER, violations=wrong)
    await queries.rows("put_jwt_config", tenant_id, *config)


async def delete(queries: Queries, tenant_id: str) -> None:
    """Reset the lifetimes."""
    await queries.rows("delete_jwt_config", tenant_id)
