"""Positions in a list that a client carries and cannot change (opaque, signed)."""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Sequence

_MAC_BYTES = 16


def write(key: bytes, position: str, bound_to: Sequence[str | None]) -> str:
    """A cursor to go on after `position` in the list that `bound_to` (tenant, list, filters) describes."""
    plain = position.encode()
    return base64.urlsafe_b64encode(_mac(key, plain, bound_to) + plain).rstrip(b"=").decode()


def read(key: bytes, cursor: str, bound_to: Sequence[str | None]) -> str:
    """The position of a cursor that was written for the same list. Raises ValueError."""
    try:
        raw = base64.b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, UnicodeEncodeError):
        raise ValueError("Is not a cursor of this list") from None
    mac, plain = raw[:_MAC_BYTES], raw[_MAC_BYTES:]
    if not hmac.compare_digest(mac, _mac(key, plain, bound_to)):
        raise ValueError("Is not a cursor of this list")
    return plain.decode()


def _mac(key: bytes, plain: bytes, bound_to: Sequence[str | None]) -> bytes:
    parts = [plain, *(b"-" if part is None else b"=" + part.encode() for part in bound_to)]
    framed = b"".join(len(part).to_bytes(4) + part for part in parts)
    return hmac.digest(key, framed, hashlib.sha256)[:_MAC_BYTES]
