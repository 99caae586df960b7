"""The clocks: the database's decides, this node's is for logs, answers' timestamps and ids."""

from datetime import UTC, datetime


def now() -> datetime:
    """This moment by this node, in UTC: nothing may be decided by it."""
    return datetime.now(UTC)


def of_database() -> None:
    """The instant at which a statement decides: none given, so its own. Tests give one instead."""
