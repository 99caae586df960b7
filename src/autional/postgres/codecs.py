"""How values are written and read that PostgreSQL stores in another form than the service has them in."""

from struct import Struct
from uuid import UUID

import msgspec
from asyncpg import Connection, Record

from autional.core import ids

_JSONB_VERSION = b"\x01"
_BIGINT = Struct("!q")


async def install(connection: "Connection[Record]") -> None:
    """Have a connection store objects in `jsonb`, ids of sessions and tokens in `uuid`, and tenants in `bigint`.

    COPY knows no other format than the binary one.
    """
    codecs = {"jsonb": (_json, _from_json), "uuid": (_uuid, ids.from_stored), "int8": (_bigint, _from_bigint)}
    for name, (encoder, decoder) in codecs.items():
        await connection.set_type_codec(name, schema="pg_catalog", encoder=encoder, decoder=decoder, format="binary")


def _json(value: object) -> bytes:
    return _JSONB_VERSION + msgspec.json.encode(value)


def _from_json(raw: bytes) -> object:
    return msgspec.json.decode(raw[1:])


def _uuid(value: str | UUID) -> bytes:
    """The id in a text; texts that are no such ids are written as the id of nothing."""
    return ids.stored(value) if isinstance(value, str) else value.bytes


def _bigint(value: str | int) -> bytes:
    """A number; a text is the id of a tenant, which is written as its home."""
    return _BIGINT.pack(ids.home(value) if isinstance(value, str) else value)


def _from_bigint(raw: bytes) -> int:
    number: int = _BIGINT.unpack(raw)[0]
    return number
