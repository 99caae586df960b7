"""Positions in a list that a client carries and cannot change (opaque, signed)."""

import hashlib
from collections.abc import Sequence

import msgspec
from itsdangerous import BadData, URLSafeSerializer

Position = Sequence[int | str]


def write(key: bytes, position: Position, bound_to: Sequence[str | None]) -> str:
    """A cursor that continues after `position` in the list that `bound_to` (tenant, list, filters) describes."""
    return str(_serializer(key, bound_to).dumps(list(position)))


def read(key: bytes, cursor: str, bound_to: Sequence[str | None]) -> Position:
    """The position in a cursor that was written for the same list. Raises ValueError."""
    try:
        position: Position = _serializer(key, bound_to).loads(cursor)
    except (BadData, UnicodeEncodeError):
        raise ValueError("Is not a cursor of this list with these filters") from None
    return position


def _serializer(key: bytes, bound_to: Sequence[str | None]) -> URLSafeSerializer:
    salt = msgspec.json.encode([None if part is None else str(part) for part in bound_to])
    return URLSafeSerializer(key, salt, signer_kwargs={"digest_method": hashlib.sha256, "key_derivation": "hmac"})
