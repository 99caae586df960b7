"""autional upgrade: bring the embedded database to the PostgreSQL that comes with this release."""

import tempfile
from pathlib import Path
from typing import Annotated

import typer
import uvloop

from autional.cli import running
from autional.cli.backup import embedded_settings, recount
from autional.cli.running import DataDir
from autional.postgres import migrations
from autional.postgres.embedded import server
from autional.postgres.embedded import upgrade as upgrades

Programs = Annotated[
    Path | None,
    typer.Option(
        "--former-programs",
        help="Folder with the programs of the former PostgreSQL; by default they are installed, apart, for this once.",
    ),
]


def upgrade(former_programs: Programs = None, data_dir: DataDir = None) -> None:
    """Upgrade the embedded database to the PostgreSQL of this release. The former one is kept beside it."""

    async def prove(folder: Path) -> None:
        async with server.running(folder) as found:
            for step in await migrations.apply(found.url):
                running.say(f"applied {step}")
            await migrations.analyze(found.url)
        running.say(f"{await recount(folder):,} sessions were recounted")

    with running.errors_reported():
        chosen = embedded_settings(data_dir)
        former, bundled = upgrades.major_of(chosen.data_path), server.bundled_major()
        if former == bundled:
            running.say(f"the database is of PostgreSQL {bundled} already")
            return
        with tempfile.TemporaryDirectory(prefix="autional-") as apart, server.kept_closed(chosen.data_path):
            programs = former_programs or upgrades.install_former(former, Path(apart))
            kept = uvloop.run(upgrades.upgrade(chosen.data_path, programs.absolute(), prove, running.say))
        running.say(f"the database is of PostgreSQL {bundled}; delete {kept} once you are content with it")
