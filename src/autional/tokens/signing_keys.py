"""Signing keys: created, encrypted with the master key, rotated and retired."""

from datetime import datetime, timedelta
from itertools import pairwise
from typing import Literal, NamedTuple

import msgspec
from asyncpg import CheckViolationError, Record
from joserfc.jwk import ECKey, OKPKey

from autional.core import problems
from autional.core.master_key import MasterKeyError, master_file, master_key
from autional.core.problems import Problem
from autional.core.sealing import UnsealError, seal, unseal
from autional.core.settings import Settings
from autional.postgres.queries import Queries, database_time
from autional.tokens.jwt import KeyRing, SigningKey

Algorithm = Literal["ES256", "Ed25519"]

PUBLISHED = timedelta(minutes=2)
"""How long a new key stands in the JWKS before it signs: longer than anybody keeps those."""
SPREAD = timedelta(seconds=5)
"""How long every node takes at most to read a new key."""
MAXIMUM_AGE = timedelta(days=90)
_LONGEST_TOKEN = timedelta(days=31)


_KEY_PREFIX = "sig_"


class KeyState(NamedTuple):
    """A signing key as an operator sees it."""

    key_id: str
    algorithm: str
    created_at: datetime
    signs_from: datetime
    retired_at: datetime | None


async def master_key_for(queries: Queries, settings: Settings) -> bytes:
    """The master key for a database; none is created if another one has already encrypted keys.

    Raises MasterKeyError, DatabaseUnavailableError.
    """
    path = master_file(settings)
    if settings.master_key is None and not path.exists() and await queries.rows("signing_keys"):
        raise MasterKeyError(
            f"the signing keys of this database are sealed by a master key that is not here: "
            f"put its file at {path}, or set AUTIONAL_MASTER_KEY"
        )
    return master_key(settings)


async def key_ring(queries: Queries, master: bytes, algorithm: Algorithm, at: datetime | None) -> KeyRing:
    """The keys in use. The first key of a new installation is created here, for this algorithm.

    Raises MasterKeyError, DatabaseUnavailableError.
    """
    rows = await queries.rows("signing_keys_in_use", at)
    if not any(row["signs"] for row in rows):
        await _add(queries, master, algorithm, at, spread=timedelta(), first=True)
        rows = await queries.rows("signing_keys_in_use", at)
    signing = [row for row in rows if row["signs"]] or rows
    return KeyRing([_opened(row, master) for row in rows], signing[-1]["key_id"])


async def rotate(
    queries: Queries, master: bytes, algorithm: Algorithm, at: datetime | None, wait: timedelta = PUBLISHED
) -> str | None:
    """Add a key that signs once every node and client can know it; returns its id, None if another process was first.

    Earlier keys verify until they are retired.
    """
    return await _add(queries, master, algorithm, at, spread=wait, first=False)


async def list_keys(queries: Queries) -> list[KeyState]:
    """All keys, oldest first."""
    rows = await queries.rows("signing_keys")
    return [
        KeyState(row["key_id"], row["public_jwk"]["alg"], row["created_at"], row["signs_from"], row["retired_at"])
        for row in rows
    ]


async def retire(queries: Queries, key_id: str, at: datetime | None) -> None:
    """Stop accepting what a key signed; never the last key that signs. Raises the Problem KEY_NOT_RETIRABLE."""
    try:
        retired = await queries.rows("retire_signing_key", key_id, at)
    except CheckViolationError:  # another one was retired at the same time: the rule is the database's
        retired = []
    if not retired:
        raise Problem(problems.KEY_NOT_RETIRABLE)


async def rotate_by_age(queries: Queries, master: bytes, algorithm: Algorithm, at: datetime | None) -> None:
    """Rotate by age, and retire keys that were replaced longer ago than any token lives."""
    now = await database_time(queries, at)
    keys = [key for key in await list_keys(queries) if key.retired_at is None]
    if keys and now - keys[-1].created_at > MAXIMUM_AGE:
        await rotate(queries, master, algorithm, at)
    for key, follower in pairwise(keys):
        if now - follower.signs_from > _LONGEST_TOKEN:
            await retire(queries, key.key_id, at)


async def _add(
    queries: Queries, master: bytes, algorithm: Algorithm, at: datetime | None, *, spread: timedelta, first: bool
) -> str | None:
    new = _new_key(algorithm)
    sealed = seal(master, new.key_id, msgspec.json.encode(new.key.as_dict(private=True)))
    added = await queries.rows("insert_signing_key", new.key_id, new.public_jwk, sealed, at, spread, first)
    return new.key_id if added else None


def _opened(row: Record, master: bytes) -> SigningKey:
    try:
        private = msgspec.json.decode(unseal(master, row["key_id"], row["sealed_private"]))
    except UnsealError:
        raise MasterKeyError(
            "the master key (AUTIONAL_MASTER_KEY, else master.key in the data folder) is not the one that sealed the"
            " signing keys of this database"
        ) from None
    kind = ECKey if private["kty"] == "EC" else OKPKey
    return SigningKey(row["key_id"], row["public_jwk"]["alg"], kind.import_key(private))


def _new_key(algorithm: Algorithm) -> SigningKey:
    """A key with its RFC 7638 thumbprint as id, for an algorithm named as in RFC 7518 or RFC 9864.

    The prefix keeps an id that begins with - from being taken for an option at the shell.
    """
    key = ECKey.generate_key("P-256") if algorithm == "ES256" else OKPKey.generate_key("Ed25519")
    return SigningKey(f"{_KEY_PREFIX}{key.thumbprint()}", algorithm, key)
