"""The life of the signing keys: made once, encrypted at rest by the master key, read into a ring."""

import base64
import binascii
import hashlib
import hmac
import os
import secrets
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Literal

import msgspec
from asyncpg import Record
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from joserfc.jwk import ECKey, OKPKey

from autional.db import Queries
from autional.jose import KeyRing, SigningKey
from autional.settings import Settings

Algorithm = Literal["ES256", "Ed25519"]

_MASTER_BYTES = 32
_NONCE_BYTES = 12


class MasterKeyError(Exception):
    """The master key is missing, unsafe or not the one that sealed the signing keys; one line that says what to do."""


def master_key(settings: Settings) -> bytes:
    """The 32 bytes that encrypt private keys: from the settings, else from master.key in the data folder.

    The file is made on first use, readable by its owner alone. Raises MasterKeyError.
    """
    if settings.master_key is not None:
        return _parse_master_key(settings.master_key, "AUTIONAL_MASTER_KEY")
    path = settings.data_path / "master.key"
    if not path.exists():
        _write_once(path, base64.urlsafe_b64encode(secrets.token_bytes(_MASTER_BYTES)))
    if path.stat().st_mode & 0o077:
        raise MasterKeyError(f"{path} can be read by others: chmod 600 it")
    return _parse_master_key(path.read_text().strip(), str(path))


def derive(master: bytes, purpose: str) -> bytes:
    """A key of 32 bytes for one purpose (HKDF-Expand of RFC 5869, one block)."""
    return hmac.digest(master, f"autional {purpose}".encode() + b"\x01", hashlib.sha256)


async def key_ring(queries: Queries, master: bytes, algorithm: Algorithm, now: datetime) -> KeyRing:
    """The ring of all signing keys; the first key of a new installation is made here, for this algorithm.

    Raises MasterKeyError, DatabaseUnavailableError.
    """
    rows = await queries.rows("signing_keys")
    if not rows:
        new = _new_key(algorithm)
        private = msgspec.json.encode(new.key.as_dict(private=True))
        sealed = _seal(master, new.key_id, private)
        await queries.rows("insert_first_signing_key", new.key_id, new.public_jwk, sealed, now)
        rows = await queries.rows("signing_keys")
    return KeyRing([_opened(row, master) for row in rows])


def _opened(row: Record, master: bytes) -> SigningKey:
    private = msgspec.json.decode(_unseal(master, row["key_id"], row["sealed_private"]))
    kind = ECKey if private["kty"] == "EC" else OKPKey
    return SigningKey(row["key_id"], row["public_jwk"]["alg"], kind.import_key(private))


def _new_key(algorithm: Algorithm) -> SigningKey:
    """A key under its RFC 7638 thumbprint, for an algorithm by its name in RFC 7518 or RFC 9864."""
    key = ECKey.generate_key("P-256") if algorithm == "ES256" else OKPKey.generate_key("Ed25519")
    return SigningKey(key.thumbprint(), algorithm, key)


def _seal(master: bytes, key_id: str, private: bytes) -> bytes:
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return nonce + AESGCM(master).encrypt(nonce, private, key_id.encode())


def _unseal(master: bytes, key_id: str, sealed: bytes) -> bytes:
    try:
        return AESGCM(master).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], key_id.encode())
    except InvalidTag:
        raise MasterKeyError("the master key is not the one that sealed the signing keys of this database") from None


def _parse_master_key(text: str, where: str) -> bytes:
    try:
        key = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != _MASTER_BYTES:
        raise MasterKeyError(f"{where} is not {_MASTER_BYTES} bytes in base64url")
    return key


def _write_once(path: Path, content: bytes) -> None:
    """Create the file whole and closed to others; where another process was first, its file stays."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    with suppress(FileExistsError):
        path.hardlink_to(draft)
    draft.unlink()
