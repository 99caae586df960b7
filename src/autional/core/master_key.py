"""The master key: where it is stored, and the keys derived from it."""

import base64
import binascii
import os
import secrets
from contextlib import suppress
from pathlib import Path

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from autional.core.settings import Settings

_MASTER_BYTES = 32
_MASTER_FILE = "master.key"


class MasterKeyError(Exception):
    """The master key is missing, readable by others, or not the one that encrypted the signing keys; in one line."""


def master_key(settings: Settings) -> bytes:
    """The 32 bytes that encrypt private keys: from the settings, otherwise from master.key in the data folder.

    The file is created on first use, readable only by its owner. Raises MasterKeyError.
    """
    if settings.master_key is not None:
        return _parse_master_key(settings.master_key, "AUTIONAL_MASTER_KEY")
    path = master_file(settings)
    if not path.exists():
        _write_once(path, base64.urlsafe_b64encode(secrets.token_bytes(_MASTER_BYTES)))
    if path.stat().st_mode & 0o077:
        raise MasterKeyError(f"{path} can be read by others: chmod 600 it")
    return _parse_master_key(path.read_text().strip(), str(path))


def master_file(settings: Settings) -> Path:
    """Where the master key is stored, unless a setting contains it."""
    return settings.data_path / _MASTER_FILE


def derive(master: bytes, purpose: str) -> bytes:
    """A key of 32 bytes for one purpose (HKDF-Expand, RFC 5869 §2.3)."""
    return HKDFExpand(SHA256(), _MASTER_BYTES, f"autional {purpose}".encode()).derive(master)


def _parse_master_key(text: str, where: str) -> bytes:
    try:
        key = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != _MASTER_BYTES:
        raise MasterKeyError(f"{where} is not {_MASTER_BYTES} bytes in base64url")
    return key


def _write_once(path: Path, content: bytes) -> None:
    """Create the file atomically, readable only by its owner. If another process was first, its file stays."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    with suppress(FileExistsError):
        path.hardlink_to(draft)
    draft.unlink()
