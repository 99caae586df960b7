"""Secrets that the service has to use are stored sealed by the master key (AES-256-GCM)."""

import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_NONCE_BYTES = 12


class UnsealError(Exception):
    """A secret was sealed by another key, or for something else."""


def seal(key: bytes, name: str, secret: bytes) -> bytes:
    """A secret that only this key opens again, under the same name."""
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, secret, name.encode())


def unseal(key: bytes, name: str, sealed: bytes) -> bytes:
    """The secret. Raises UnsealError."""
    try:
        return AESGCM(key).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], name.encode())
    except InvalidTag:
        raise UnsealError(f"{name} was sealed by another key") from None
