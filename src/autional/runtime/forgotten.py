"""What was erased and deleted, in a file apart from the database: a database that is restored forgets it again."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

import msgspec

from autional.audit.personal_values import person_hash
from autional.core.settings import Settings
from autional.postgres.database import Database
from autional.postgres.queries import Queries
from autional.sessions import privacy
from autional.tenancy import tenants

_NAME = "forgotten.jsonl"
POSITION = ".position"
"""What the file is called that says how far the write-ahead log has come, after the name of the list."""
_OVERLAP = timedelta(minutes=5)
_EVER = datetime(1970, 1, 1, tzinfo=UTC)


class Forgotten(msgspec.Struct, frozen=True):
    """An erased user or a deleted tenant, by keyed hashes: nobody can be read from it."""

    kind: Literal["user", "tenant"]
    hash: str
    at: datetime
    tenant: str | None = None
    """Of an erased user."""


class ForgottenFile:
    """The file of one node; every node may have its own, since each gets everything."""

    def __init__(self, path: Path, tenant_key: bytes) -> None:
        self._path = path
        self._tenant_key = tenant_key
        self._known: set[Forgotten] = set()

    async def keep(self, queries: Queries) -> None:
        """Add what was forgotten since the last time. Raises DatabaseUnavailableError, OSError."""
        self._path.touch(mode=0o600)  # an empty list says that nobody was
        if not self._known:
            self._known = set(_whole_lines(self._path))
        since = max((one.at for one in self._known), default=None)
        found = await known_to(queries, self._tenant_key, since - _OVERLAP if since else _EVER)
        if new := sorted(found - self._known, key=lambda one: one.at):
            descriptor = os.open(self._path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
            with os.fdopen(descriptor, "ab+") as file:
                fcntl.flock(file, fcntl.LOCK_EX)
                # behind a line that was cut a new one begins
                file.write(b"\n" + b"".join(msgspec.json.encode(one) + b"\n" for one in new))
                file.flush()
                os.fsync(file.fileno())
            self._known.update(new)
        await self._keep_position(queries)

    async def _keep_position(self, queries: Queries) -> None:
        """How far the write-ahead log has come: an archive that ends before is not of the last state."""
        row = await queries.row("log_position")
        if row is not None:
            draft = self._path.with_name(f"{self._path.name}.{os.getpid()}")
            draft.write_text(str(row["position"]))
            draft.rename(position_file(self._path))


async def known_to(queries: Queries, tenant_key: bytes, since: datetime = _EVER) -> set[Forgotten]:
    """What a database knows that it has forgotten since then. Raises DatabaseUnavailableError."""

    def of(tenant_id: str | None) -> str | None:
        return tenants.tenant_id_hash(tenant_key, tenant_id).hex() if tenant_id else None

    rows = await queries.rows("forgotten", since)
    return {Forgotten(row["kind"], row["hash"].hex(), row["at"], of(row["tenant_id"])) for row in rows}


def file_of(settings: Settings) -> Path | None:
    """The file that the settings name, or that stands beside the embedded database; None: there is none."""
    if settings.forgotten_file:
        return Path(settings.forgotten_file)
    return None if settings.database_url else settings.data_path / _NAME


def read(path: Path) -> Iterator[Forgotten]:
    """What a file lists. Raises OSError, and ValueError for a line that is not whole."""
    for number, line in enumerate(path.read_bytes().split(b"\n"), 1):
        if line:
            try:
                yield msgspec.json.decode(line, type=Forgotten)
            except (msgspec.DecodeError, msgspec.ValidationError):
                raise ValueError(f"line {number} is not whole: remove or mend it") from None


def _whole_lines(path: Path) -> Iterator[Forgotten]:
    for line in path.read_bytes().split(b"\n"):
        with suppress(msgspec.DecodeError, msgspec.ValidationError):
            yield msgspec.json.decode(line, type=Forgotten)


def position_file(path: Path) -> Path:
    """Where the position of the write-ahead log stands, beside the list."""
    return path.with_name(f"{path.name}{POSITION}")


def last_position(path: Path) -> int | None:
    """How far the write-ahead log had come when the list was last looked after, in bytes; None: nobody wrote it."""
    try:
        return int(position_file(path).read_text())
    except (OSError, ValueError):
        return None


async def forget_again(
    database: Database, listed: list[Forgotten], subject_key: bytes, tenant_key: bytes, request_id: str
) -> tuple[int, int]:
    """Delete the tenants and begin the erasures that a list names; returns how many of each.

    Raises DatabaseUnavailableError.
    """
    gone = {one.hash for one in listed if one.kind == "tenant"}
    erased = {(one.tenant, one.hash) for one in listed if one.kind == "user"}
    deleted = begun = 0
    for tenant in await tenants.list_tenants(database):
        hashed = tenants.tenant_id_hash(tenant_key, tenant.tenant_id).hex()
        if hashed in gone:
            await tenants.delete_tenant(database, tenant.tenant_id, key=tenant_key)
            deleted += 1
        elif any(one == hashed for one, _ in erased):
            for row in await database.rows("users_of_tenant", tenant.tenant_id):
                user_id = row["user_id"]
                if user_id and (hashed, person_hash(subject_key, tenant.tenant_id, user_id).hex()) in erased:
                    await privacy.begin_erasure(database, subject_key, tenant.tenant_id, user_id, request_id, None)
                    begun += 1
    return deleted, begun
