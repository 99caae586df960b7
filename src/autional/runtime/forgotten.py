"""What was erased and deleted, in a file apart from the database: a database that is restored forgets it again."""

import os
from collections.abc import Iterator
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
OVERLAP = timedelta(minutes=5)
_EVER = datetime(1970, 1, 1, tzinfo=UTC)


class Forgotten(msgspec.Struct, frozen=True):
    """An erased user or a deleted tenant, by keyed hashes: nobody can be read from it."""

    kind: Literal["user", "tenant"]
    hash: str
    at: datetime
    tenant_id: str | None = None
    """Of an erased user."""


class ForgottenFile:
    """The file of one node; every node may have its own, since each gets everything."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._known = set(read(path))

    async def keep(self, queries: Queries) -> None:
        """Add what was forgotten since the last time. Raises DatabaseUnavailableError, OSError."""
        since = max((one.at for one in self._known), default=_EVER)
        rows = await queries.rows("forgotten", max(_EVER, since - OVERLAP) if self._known else _EVER)
        found = [Forgotten(row["kind"], row["hash"].hex(), row["at"], row["tenant_id"]) for row in rows]
        if new := [one for one in found if one not in self._known]:
            descriptor = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
            with os.fdopen(descriptor, "ab") as file:
                file.writelines(msgspec.json.encode(one) + b"\n" for one in new)
                file.flush()
                os.fsync(file.fileno())
            self._known.update(new)


def file_of(settings: Settings) -> Path | None:
    """The file that the settings name, or that stands beside the embedded database; None: there is none."""
    if settings.forgotten_file:
        return Path(settings.forgotten_file)
    return None if settings.database_url else settings.data_path / _NAME


def read(path: Path) -> Iterator[Forgotten]:
    """What a file lists; nothing where there is none. A last line that was cut is skipped."""
    if not path.exists():
        return
    for line in path.read_bytes().splitlines(keepends=True):
        if line.endswith(b"\n"):
            yield msgspec.json.decode(line, type=Forgotten)


async def forget_again(
    database: Database, listed: list[Forgotten], subject_key: bytes, tenant_key: bytes, request_id: str
) -> tuple[int, int]:
    """Delete the tenants and begin the erasures that a list names; returns how many of each.

    Raises DatabaseUnavailableError.
    """
    gone = {one.hash for one in listed if one.kind == "tenant"}
    erased = {(one.tenant_id, one.hash) for one in listed if one.kind == "user"}
    deleted = begun = 0
    for tenant in await tenants.list_tenants(database):
        if tenants.tenant_id_hash(tenant_key, tenant.tenant_id).hex() in gone:
            await tenants.delete_tenant(database, tenant.tenant_id, key=tenant_key)
            deleted += 1
            continue
        if not any(tenant_id == tenant.tenant_id for tenant_id, _ in erased):
            continue
        for row in await database.rows("users_of_tenant", tenant.tenant_id):
            user_id = row["user_id"]
            if user_id and (tenant.tenant_id, person_hash(subject_key, tenant.tenant_id, user_id).hex()) in erased:
                await privacy.begin_erasure(database, subject_key, tenant.tenant_id, user_id, request_id, None)
                begun += 1
    return deleted, begun
