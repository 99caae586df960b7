"""autional backup, archive, restore, restored: keep the embedded database, and put an earlier state back."""

import base64
import shutil
import tempfile
from functools import partial
from importlib.metadata import version
from itertools import count
from pathlib import Path
from typing import Annotated

import asyncpg
import msgspec
import typer
import uvloop

from autional.cli import audit, running
from autional.cli.running import DatabaseUrl, DataDir
from autional.core import configuration, master_key
from autional.core.master_key import MasterKeyError
from autional.core.settings import Settings, SettingsError
from autional.postgres import migrations
from autional.postgres.connection import connect
from autional.postgres.database import Database
from autional.postgres.embedded import backup as backups
from autional.postgres.embedded import server
from autional.postgres.embedded.backup import Description
from autional.runtime import forgotten, restoration, service
from autional.runtime.forgotten import Forgotten
from autional.runtime.service import Service
from autional.sessions import statistics
from autional.tenancy import tenants

_PURPOSE = "backups"
_OTHERS = """
select count(*) from pg_stat_activity
where application_name = 'autional' and datname = current_database() and pid <> pg_backend_pid()
"""

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
        running.require_database(chosen)
        async with server.running(chosen.data_path, running.say) as found:
            await migrations.verify(found.url)
            taken = await backups.take(found.url, folder, await _described(found.url), _key(chosen))
        return await _recounted(folder, taken) if verify else 0

    with running.errors_reported():
        sessions = uvloop.run(work(embedded_settings(data_dir)))
        running.say(f"backed up into {folder}" + (f"; {sessions:,} sessions were recounted in it" if verify else ""))


def archive(
    folder: Annotated[Path, typer.Argument(help="Folder of the archive, on another disk.")], data_dir: DataDir = None
) -> None:
    """Copy the write-ahead log of the embedded database as it is written, until Ctrl-C.

    With a backup and the archive since then, `autional restore --archive` gets back all that was answered.
    """

    async def work(chosen: Settings) -> None:
        running.require_database(chosen)
        async with server.running(chosen.data_path, running.say) as found:
            running.say(f"archiving into {folder}")
            await backups.archive(found.url, folder)

    with running.errors_reported():
        uvloop.run(work(embedded_settings(data_dir)))


def restore(
    folder: Folder,
    archived: Annotated[
        Path | None, typer.Option("--archive", help="Archive of the write-ahead log since then, replayed to its end.")
    ] = None,
    is_last: Annotated[
        bool,
        typer.Option("--last-state", help="The archive goes to the end of the database: nothing is ended."),
    ] = False,
    replace: Annotated[bool, typer.Option("--replace", help="Put the database that is there aside.")] = False,
    listed: ForgottenFile = None,
    yes: Yes = False,
    data_dir: DataDir = None,
) -> None:
    """Restore a backup into a data folder, in which the master key must be.

    Unless an archive of its whole life follows it, the state is closed: what it would bring back to life is ended.
    """
    if is_last and archived is None:
        raise typer.BadParameter("--last-state needs --archive: a backup alone is an earlier state")
    with running.errors_reported():
        chosen = embedded_settings(data_dir)
        _must_be_free(chosen, replace=replace)
        again = _listed(chosen, listed)
        found = backups.examine(folder, _key(chosen))
        running.say(f"{folder}: of {found.taken_at:%Y-%m-%d %H:%M:%S} UTC, by release {found.release}")
        if not is_last:
            _confirm(yes)
        least = _last_position(listed or forgotten.file_of(chosen)) if is_last else None
        with server.kept_closed(chosen.data_path):
            uvloop.run(_put_back(chosen, folder, archived, found, least, None if is_last else again))
        running.say(f"restored into {chosen.data_path}")


def restored(
    listed: ForgottenFile = None, yes: Yes = False, data_dir: DataDir = None, database_url: DatabaseUrl = None
) -> None:
    """Close a database after an earlier state was put back by other means, before the service starts on it."""
    with running.errors_reported():
        chosen = configuration.load_settings(data_dir=data_dir, database_url=database_url)
        again = _listed(chosen, listed)
        running.require_database(chosen)
        uvloop.run(_must_be_alone(chosen))
    _confirm(yes)
    running.run(partial(_close, again), data_dir, database_url, running.say, closes_restored=True)


async def _put_back(
    chosen: Settings,
    folder: Path,
    archived: Path | None,
    found: Description,
    least: int | None,
    again: list[Forgotten] | None,
) -> None:
    """Put the files in place once they are whole, and closed unless `again` is None; the former ones are kept aside.

    `least` is how far an archive must go at least, where that is known.
    """
    for interrupted in chosen.data_path.glob("restoring-*"):
        shutil.rmtree(interrupted)
    aside = Path(tempfile.mkdtemp(prefix="restoring-", dir=chosen.data_path))
    try:
        backups.copy_files(folder, found, aside)
        await backups.recover(aside, archived, found.system, least, running.say)
        if again is not None:
            master = base64.urlsafe_b64encode(master_key.master_key(chosen)).decode()
            there = msgspec.structs.replace(chosen, data_dir=str(aside), master_key=master)
            async with service.open_service(there, running.say, closes_restored=True) as opened:
                await _close(again, opened)
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


async def _close(again: list[Forgotten], opened: Service) -> None:
    async with opened.database.transaction() as queries:
        state_at = await restoration.begin(opened, queries)
        await audit.record(opened, queries, None, "database.restored", state_at=str(state_at))
    deleted, begun = await restoration.finish(opened, again)
    found = len(await tenants.list_tenants(opened.database))
    running.say(f"closed the state of about {state_at:%Y-%m-%d %H:%M:%S} UTC" if state_at else "closed the state")
    running.say(
        f"{found} tenants are in it; {deleted} tenants deleted and {begun} users erased again;"
        " API keys wait for `autional apikey enable`"
    )


def _last_position(path: Path | None) -> int:
    """How far the database had come, as its nodes wrote. Raises SettingsError where none did."""
    position = forgotten.last_position(path) if path else None
    if position is None:
        raise SettingsError(
            f"nothing says how far the database had come: --last-state needs the file {forgotten.POSITION} beside the"
            " list of what was forgotten (--forgotten)"
        )
    return position


async def _must_be_alone(chosen: Settings) -> None:
    """Raise SettingsError where nodes are connected: they would go on with what is being closed."""
    async with service.database_url(chosen) as url:
        connection = await connect(url)
        try:
            others = await connection.fetchval(_OTHERS)
        finally:
            await connection.close()
    if others:
        raise SettingsError(f"nodes are connected to this database ({others} connections): stop them first")


def _listed(chosen: Settings, named: Path | None) -> list[Forgotten]:
    """What is to be forgotten again, read before anything is touched. Raises SettingsError."""
    path = named or forgotten.file_of(chosen)
    if path is None or (named is None and not path.exists()):
        running.say(
            f"there is no list of who was erased and what was deleted since ({path or 'no --forgotten'}): if anybody"
            " was, that comes back"
        )
        return []
    try:
        return list(forgotten.read(path))
    except (OSError, ValueError) as error:
        raise SettingsError(f"{path}: {getattr(error, 'strerror', None) or error}") from None


def _confirm(yes: bool) -> None:
    running.say(restoration.CONSEQUENCES)
    if not yes:
        typer.confirm("Go on?", abort=True, err=True)


def embedded_settings(data_dir: str | None) -> Settings:
    """Settings of an embedded database. Raises SettingsError."""
    chosen = configuration.load_settings(data_dir=data_dir)
    if chosen.database_url is not None:
        raise SettingsError(
            "this is for the embedded database, but database_url names another PostgreSQL: see docs/production.md"
        )
    return chosen


def _must_be_free(chosen: Settings, *, replace: bool) -> None:
    if server.is_there(chosen.data_path) and not replace:
        raise SettingsError(f"there is a database in {chosen.data_path}: --replace puts it aside")
    with server.kept_closed(chosen.data_path):
        pass


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


async def _recounted(folder: Path, description: Description) -> int:
    """Start a copy of a backup aside and compare the statistics of every tenant with a recount; returns the sessions.

    Raises BackupError.
    """
    with tempfile.TemporaryDirectory(prefix="verifying-", dir=folder) as aside:
        backups.copy_files(folder, description, Path(aside))
        return await recount(Path(aside))


async def recount(data_dir: Path) -> int:
    """Compare the statistics of every tenant with a recount; returns the sessions. Raises BackupError."""
    counted = 0
    async with server.running(data_dir) as found:
        database = Database(found.url, 3)
        try:
            database.buckets.renew(await tenants.split_tenants(database))
            for tenant in await tenants.list_tenants(database):
                if tenant.disabled_at is not None:
                    continue  # nothing is read of one that is disabled
                read, recounted = await statistics.verify(database, tenant.tenant_id, None)
                if statistics.difference(read, recounted):
                    raise backups.BackupError(f"the statistics of {tenant.tenant_id} in {data_dir} are not right")
                counted += recounted.total
        finally:
            await database.close()
    return counted
