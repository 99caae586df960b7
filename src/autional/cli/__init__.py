"""The command line: one file per noun."""

import io
import sys
from importlib.metadata import version
from typing import Annotated

import typer

from autional.cli import (
    apikey,
    audit,
    backup,
    config,
    console,
    demo,
    doctor,
    keys,
    load,
    migrate,
    receivers,
    revocations,
    serve,
    sessions,
    stats,
    tenant,
    token,
    top,
    upgrade,
    users,
)

app = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False)
app.command()(serve.serve)
app.command()(demo.demo)
app.command()(migrate.migrate)
app.command()(upgrade.upgrade)
app.command()(doctor.doctor)
app.command()(backup.backup)
app.command()(backup.archive)
app.command()(backup.restore)
app.command()(backup.restored)
app.command()(top.top)
app.command("load")(load.load_sessions)
app.command("answer", hidden=True)(serve.run_worker)
app.add_typer(config.app, name="config")
app.add_typer(tenant.app, name="tenant")
app.add_typer(apikey.app, name="apikey")
app.add_typer(token.app, name="token")
app.add_typer(sessions.app, name="sessions")
app.add_typer(users.app, name="users")
app.add_typer(revocations.app, name="revocations")
app.add_typer(receivers.app, name="receivers")
app.add_typer(keys.app, name="keys")
app.add_typer(stats.app, name="stats")
app.add_typer(audit.app, name="audit")
app.add_typer(console.app, name="console")


def _print_version(value: bool) -> None:
    if value:
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
    _buffer_results()
    app()


def _buffer_results() -> None:
    """Under PYTHONUNBUFFERED a signal in the middle of a write loses the rest of it: only buffers write on."""
    out = sys.stdout
    if out is not None and isinstance(out.buffer, io.RawIOBase):
        sys.stdout = open(out.fileno(), "w", 1, out.encoding, out.errors, closefd=False)  # noqa: SIM115
