"""autional backup, archive, restore, restored: keep the embedded database, and put an earlier state back."""

import shutil
import tempfile
from datetime import datetime
from importlib.metadata import version
from itertools import count
from pathlib import Path
from typing import Annotated

import asyncpg
import typer
import uvloop

from autional.cli import audit, running
from autional.cli.running import DatabaseUrl, DataDir
from autional.core import configuration, master_key
from autional.core.master_key import MasterKeyError
from autional.core.settings import Settings, SettingsError
from autional.postgres import migrations
from autional.postgres.database import Database
from autional.postgres.embedded import backup as backups
from autional.postgres.embedded import server
from autional.postgres.embedded.backup import Description
from autional.runtime import forgotten, restoration
from autional.runtime.service import Service
from autional.sessions import statistics
from autional.tenancy import tenants

_PURPOSE = "backups"

Folder = Annotated[Path, typer.Argument(help="Folder of the backup.")]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]
ForgottenFile = Annotated[
    Path | None,
    typer.Option("--forgotten", help="List of erased users and deleted tenants (AUTIONAL_FORGOTTEN_FILE)."),
]


def backup(
    folder: Folder,
    verify: Annotated[bool, typer.Option(help="Restore it aside, and recount every session.")] = True,
    data_dir: DataDir = None,
) -> None:
    """Back up the embedded database while it runs. The master key is not in it: keep that apart."""

    async def work(chosen: Settings) -> int:
        async with server.running(chosen.data_path, running.say) as found:
            await migrations.verify(found.url)
            description = await _described(found.url)
            await backups.take(found.url, folder, description, _key(chosen))
        return await _recounted(folder) if verify else 0

    with running.errors_reported():
        sessions = uvloop.run(work(_embedded(data_dir)))
        running.say(f"backed up into {folder}" + (f"; {sessions:,} sessions were recounted in it" if verify else ""))


def archive(
    folder: Annotated[Path, typer.Argument(help="Folder of the archive, on another disk.")], data_dir: DataDir = None
) -> None:
    """Copy the write-ahead log of the embedded database as it is written, until Ctrl-C.

    With a backup and the archive since then, `autional restore --archive` loses nothing that was answered.
    """

    async def work(chosen: Settings) -> None:
        async with server.running(chosen.data_path, running.say) as found:
            running.say(f"archiving into {folder}")
            await backups.archive(found.url, folder)

    with running.errors_reported():
        uvloop.run(work(_embedded(data_dir)))


def restore(
    folder: Folder,
    archived: Annotated[
        Path | None, typer.Option("--archive", help="Archive since the backup; replayed to its end, nothing is ended.")
    ] = None,
    replace: Annotated[bool, typer.Option("--replace", help="Put the database that is there aside.")] = False,
    listed: ForgottenFile = None,
    yes: Yes = False,
    data_dir: DataDir = None,
) -> None:
    """Restore a backup into a data folder, in which the master key must be.

    Without the archive it closes what an earlier state would bring back, and says so before.
    """
    with running.errors_reported():
        chosen = _embedded(data_dir)
        _must_be_free(chosen, replace=replace)
        found = uvloop.run(backups.examine(folder, _key(chosen)))
        running.say(f"{folder}: of {found.taken_at:%Y-%m-%d %H:%M:%S} UTC, by release {found.release}")
        if archived is None:
            _confirm(yes)
        uvloop.run(_put_back(chosen, folder, archived, found.system))
    if archived is None:
        _close(listed, str(chosen.data_path), None)
    running.say(f"restored into {chosen.data_path}")


def restored(
    listed: ForgottenFile = None, yes: Yes = False, data_dir: DataDir = None, database_url: DatabaseUrl = None
) -> None:
    """Close a database after an earlier state was put back by other means, before the service starts on it."""
    _confirm(yes)
    _close(listed, data_dir, database_url)


async def _put_back(chosen: Settings, folder: Path, archived: Path | None, system: str) -> None:
    """Put the files in place; what was there before is moved aside once the new ones are whole."""
    aside = Path(tempfile.mkdtemp(prefix="restoring-", dir=chosen.data_path))
    try:
        backups.copy_files(folder, aside)
        if archived is not None:
            await backups.recover(aside, archived, system, running.say)
        cluster = chosen.data_path / "postgresql"
        if cluster.exists():
            former = next(
                free
                for number in count(1)
                if not (free := cluster.with_name(f"postgresql.before-restoration-{number}")).exists()
            )
            cluster.rename(former)
            running.say(f"the database that was there is in {former}")
        (aside / "postgresql").rename(cluster)
    finally:
        shutil.rmtree(aside)


def _close(listed: Path | None, data_dir: str | None, database_url: str | None) -> None:
    async def work(opened: Service) -> tuple[datetime | None, int, int]:
        path = listed or forgotten.file_of(opened.settings)
        again = list(forgotten.read(path)) if path else []
        async with opened.database.transaction() as queries:
            state_at = await restoration.close_restored(opened, queries)
            await audit.record(opened, queries, None, "database.restored", state_at=str(state_at))
        return state_at, *await restoration.forget_since(opened, state_at, again)

    state_at, deleted, begun = running.run(work, data_dir, database_url, running.say, makes_database=True)
    running.say(f"closed the state of about {state_at:%Y-%m-%d %H:%M:%S} UTC; " if state_at else "closed the state; ")
    running.say(f"{deleted} tenants deleted and {begun} users erased again; API keys wait for `autional apikey enable`")


def _confirm(yes: bool) -> None:
    running.say(restoration.CONSEQUENCES)
    if not yes:
        typer.confirm("Go on?", abort=True, err=True)


def _embedded(data_dir: str | None) -> Settings:
    """Settings of an embedded database. Raises SettingsError."""
    chosen = configuration.load_settings(data_dir=data_dir)
    if chosen.database_url is not None:
        raise SettingsError("this is for the embedded database; for another PostgreSQL see docs/production.md")
    return chosen


def _must_be_free(chosen: Settings, *, replace: bool) -> None:
    if server.is_there(chosen.data_path) and not replace:
        raise SettingsError(f"there is a database in {chosen.data_path}: --replace puts it aside")
    if server.is_running(chosen.data_path):
        raise SettingsError(f"the database in {chosen.data_path} is in use: stop the service first")


def _key(chosen: Settings) -> bytes:
    """The key that authenticates backups; no master key is made for that. Raises MasterKeyError."""
    path = master_key.master_file(chosen)
    if chosen.master_key is None and not path.exists():
        raise MasterKeyError(f"there is no master key: put its file at {path}, or set AUTIONAL_MASTER_KEY")
    return master_key.derive(master_key.master_key(chosen), _PURPOSE)


async def _described(url: str) -> Description:
    connection = await asyncpg.connect(url)
    try:
        rows = await connection.fetch("select system_identifier::text, clock_timestamp() from pg_control_system()")
    finally:
        await connection.close()
    system, now = rows[0]
    return Description(version("autional"), server.bundled_major(), system, now, sorted(migrations.step_names()))


async def _recounted(folder: Path) -> int:
    """Start a copy of a backup aside and compare the statistics of every tenant with a recount; returns the sessions.

    Raises BackupError.
    """
    with tempfile.TemporaryDirectory(prefix="verifying-", dir=folder) as aside:
        backups.copy_files(folder, Path(aside))
        counted = 0
        async with server.running(Path(aside)) as found:
            database = Database(found.url, 3)
            try:
                for tenant in await tenants.list_tenants(database):
                    read, recounted = await statistics.verify(database, tenant.tenant_id, None)
                    if statistics.difference(read, recounted):
                        raise backups.BackupError(f"the statistics of {tenant.tenant_id} in {folder} are not right")
                    counted += recounted.total
            finally:
                await database.close()
    return counted
