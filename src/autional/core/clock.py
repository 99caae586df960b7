"""The clock of this node, for logs, ids and timestamps of responses. Decisions use the clock of the database."""

from datetime import UTC, datetime


def now() -> datetime:
    """The current time of this node, in UTC. Never use it for a decision."""
    return datetime.now(UTC)


def database_decides() -> None:
    """The time at which statements decide: None, so their own. Tests pass an instant instead."""
