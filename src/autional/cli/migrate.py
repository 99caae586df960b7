"""autional migrate: migrate the database schema."""

import uvloop

from autional.cli import running
from autional.cli.running import DatabaseUrl, DataDir
from autional.core import configuration
from autional.core.settings import Settings
from autional.postgres import migrations
from autional.runtime import service


def migrate(data_dir: DataDir = None, database_url: DatabaseUrl = None) -> None:
    """Migrate the database schema to this release."""

    async def work(chosen: Settings) -> list[str]:
        async with service.database_url(chosen, running.say) as url:
            return await migrations.apply(url)

    with running.errors_reported():
        applied = uvloop.run(work(configuration.load_settings(data_dir=data_dir, database_url=database_url)))
        for step in applied:
            running.say(f"applied {step}")
        running.say("the schema is up to date")
