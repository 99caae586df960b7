"""Errors of the database: those that a caller can wait out, and a schema that does not fit."""


class DatabaseUnavailableError(Exception):
    """PostgreSQL cannot be reached or the connection was lost. Whether a write took effect is unknown."""


class DatabaseBusyError(DatabaseUnavailableError):
    """PostgreSQL or the pool had no time for the call within its limits. Nothing took effect."""


class WorkerAwayError(DatabaseUnavailableError):
    """A worker of a Citus cluster cannot be reached: its tenants have to wait, and nobody else."""


class WorkerSilentError(DatabaseBusyError):
    """A statement on a Citus cluster ran out of time, maybe since a worker does not answer."""


WORKER_LOST = WorkerAwayError, WorkerSilentError


class NotOnCitusError(Exception):
    """What is asked for cannot be done where tables are spread over nodes."""


class SchemaError(Exception):
    """The schema is not the one of this release; one line says what to do."""


class PortTakenError(Exception):
    """The address is not available; one line says why."""
