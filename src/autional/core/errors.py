"""Database errors that a caller can wait out."""


class DatabaseUnavailableError(Exception):
    """PostgreSQL cannot be reached or the connection was lost. Whether a write took effect is unknown."""


class DatabaseBusyError(DatabaseUnavailableError):
    """PostgreSQL or the pool had no time for the call within its limits. Nothing took effect."""
