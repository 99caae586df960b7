"""autional config: show and check the settings."""

import os
from pathlib import Path
from typing import Annotated

import typer

from autional.cli import running
from autional.cli.running import AsJson, DatabaseUrl, DataDir
from autional.core import configuration, master_key

app = typer.Typer(invoke_without_command=True)


@app.callback()
def config(
    context: typer.Context,
    markdown: Annotated[
        bool, typer.Option("--markdown", help="Print the reference of all settings as Markdown.")
    ] = False,
    as_json: AsJson = False,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Show every setting with its value, its source and its description. Secrets are masked."""
    if context.invoked_subcommand is not None:
        return
    if markdown:
        typer.echo(configuration.settings_table(), nl=False)
        return
    with running.errors_reported():
        chosen = configuration.load_settings(data_dir=data_dir, database_url=database_url)
        found = configuration.effective_settings(chosen, data_dir=data_dir, database_url=database_url)
    if as_json:
        running.show(found, configuration.EffectiveSetting._fields, as_json=True)
        return
    for one in found:
        typer.echo(f"{one.name}={one.value}   [{one.source}]\n    {one.description}")


@app.command()
def check(file: Annotated[Path, typer.Argument(help="The settings file, in TOML.")]) -> None:
    """Check a settings file, together with the environment, without using it."""
    with running.errors_reported():
        environment = {**os.environ, configuration.FILE_VARIABLE: str(file)}
        chosen = configuration.load_settings(environment)
        if chosen.master_key is not None:
            master_key.master_key(chosen)
        found = [one for one in configuration.effective_settings(chosen, environment) if one.source != "default"]
    for one in found:
        typer.echo(f"{one.name}={one.value}   [{one.source}]")
    running.say(f"{file} is valid")
