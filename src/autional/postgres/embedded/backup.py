"""Backups of the embedded PostgreSQL, while it runs: a copy of its files, and what to know before it is restored.

A backup is a folder with `base`, as pg_basebackup makes it, and `backup.json`, authenticated by the master key.
"""

import asyncio
import hashlib
import hmac
import os
import re
import shlex
import shutil
import struct
import tempfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import msgspec

from autional.postgres import migrations
from autional.postgres.embedded import server

_DESCRIPTION = "backup.json"
_LONG_HEADER_SYSTEM = 24  # where the first page of a segment of the write-ahead log names its system (xlog_internal.h)
_SEGMENT = re.compile(r"[0-9A-F]{24}(\.partial)?")
_ENVIRONMENT = {"LC_ALL": "C", "TZ": "UTC", "PATH": os.defpath}
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
    files: str = ""
    """SHA-256 over the names and the SHA-256 of all files."""


async def take(url: str, folder: Path, describe: Description, key: bytes) -> Description:
    """Copy the files of a running server into a new folder; returns what it is of, with them. Raises BackupError."""
    folder = folder.resolve()
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise BackupError(f"{folder} is not empty: name a folder for this backup alone")
    folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    unfinished = Path(tempfile.mkdtemp(prefix=f"{folder.name}.", dir=folder.parent))
    try:
        options = ["--checkpoint=fast", "--wal-method=stream", "--no-password"]
        await _run("pg_basebackup", "-d", url, "-D", str(unfinished / "base"), *options)
        await _run("pg_verifybackup", "--exit-on-error", str(unfinished / "base"))
        whole = msgspec.structs.replace(describe, files=_digest(unfinished / "base"))
        signed = msgspec.json.encode({"backup": whole, "mac": _mac(key, whole)})
        _write(unfinished / _DESCRIPTION, signed)
        if folder.exists():
            folder.rmdir()
        unfinished.rename(folder)
    except BaseException:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise
    return whole


def examine(folder: Path, key: bytes) -> Description:
    """What a backup is of, once all its files were compared with its list of them. Raises BackupError."""

    class Signed(msgspec.Struct):
        backup: Description
        mac: str

    try:
        found = msgspec.json.decode((folder / _DESCRIPTION).read_bytes(), type=Signed)
    except (OSError, msgspec.DecodeError, msgspec.ValidationError):
        raise BackupError(f"{folder} is not a backup of Autional: it has no {_DESCRIPTION} that can be read") from None
    if not hmac.compare_digest(found.mac, _mac(key, found.backup)):
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
    _must_be_whole(folder / "base", found.backup, folder)
    return found.backup


def copy_files(folder: Path, description: Description, data_dir: Path) -> None:
    """Copy a backup into a data folder that has no database. Raises BackupError, OSError."""
    data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    unfinished = data_dir / "postgresql.unfinished"
    shutil.rmtree(unfinished, ignore_errors=True)
    shutil.copytree(folder / "base", unfinished, symlinks=True)
    _must_be_whole(unfinished, description, folder)  # what is used, whatever became of the backup meanwhile
    unfinished.chmod(0o700)
    unfinished.rename(data_dir / "postgresql")


def _must_be_whole(base: Path, description: Description, folder: Path) -> None:
    try:
        found = _digest(base)
    except OSError as error:
        raise BackupError(f"{folder} is damaged: {error.filename}: {error.strerror}") from None
    if found != description.files:
        raise BackupError(f"{folder} is damaged: its files are not those that were backed up")


def _digest(base: Path) -> str:
    """SHA-256 over all files; a link or a device is none. Raises OSError, BackupError."""
    whole = hashlib.sha256()
    for path in sorted(base.rglob("*")):
        if path.is_symlink() or not (path.is_file() or path.is_dir()):
            raise BackupError(f"{path} is neither a file nor a folder")
        if path.is_file():
            with path.open("rb") as file:
                content = hashlib.file_digest(file, "sha256").hexdigest()
            whole.update(f"{path.relative_to(base)}\n{content}\n".encode())
    return whole.hexdigest()


def _mac(key: bytes, description: Description) -> str:
    return hmac.digest(key, msgspec.json.encode(description), "sha256").hex()


async def recover(
    data_dir: Path, archive: Path | None, system: str, least: int | None, say: Callable[[str], None]
) -> None:
    """Begin a new timeline, after replaying an archive of the write-ahead log if there is one.

    As far as it goes, or, given a position in bytes, to its end and at least there. Raises BackupError,
    EmbeddedPostgresError.
    """
    segments = _segments(archive, system) if archive is not None else []
    (data_dir / "postgresql" / "recovery.signal").touch()
    command = "false"
    if archive is not None:
        from_archive = shlex.quote(str(archive.absolute()).replace("%", "%%"))
        command = f'cp {from_archive}/"%f" "%p" 2>/dev/null || cp {from_archive}/"%f.partial" "%p" 2>/dev/null'
    async with server.running(data_dir, say, {"restore_command": command, "hot_standby": "off"}):
        pass
    reached = _end_of_recovery(data_dir / "postgresql")
    if least is not None and (reached < least or not _is_the_end(segments[-1], reached)):
        raise BackupError(
            f"{archive} was replayed to {reached:,}, which is not where the database was: it is not whole; without"
            " --last-state what it has is restored, and closed"
        )


def _segments(archive: Path, system: str) -> list[Path]:
    """The segments of an archive in order, all of that system. Raises BackupError."""
    named = sorted(path for path in archive.glob("*") if _SEGMENT.fullmatch(path.name) and path.is_file())
    found = [path for path in named if not (path.suffix and _is_empty(path))]
    if not found:
        raise BackupError(f"{archive} has no segment of a write-ahead log: `autional archive` makes them")
    for path in found:
        with path.open("rb") as file:
            head = file.read(_LONG_HEADER_SYSTEM + 8)
        system_of_it = struct.unpack_from("=Q", head, _LONG_HEADER_SYSTEM)[0] if len(head) > _LONG_HEADER_SYSTEM else 0
        if str(system_of_it) != system:
            raise BackupError(f"{path} is not of the database of this backup")
    return found


def _is_empty(path: Path) -> bool:
    """Whether a segment was begun and has nothing yet."""
    return not path.read_bytes().strip(b"\0")


def _is_the_end(segment: Path, reached: int) -> bool:
    """Whether recovery used all of the last segment: nothing but zeros comes after."""
    begins = (int(segment.name[8:16], 16) << 32) + int(segment.name[16:24], 16) * _SEGMENT_BYTES
    return reached >= begins and not segment.read_bytes()[reached - begins :].strip(b"\0")


def _end_of_recovery(cluster: Path) -> int:
    """Where a server left its former timeline, as its history says."""
    histories = sorted((cluster / "pg_wal").glob("*.history"))
    if not histories:
        return 0
    line = [one for one in histories[-1].read_text().splitlines() if one.strip()][-1]
    high, _, low = line.split("\t")[1].partition("/")
    return (int(high, 16) << 32) + int(low, 16)


async def archive(url: str, folder: Path) -> None:
    """Copy the write-ahead log into a folder as it is written, until cancelled. Raises BackupError.

    What goes wrong meanwhile is said on stderr, and tried again.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    slot = ["-d", url, "--slot=autional_archive", "--no-password"]
    await _run("pg_receivewal", *slot, "--create-slot", "--if-not-exists")
    program = server.as_child(server.binaries() / "pg_receivewal", [*slot, "-D", str(folder), "--synchronous"])
    process = await asyncio.create_subprocess_exec(*program, stdin=asyncio.subprocess.DEVNULL, env=_ENVIRONMENT)
    try:
        if await process.wait():
            raise BackupError("archiving ended")
    finally:
        if process.returncode is None:
            process.terminate()
            await process.wait()


async def _run(program: str, *arguments: str) -> None:
    """Run a program of PostgreSQL to its end. Raises BackupError with the last line that it said."""
    process = await asyncio.create_subprocess_exec(
        str(server.binaries() / program),
        *arguments,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
        env=_ENVIRONMENT,
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
