"""Errors of the database that a caller can wait out."""


class DatabaseUnavailableError(Exception):
    """PostgreSQL cannot be reached or was cut off; whether a write in flight took effect is unknown."""


class DatabaseBusyError(DatabaseUnavailableError):
    """PostgreSQL or the pool had no time for the call within its limits; nothing took effect."""
