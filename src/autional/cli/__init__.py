"""The command line: one file per noun."""

import io
import sys
from importlib import import_module
from importlib.metadata import version
from typing import Annotated

import typer

_COMMANDS = {
    "serve": "serve.serve",
    "demo": "demo.demo",
    "migrate": "migrate.migrate",
    "upgrade": "upgrade.upgrade",
    "doctor": "doctor.doctor",
    "backup": "backup.backup",
    "archive": "backup.archive",
    "restore": "backup.restore",
    "restored": "backup.restored",
    "top": "top.top",
    "load": "load.load_sessions",
    "answer": "serve.run_worker",
    "config": "config.app",
    "tenant": "tenant.app",
    "apikey": "apikey.app",
    "token": "token.app",
    "sessions": "sessions.app",
    "users": "users.app",
    "revocations": "revocations.app",
    "receivers": "receivers.app",
    "keys": "keys.app",
    "stats": "stats.app",
    "audit": "audit.app",
    "console": "console.app",
}
_HIDDEN = {"answer"}


def app(only: str | None = None) -> typer.Typer:
    """The command line with all its commands, or with the one that is asked for: loading all takes a while."""
    line = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False)
    line.callback()(options)
    for name in [only] if only in _COMMANDS else _COMMANDS:
        module, _, function = _COMMANDS[name].partition(".")
        found = getattr(import_module(f"autional.cli.{module}"), function)
        if isinstance(found, typer.Typer):
            line.add_typer(found, name=name)
        else:
            line.command(name, hidden=name in _HIDDEN)(found)
    return line


def _print_version(value: bool) -> None:
    if value:
        typer.echo(f"autional {version('autional')}")
        raise typer.Exit


def options(
    _version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """Sessions and tokens for many tenants, with statistics that are exact to the second."""


def main() -> None:
    """Run the command line of this process."""
    _buffer_results()
    app(sys.argv[1] if len(sys.argv) > 1 else None)()


def _buffer_results() -> None:
    """Under PYTHONUNBUFFERED a signal in the middle of a write loses the rest of it: only buffers write on."""
    out = sys.stdout
    if out is not None and isinstance(out.buffer, io.RawIOBase):
        sys.stdout = open(out.fileno(), "w", 1, out.encoding, out.errors, closefd=False)  # noqa: SIM115
