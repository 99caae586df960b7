"""The command line: one file a noun."""

from importlib.metadata import version

import typer

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"autional {version('autional')}")
        raise typer.Exit


@app.callback()
def options(
    _version: bool = typer.Option(
        False, "--version", callback=_print_version, is_eager=True, help="Print the version and leave."
    ),
) -> None:
    """Sessions and tokens for many tenants, with statistics that are exact to the second."""


def main() -> None:
    """Run the command line of this process."""
    app()
