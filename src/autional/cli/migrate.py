"""autional migrate: migrate the database schema."""

from typing import Annotated

import typer
import uvloop

from autional.cli import running
from autional.cli.running import DatabaseUrl, DataDir
from autional.core import configuration
from autional.core.settings import Settings, SettingsError
from autional.postgres import citus as spreading
from autional.postgres import migrations
from autional.postgres.connection import SETTINGS
from autional.runtime import service

Role = Annotated[
    str | None,
    typer.Option(help="Let this role serve the database: it cannot change the schema or rewrite the audit log."),
]


Citus = Annotated[
    bool,
    typer.Option(
        "--citus", help="Spread the tables over the workers of a Citus cluster, whose coordinator the URL names."
    ),
]


ResetClock = Annotated[
    bool,
    typer.Option("--reset-clock", help="Forget the time that was noted last: the clock was ahead by mistake."),
]


def migrate(
    role: Role = None,
    citus: Citus = False,
    reset_clock: ResetClock = False,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Migrate the database schema to this release, under nodes of the one before."""

    async def work(chosen: Settings) -> bool:
        if citus:
            await _require_cluster(chosen)
        async with service.database_url(chosen, running.say) as url:
            if role:
                await migrations.require_role(url, role)
            await _migrate(url, citus=citus)
            if reset_clock:
                await migrations.reset_clock(url)
                running.say("the time that was noted last is forgotten")
            return await migrations.grant(url, role) if role else True

    with running.errors_reported():
        has_settings = uvloop.run(work(configuration.load_settings(data_dir=data_dir, database_url=database_url)))
        if role:
            _tell_of(role, has_settings=has_settings)


async def _migrate(url: str, *, citus: bool) -> None:
    for step in await migrations.apply(url):
        running.say(f"applied {step}")
    if citus:
        await spreading.spread(url, running.say)
    running.say("the schema is up to date")


async def _require_cluster(chosen: Settings) -> None:
    if chosen.database_url is None:
        raise SettingsError("--citus spreads the tables of a cluster: name its coordinator with --database-url")
    await spreading.require_cluster(chosen.database_url)


def _tell_of(role: str, *, has_settings: bool) -> None:
    running.say(f"{role} may serve it")
    if not has_settings:
        running.say("only for a pooler: this role may not alter that one, so an administrator of the server runs")
        for name, value in SETTINGS.items():
            running.say(f"    alter role {role} set {name} = '{value}';")
