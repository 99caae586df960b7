"""Backups of the embedded PostgreSQL, while it runs: a copy of its files, and what to know before it is restored.

A backup is a folder with `base`, as pg_basebackup makes it, and `backup.json`, authenticated by the master key.
"""

import asyncio
import hmac
import os
import shlex
import shutil
import struct
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import msgspec

from autional.postgres import migrations
from autional.postgres.embedded import server

_DESCRIPTION = "backup.json"
_LONG_HEADER_SYSTEM = 24  # where the first page of a segment of the write-ahead log names its system (xlog_internal.h)
_SEGMENT_NAME = 24
_SEGMENT_BYTES = 16 * 1024 * 1024


class BackupError(Exception):
    """A backup cannot be made, or is not one that can be restored here; one line says why. Nothing was touched."""


class Description(msgspec.Struct, frozen=True):
    """What a backup is of."""

    release: str
    postgresql: str
    """Its major version."""
    system: str
    """The identifier of the PostgreSQL cluster."""
    taken_at: datetime
    steps: list[str]
    """Of the schema."""


async def take(url: str, folder: Path, describe: Description, key: bytes) -> None:
    """Copy the files of a running server into a new folder. Raises BackupError."""
    folder = folder.resolve()
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise BackupError(f"{folder} is not empty: name a folder for this backup alone")
    unfinished = folder.with_name(f"{folder.name}.unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(mode=0o700, parents=True)
    try:
        options = ["--checkpoint=fast", "--wal-method=stream", "--no-password"]
        await _run("pg_basebackup", "-d", url, "-D", str(unfinished / "base"), *options)
        content = msgspec.json.encode(describe)
        signed = msgspec.json.encode({"backup": describe, "mac": hmac.digest(key, content, "sha256").hex()})
        _write(unfinished / _DESCRIPTION, signed)
        if folder.exists():
            folder.rmdir()
        unfinished.rename(folder)
    except BaseException:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise


async def examine(folder: Path, key: bytes) -> Description:
    """What a backup is of, once all its files were compared with its list of them. Raises BackupError."""

    class Signed(msgspec.Struct):
        backup: Description
        mac: str

    try:
        found = msgspec.json.decode((folder / _DESCRIPTION).read_bytes(), type=Signed)
    except (OSError, msgspec.DecodeError, msgspec.ValidationError):
        raise BackupError(f"{folder} is not a backup of Autional: it has no {_DESCRIPTION} that can be read") from None
    if not hmac.compare_digest(found.mac, hmac.digest(key, msgspec.json.encode(found.backup), "sha256").hex()):
        raise BackupError(
            f"{folder} was made with another master key, or changed since: its signing keys could not be used"
        )
    bundled, steps = server.bundled_major(), migrations.step_names()
    if found.backup.postgresql != bundled:
        raise BackupError(
            f"{folder} is of PostgreSQL {found.backup.postgresql}, this release carries {bundled}: restore it with the"
            " release that made it, and upgrade then"
        )
    if newer := sorted(set(found.backup.steps) - steps):
        raise BackupError(
            f"{folder} is of a newer release, {found.backup.release} ({newer[-1]}): install that one to restore it"
        )
    try:
        await _run("pg_verifybackup", "--exit-on-error", str(folder / "base"))
    except BackupError as error:
        raise BackupError(f"{folder} is damaged: {error}") from None
    return found.backup


def copy_files(folder: Path, data_dir: Path) -> None:
    """Copy a backup into a data folder that has no database. Raises OSError."""
    data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    unfinished = data_dir / "postgresql.unfinished"
    shutil.rmtree(unfinished, ignore_errors=True)
    shutil.copytree(folder / "base", unfinished, symlinks=True)
    unfinished.chmod(0o700)
    unfinished.rename(data_dir / "postgresql")


async def recover(data_dir: Path, archive: Path, system: str, least: int | None, say: Callable[[str], None]) -> None:
    """Replay an archive of the write-ahead log: as far as it goes, or, given a position in bytes, to its end and there.

    Raises BackupError, EmbeddedPostgresError.
    """
    last = _last_segment(archive, system)
    (data_dir / "postgresql" / "recovery.signal").touch()
    from_archive = shlex.quote(str(archive.absolute()).replace("%", "%%"))
    command = f'cp {from_archive}/"%f" "%p" 2>/dev/null || cp {from_archive}/"%f.partial" "%p" 2>/dev/null'
    async with server.running(data_dir, say, {"restore_command": command, "hot_standby": "off"}):
        pass
    reached = _end_of_recovery(data_dir / "postgresql")
    if least is not None and reached < max(last, least):
        raise BackupError(
            f"{archive} was replayed to {reached:,} and not to {max(last, least):,}, where the database was: it is not"
            " whole; without --last-state what it has is restored, and closed"
        )


def _last_segment(archive: Path, system: str) -> int:
    """Where the last segment of an archive begins, once all are of that system. Raises BackupError."""
    segments = sorted(path for path in archive.glob("*") if len(path.name.removesuffix(".partial")) == _SEGMENT_NAME)
    if not segments:
        raise BackupError(f"{archive} has no segment of a write-ahead log: `autional archive` makes them")
    for path in segments:
        with path.open("rb") as file:
            head = file.read(_LONG_HEADER_SYSTEM + 8)
        found = struct.unpack_from("=Q", head, _LONG_HEADER_SYSTEM)[0] if len(head) == _LONG_HEADER_SYSTEM + 8 else 0
        if str(found) != system:
            raise BackupError(f"{path} is not of the database of this backup")
    name = segments[-1].name
    return (int(name[8:16], 16) << 32) + int(name[16:24], 16) * _SEGMENT_BYTES


def _end_of_recovery(cluster: Path) -> int:
    """Where a server left its former timeline, as its history says."""
    histories = sorted((cluster / "pg_wal").glob("*.history"))
    if not histories:
        return 0
    line = [one for one in histories[-1].read_text().splitlines() if one.strip()][-1]
    high, _, low = line.split("\t")[1].partition("/")
    return (int(high, 16) << 32) + int(low, 16)


async def archive(url: str, folder: Path) -> None:
    """Copy the write-ahead log into a folder as it is written, until cancelled. Raises BackupError."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    options = ["--slot=autional_archive", "--synchronous", "--no-password"]
    await _run("pg_receivewal", "-d", url, "--create-slot", "--if-not-exists", *options[:1], *options[2:])
    await _run("pg_receivewal", "-d", url, "-D", str(folder), *options)


async def _run(program: str, *arguments: str) -> None:
    """Run a program of PostgreSQL to its end. Raises BackupError with the last line that it said."""
    process = await asyncio.create_subprocess_exec(
        str(server.binaries() / program),
        *arguments,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
        env={"LC_ALL": "C", "TZ": "UTC", "PATH": os.defpath},
    )
    try:
        _, said = await process.communicate()
    except asyncio.CancelledError:
        process.terminate()
        await process.wait()
        raise
    if process.returncode:
        lines = said.decode(errors="replace").strip().splitlines()
        raise BackupError(f"{program}: {lines[-1] if lines else 'failed'}")


def _write(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
