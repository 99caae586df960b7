"""Options that say which sessions are meant."""

from typing import Annotated, Any, Literal

import typer

from autional.api.violations import violations_of
from autional.core import i18n
from autional.risk.device import DeviceType
from autional.sessions import filters
from autional.sessions.filters import SessionFilter

Tenant = Annotated[str, typer.Option(help="Tenant of the sessions.")]
Status = Annotated[
    Literal["active", "expired", "revoked", "ended", "all"], typer.Option(help="Only sessions of this status.")
]
User = Annotated[str | None, typer.Option(help="Only sessions of this user.")]
Device = Annotated[DeviceType | None, typer.Option("--device", help="Only sessions on devices of this type.")]
Agent = Annotated[str | None, typer.Option("--agent", help="Only sessions in which this agent acts for the user.")]
App = Annotated[str | None, typer.Option("--app", help="Only sessions in this app.")]
CountryCode = Annotated[str | None, typer.Option("--country", metavar="CC", help="Only from this country, such as CN.")]
Ip = Annotated[str | None, typer.Option("--ip", metavar="NETWORK", help="Only from this address or network.")]
MinRisk = Annotated[int | None, typer.Option("--min-risk", min=1, max=100, help="Only with this risk score or more.")]


def filter_of(**given: Any) -> SessionFilter:
    """The filter that the options describe; a bad one is a usage error."""
    kept = {name: value for name, value in given.items() if value is not None}
    wrong = violations_of(SessionFilter, kept, from_text=False)
    if wrong:
        said = [f"{one.field}: {i18n.violation(one.code, one.reason, one.arguments)}" for one in wrong]
        raise typer.BadParameter("; ".join(said))
    return filters.read(kept)
