"""The console's own credentials: links that open once, and the secret that a browser holds for a session.

A session of the console is a session like any other, but no token of it is ever given out.
"""

from datetime import datetime, timedelta
from typing import NamedTuple

from autional.access.caller import ADMINISTRATORS, Caller
from autional.core import ids, problems
from autional.core.authority import Role
from autional.core.formats import user_id_error
from autional.core.problems import Problem, Violation
from autional.postgres.queries import Queries
from autional.tenancy import tenants

APP_ID = "autional-console"
LINK_LIFETIME = timedelta(minutes=5)
_LINK_PREFIX = "link"
_SESSION_PREFIX = "con"
_UNKNOWN = b"\0" * 32


class OpenedLink(NamedTuple):
    """Whom a link signs in."""

    tenant_id: str
    user_id: str
    role: Role


async def create_link(queries: Queries, tenant_id: str, user_id: str, role: Role, at: datetime | None) -> str:
    """A secret that signs a user in to the console, once and within five minutes.

    Raises the Problems INVALID_PARAMETER, TENANT_NOT_FOUND.
    """
    wrong = [Violation("user_id", "format", fault)] if (fault := user_id_error(user_id)) else []
    if role not in ADMINISTRATORS:
        wrong.append(Violation("role", "value", "Is not an administrator's"))
    if wrong:
        raise Problem(problems.INVALID_PARAMETER, violations=wrong)
    secret = ids.new_secret(_LINK_PREFIX)
    link = tenant_id, secret.id, secret.digest, user_id, role, at, LINK_LIFETIME
    if not await queries.rows("insert_console_link", *link):
        raise Problem(problems.TENANT_NOT_FOUND)
    return secret.text


async def open_link(queries: Queries, secret: str, at: datetime | None) -> OpenedLink:
    """Whom a link signs in; it is gone then. Raises the Problem INVALID_SIGN_IN_LINK."""
    link_id = ids.secret_id(secret, _LINK_PREFIX)
    row = await queries.row("open_console_link", link_id, ids.sha256(secret), at) if link_id else None
    if row is None:
        raise Problem(problems.INVALID_SIGN_IN_LINK)
    return OpenedLink(row["tenant_id"], row["user_id"], row["role"])


async def begin(
    queries: Queries, tenant_id: str, session_id: str, *, aal: int, idle: timedelta, absolute: timedelta
) -> str:
    """Make a new session one of the console, within these deadlines; the secret that its browser holds."""
    secret = ids.new_secret(_SESSION_PREFIX)
    await queries.rows("begin_console_session", tenant_id, session_id, secret.id, secret.digest, aal, idle, absolute)
    return secret.text


async def caller_of(queries: Queries, secret: str, tenant_id: str | None, at: datetime | None) -> Caller:
    """The administrator whose browser holds a secret, acting in a tenant (None: the own one).

    Raises the Problems INVALID_TOKEN, SESSION_OVER, FOREIGN_TENANT (except for platform administrators),
    TENANT_NOT_FOUND.
    """
    name = ids.secret_id(secret, _SESSION_PREFIX)
    row = await queries.row("console_session", name, at) if name else None
    if not ids.equal_hashes(ids.sha256(secret), row["secret_sha256"] if row else _UNKNOWN) or row is None:
        raise Problem(problems.INVALID_TOKEN)
    if not row["is_valid"]:
        raise Problem(problems.SESSION_OVER)
    acts_in = tenant_id or row["tenant_id"]
    is_foreign = acts_in != row["tenant_id"]
    if is_foreign and row["role"] != "platform_admin":
        raise Problem(problems.FOREIGN_TENANT)
    if not row["is_enabled"]:
        raise Problem(problems.TENANT_NOT_FOUND)
    if is_foreign:
        await tenants.require_enabled(queries, acts_in)
    home = row["tenant_id"] if is_foreign else None
    return Caller(acts_in, "console", row["user_id"], row["role"], row["aal"], home, row["session_id"])
