"""Checkpoints: signed states of audit logs, to store where whoever can change the database cannot change them."""

from datetime import datetime

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

from autional.audit.verification import LogState
from autional.core import master_key
from autional.postgres.queries import Store, database_time

_ALGORITHM = "Ed25519"
_TYPE = "audit-checkpoint+json"


class CheckpointError(Exception):
    """A text is not a checkpoint of this installation; one line says why."""


class Checkpoint(msgspec.Struct, frozen=True, kw_only=True):
    """How many entries a log had at an instant, and the hash of the last one in hexadecimal."""

    log: str
    entries: int
    head: str
    at: datetime

    @property
    def point(self) -> LogState:
        """The state that the log must still contain."""
        return LogState(self.entries, bytes.fromhex(self.head))


def signing_key(master: bytes) -> OKPKey:
    """The key of checkpoints, derived from the master key; it never rotates."""
    return OKPKey.import_key(Ed25519PrivateKey.from_private_bytes(master_key.derive(master, "audit checkpoints")))


def sign(checkpoint: Checkpoint, key: OKPKey) -> str:
    """A checkpoint as a compact JWS (RFC 7515 §3.1)."""
    header = {"alg": _ALGORITHM, "typ": _TYPE, "kid": key.thumbprint()}
    return jws.serialize_compact(header, msgspec.json.encode(checkpoint), key, algorithms=[_ALGORITHM])


async def signed_now(store: Store, log: str, key: OKPKey) -> str:
    """A checkpoint of a log as it is now. Raises DatabaseUnavailableError."""
    async with store.transaction(isolation="repeatable_read", readonly=True) as queries:
        row = await queries.row("audit_head", log)
        at = await database_time(queries, None)
    entries, head = (row["sequence"], row["hash"].hex()) if row else (0, "")
    return sign(Checkpoint(log=log, entries=entries, head=head, at=at), key)


def read(text: str, key: OKPKey) -> Checkpoint:
    """The checkpoint in a text that was signed with this key. Raises CheckpointError."""
    try:
        found = jws.deserialize_compact(text.strip(), key, algorithms=[_ALGORITHM])
        checkpoint = msgspec.json.decode(found.payload, type=Checkpoint)
        bytes.fromhex(checkpoint.head)
    except (JoseError, ValueError, msgspec.MsgspecError) as error:
        raise CheckpointError("a line is no checkpoint of this installation, or was damaged") from error
    if found.headers().get("typ") != _TYPE:
        raise CheckpointError("not a checkpoint: another kind of text was signed")
    return checkpoint
