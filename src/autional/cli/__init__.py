"""The command line: one file a noun."""

from importlib.metadata import version
from typing import Annotated

import typer

from autional.cli import (
    api_keys,
    auditing,
    configuration,
    demonstration,
    loading,
    maintenance,
    serving,
    sessions,
    signing_keys,
    statistics,
    tenants,
    tokens,
)

app = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False)
app.command()(serving.serve)
app.command()(demonstration.demo)
app.command()(maintenance.migrate)
app.command()(maintenance.doctor)
app.command()(configuration.config)
app.command("load")(loading.load_sessions)
app.command("answer", hidden=True)(serving.answer_for_supervisor)
app.add_typer(tenants.app, name="tenant")
app.add_typer(api_keys.app, name="apikey")
app.add_typer(tokens.app, name="token")
app.add_typer(sessions.app, name="session")
app.add_typer(signing_keys.app, name="keys")
app.add_typer(statistics.app, name="stats")
app.add_typer(auditing.app, name="audit")


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"autional {version('autional')}")
        raise typer.Exit


@app.callback()
def options(
    _version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """Sessions and tokens for many tenants, with statistics that are exact to the second."""


def main() -> None:
    """Run the command line of this process."""
    app()
