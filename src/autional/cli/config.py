"""autional config: show the settings."""

from typing import Annotated

import typer

from autional.cli import running
from autional.cli.running import AsJson, DatabaseUrl, DataDir
from autional.core import settings


def config(
    markdown: Annotated[
        bool, typer.Option("--markdown", help="Print the reference of all settings as Markdown.")
    ] = False,
    as_json: AsJson = False,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Show every setting with its value, its source and its description. Secrets are masked."""
    if markdown:
        typer.echo(settings.settings_table(), nl=False)
        return
    with running.errors_reported():
        chosen = settings.from_environment(data_dir=data_dir, database_url=database_url)
        found = settings.effective_settings(chosen, data_dir=data_dir, database_url=database_url)
    if as_json:
        running.show(found, settings.EffectiveSetting._fields, as_json=True)
        return
    for one in found:
        typer.echo(f"{one.name}={one.value}   [{one.source}]\n    {one.description}")
