"""Token Status Lists: where the status of a token is published, and the lists (draft-ietf-oauth-status-list).

The index of a token is a keyed permutation of its number within a list, and the id of a list its encrypted number:
neither tells how many tokens there are, or which were issued one after the other.
"""

import asyncio
import base64
import hmac
import zlib
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

from cachetools import LRUCache
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from autional.core import background, master_key
from autional.postgres.queries import Queries
from autional.tokens.jwt import Issuer
from autional.tokens.model import ExchangeClaims, Issuance, StatusKeys, Subject

TTL = 30
"""Seconds for which a list may be kept before it is asked for again."""
_INDEX_BITS = 20
_HALF = _INDEX_BITS // 2
_ROUNDS = 4
_BATCH = 1000
_LIFE = 86_400
_ID_BYTES = 16
_KEPT_BYTES = 32 * 1024 * 1024


class StatusList(NamedTuple):
    """A list as it was at some version, signed."""

    version: int
    signed_at: int
    """Seconds since 1970."""
    read_at: datetime
    bits: bytes
    token: bytes


def keys_of(master: bytes) -> StatusKeys:
    """The keys, which follow from the master key."""
    return StatusKeys(master_key.derive(master, "status lists"), master_key.derive(master, "status indexes"))


def list_id(keys: StatusKeys, number: int) -> str:
    """The public id of a list."""
    return _cipher(keys, number.to_bytes(_ID_BYTES), encrypt=True).hex()


def list_of(keys: StatusKeys, text: str) -> int | None:
    """The number of a list, from its public id; None if it is none."""
    try:
        raw = bytes.fromhex(text)
    except ValueError:
        return None
    if len(raw) != _ID_BYTES or raw.hex() != text:
        return None
    number = int.from_bytes(_cipher(keys, raw, encrypt=False))
    return number if number < 2 ** (63 - _INDEX_BITS) else None


def index_of(keys: StatusKeys, number: int) -> int:
    """The index of a token in its list: a Feistel network over the low bits of its number."""
    of_list, place = divmod(number, 1 << _INDEX_BITS)
    left, right = divmod(place, 1 << _HALF)
    for added in _rounds(keys.indexes, of_list):
        left, right = right, left ^ added[right]
    return left << _HALF | right


async def list_token(
    queries: Queries, issuer: Issuer, subject: Subject, issuance: Issuance, exchanged: ExchangeClaims | None
) -> dict[str, Any]:
    """Put a token in a list; returns its `status` claim (§6.1). The same token gets the same one again.

    Raises DatabaseUnavailableError.
    """
    row = await queries.row(
        "list_token",
        subject.tenant_id,
        issuance.token_id,
        subject.session_id,
        *issuance.generations,
        subject.aal,
        exchanged.ancestors if exchanged else None,
        issuance.expires_at,
    )
    number = int(row["number"]) if row else 0
    uri = uri_of(issuer, number >> _INDEX_BITS)
    return {"status_list": {"idx": index_of(issuer.status_keys, number), "uri": uri}}


def uri_of(issuer: Issuer, of_list: int) -> str:
    """Where a list is published."""
    return f"{issuer.name.rstrip('/')}/status-lists/{list_id(issuer.status_keys, of_list)}"


async def tenants_listing(queries: Queries) -> frozenset[str]:
    """The tenants whose access tokens stand in lists. Raises DatabaseUnavailableError."""
    return frozenset(row["tenant_id"] for row in await queries.rows("tenants_listing_tokens"))


async def set_listing(queries: Queries, tenant_id: str, *, enabled: bool) -> None:
    """Have the access tokens of a tenant stand in lists, or not, from now on. Raises DatabaseUnavailableError."""
    await queries.rows("set_lists_tokens", tenant_id, enabled)


async def is_listing(queries: Queries, tenant_id: str) -> bool:
    """Whether the access tokens of a tenant stand in lists. Raises DatabaseUnavailableError."""
    row = await queries.row("lists_tokens", tenant_id)
    return bool(row and row["lists_tokens"])


async def publish(queries: Queries) -> bool:
    """Bring into the lists what has ended; returns whether there may be more. Raises DatabaseUnavailableError."""
    found = [row["tenant_id"] for row in await queries.rows("tenants_to_list")]
    await background.for_each(found, lambda tenant_id: queries.rows("uncheck_listed_tokens", tenant_id, _BATCH))
    row = await queries.row("check_listed_tokens", _BATCH)
    return bool(found or (row and row["has_more"]))


class PublishedLists:
    """The lists as this node last published them."""

    def __init__(self) -> None:
        self._known: LRUCache[int, StatusList] = LRUCache(_KEPT_BYTES, lambda kept: len(kept.token) + len(kept.bits))
        self._reading: dict[int, asyncio.Task[StatusList | None]] = {}

    async def read(self, queries: Queries, issuer: Issuer, of_list: int) -> bytes | None:
        """The Status List Token of a list (§5.1); None if it is retired. Raises DatabaseUnavailableError.

        Who asks while it is being read waits for the same reading, and for the next one if that had begun before.
        """
        begun = self._reading.get(of_list)
        if begun is not None:
            await asyncio.wait([begun])
        task = self._reading.get(of_list)
        if task is None or task is begun:
            task = self._reading[of_list] = asyncio.create_task(self._read(queries, issuer, of_list))
            task.add_done_callback(lambda done: self._forget(of_list, done))
        found = await asyncio.shield(task)
        return found.token if found else None

    def _forget(self, of_list: int, done: "asyncio.Task[StatusList | None]") -> None:
        if self._reading.get(of_list) is done:
            del self._reading[of_list]

    async def _read(self, queries: Queries, issuer: Issuer, of_list: int) -> StatusList | None:
        known = self._known.get(of_list)
        row = await queries.row("status_list", of_list)
        if row is None or row["is_retired"]:
            return None
        is_known = known is not None and known.version == row["version"] and row["now"] - known.signed_at < _LIFE // 2
        if known is not None and is_known:
            return known
        since = known.read_at if known else None
        numbers = [int(one["number"]) for one in await queries.rows("revoked_numbers", of_list, since)]
        bits, packed = await asyncio.to_thread(_packed, issuer.status_keys, known.bits if known else None, numbers)
        claims = {
            "sub": uri_of(issuer, of_list),
            "iat": row["now"],
            "exp": row["now"] + _LIFE,
            "ttl": TTL,
            "status_list": {"bits": 1, "lst": packed},
        }
        token = issuer.current_ring.sign_as("statuslist+jwt", claims).encode()
        self._known[of_list] = found = StatusList(row["version"], row["now"], row["read_at"], bits, token)
        return found


def _packed(keys: StatusKeys, known: bytes | None, numbers: list[int]) -> tuple[bytes, str]:
    """The bits of a list with those of more numbers, and compressed (§4.1, §4.2)."""
    bits = bytearray(known or 1 << (_INDEX_BITS - 3))
    for number in numbers:
        index = index_of(keys, number)
        bits[index >> 3] |= 1 << (index & 7)
    return bytes(bits), base64.urlsafe_b64encode(zlib.compress(bytes(bits), 9)).rstrip(b"=").decode()


@lru_cache(maxsize=16)
def _rounds(key: bytes, of_list: int) -> tuple[tuple[int, ...], ...]:
    """What each round of the permutation adds, by the half that it is added for."""
    size = 1 << _HALF
    return tuple(
        tuple(
            int.from_bytes(hmac.digest(key, b"%d %d %d" % (of_list, turn, half), "sha256")[:2]) & (size - 1)
            for half in range(size)
        )
        for turn in range(_ROUNDS)
    )


def _cipher(keys: StatusKeys, block: bytes, *, encrypt: bool) -> bytes:
    cipher = Cipher(algorithms.AES(keys.lists), modes.ECB())  # noqa: S305 - one block, which never repeats
    turned = cipher.encryptor() if encrypt else cipher.decryptor()
    return turned.update(block) + turned.finalize()
