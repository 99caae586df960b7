"""What has been revoked lately, in one piece: what a verifier has to know before it judges its first token."""

from datetime import timedelta
from typing import NamedTuple

from autional.postgres.queries import Queries

PAGE = 50_000
WINDOW = timedelta(hours=24)
"""The longest life of an access token of a session (tokens.lifetimes): what was ended before cannot be presented."""


class Part(NamedTuple):
    """A part of what was ended, up to a position of the log."""

    position: int
    has_more: bool
    ended: bytes
    """For each 16 bytes of the id of a session or token, and four of a generation: access tokens of the session with a
    lower one are over; 0: it is over as a whole."""
    generation: int
    """Access tokens of the tenant with a lower generation are over."""
    disabled: bool


async def position_before_window(queries: Queries, tenant_id: str) -> int:
    """The position of the log after which everything stands that happened within the window.

    Raises DatabaseUnavailableError.
    """
    row = await queries.row("revocation_snapshot_start", tenant_id, WINDOW)
    return int(row["position"]) if row else 0


async def part_after(queries: Queries, tenant_id: str, position: int) -> Part:
    """The part after a position. Raises DatabaseUnavailableError."""
    row = await queries.row("revocation_snapshot", tenant_id, position, PAGE)
    return Part(*(row[name] for name in Part._fields)) if row else Part(position, False, b"", 0, True)
