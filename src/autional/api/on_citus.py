"""What is not available where the tables are spread over nodes."""

from autional.api.model import Call
from autional.core.errors import NotOnCitusError


def refuse_on_citus(call: Call, what: str) -> None:
    """Raise NotOnCitusError where the service runs on Citus, before anything is begun."""
    if call.service.database.on_citus:
        raise NotOnCitusError(what)
