"""The life of the signing keys: made once, encrypted at rest by the master key, read into a ring."""

import base64
import binascii
import os
import secrets
from contextlib import suppress
from datetime import datetime
from pathlib import Path

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from joserfc.jwk import ECKey

from autional.db import Queries
from autional.jose import KeyRing, SigningKey
from autional.settings import Settings

_ALGORITHM = "ES256"
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


async def key_ring(queries: Queries, master: bytes, now: datetime) -> KeyRing:
    """The ring of all signing keys; the first key of a new installation is made here.

    Raises MasterKeyError, DatabaseUnavailableError.
    """
    rows = await queries.rows("signing_keys")
    if not rows:
        key_id, key = _new_key()
        private = msgspec.json.encode(key.as_dict(private=True))
        await queries.rows(
            "insert_first_signing_key", key_id, key.as_dict(private=False), _seal(master, key_id, private), now
        )
        rows = await queries.rows("signing_keys")
    return KeyRing(
        [
            SigningKey(
                row["key_id"],
                _ALGORITHM,
                ECKey.import_key(msgspec.json.decode(_unseal(master, row["key_id"], row["sealed_private"]))),
            )
            for row in rows
        ]
    )


def _new_key() -> tuple[str, ECKey]:
    """A key under its RFC 7638 thumbprint."""
    key = ECKey.generate_key("P-256")
    return key.thumbprint(), key


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
