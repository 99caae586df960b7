"""The audit log: what administrators and services did. Append-only, one per tenant, entries chained by hashes."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal, NamedTuple

from asyncpg import Record

from autional.audit import personal_values
from autional.core.formats import NO_TENANT_ID
from autional.postgres.queries import Queries

PLATFORM = NO_TENANT_ID
"""What the log of the platform is called, beside those of the tenants."""
"""The log of what is done to the platform as a whole; no tenant is called so."""
ERASED: "Action" = "user.erased"
"""The action of the entry that says whose personal values are gone from all entries before it."""

Action = Literal[
    "alerts.put",
    "api_key.create",
    "api_key.enable",
    "api_key.revoke",
    "blacklist.add",
    "blacklist.delete",
    "console.link",
    "console.sign_in",
    "console.sign_out",
    "database.restored",
    "device.distrust",
    "device.trust",
    "job.cancel",
    "jwt_config.delete",
    "jwt_config.put",
    "receiver.create",
    "receiver.delete",
    "receiver.replay",
    "receiver.rotate_secret",
    "receiver.update",
    "retention.delete",
    "retention.put",
    "risk_weights.delete",
    "risk_weights.put",
    "session.create",
    "session.revoke",
    "session.upgrade",
    "session_limits.delete",
    "session_limits.put",
    "session_policy.delete",
    "session_policy.put",
    "sessions.load",
    "sessions.purge_expired",
    "sessions.revoke_many",
    "sessions.revoke_of_agent",
    "sessions.revoke_of_user",
    "signing_key.retire",
    "signing_key.rotate",
    "status_list.put",
    "stream.create",
    "stream.delete",
    "stream.update",
    "tenant.create",
    "tenant.delete",
    "tenant.disable",
    "tenant.enable",
    "token.exchange",
    "token.mint",
    "token.revoke",
    "tokens.generate",
    "tokens.revoke_all",
    "user.erase",
    "user.erased",
    "user.export",
]
"""Every kind of act."""


class NewEntry(NamedTuple):
    """An entry to append; `details` say who did it, from where, to what, and what was before and after.

    `actor` is the user who did it, None for an API key or an operator; `home` is the user's tenant if it is
    another one.
    """

    action: Action
    request_id: str
    details: Mapping[str, Any]
    actor: str | None = None
    home: str | None = None


class Entry(NamedTuple):
    """An entry of the log; values in `details` are null where something personal was erased."""

    sequence: int
    at: datetime
    action: str
    request_id: str
    details: dict[str, Any]
    hash: bytes
    erased: bool


class AuditQuery(NamedTuple):
    """Which entries; None is any. `about` is a user who is mentioned, or a value such as a session id."""

    action: Action | None = None
    actor: str | None = None
    about: str | None = None
    start: datetime | None = None
    end: datetime | None = None


async def append(queries: Queries, key: bytes, tenant_id: str, act: NewEntry, at: datetime | None) -> int | None:
    """Append an entry. In the transaction of the action itself it is stored if and only if the action takes effect.

    Returns the number of the entry. `key` makes the hashes of the persons who are mentioned.
    """
    named = personal_values.session_ids_in(act.details)
    rows = await queries.rows("users_of_sessions", tenant_id, named) if named else []
    owners = {row["session_id"]: row["user_id"] for row in rows if row["user_id"]}
    details, values = personal_values.split_personal(act.details, act.actor, owners)
    salted = personal_values.salted_rows(values, key, tenant_id, act.home)
    row = await queries.row("append_audit", tenant_id, at, act.action, act.request_id, details, salted)
    return row["sequence"] if row else None


async def list_entries(
    queries: Queries, tenant_id: str, query: AuditQuery, size: int, before: int | None = None
) -> list[Entry]:
    """Part of the log, newest first."""
    return [_entry(row) for row in await queries.rows("audit_page", tenant_id, before, *query, size)]


def _entry(row: Record) -> Entry:
    values = [(path, value) for path, value in row["personal"]]
    details = personal_values.join_personal(row["details"] or {}, values)
    erased = any(value is None for _, value in values)
    return Entry(row["sequence"], row["at"], row["action"], row["request_id"], details, row["hash"], erased)
