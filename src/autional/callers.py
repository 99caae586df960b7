"""Who calls, for which tenant, and whether that still holds at this moment."""

from datetime import datetime
from typing import Literal, NamedTuple, get_args

from autional import ids, introspection, problems
from autional.db import Queries
from autional.jose import Issuer, Role, TokenError, TokenExpiredError
from autional.problems import Problem
from autional.tenants import API_KEY_PREFIX

ROLES: tuple[Role, ...] = get_args(Role)
EVERYONE: frozenset[Role] = frozenset(ROLES)
ADMINISTRATORS: frozenset[Role] = EVERYONE - {"user"}
_UNKNOWN_KEY = b"\0" * 32


class Caller(NamedTuple):
    """The authenticated sender of a request and the tenant it acts in."""

    tenant_id: str
    kind: Literal["bearer", "api_key", "client"]
    user_id: str | None = None
    role: Role | None = None
    session_id: str | None = None
    tenant_ids: frozenset[str] | None = None
    """The tenants that a client's key is good for; None: every one."""

    @property
    def administers(self) -> bool:
        """Whether the caller may see and change the whole tenant."""
        return self.role in ADMINISTRATORS

    @property
    def only_own(self) -> str | None:
        """The user to whose sessions the caller is confined; None for those who see the whole tenant."""
        return None if self.administers else self.user_id or ""


def rank(role: Role) -> int:
    """Position of a role: a higher one may do more."""
    return ROLES.index(role)


async def from_bearer(
    queries: Queries, issuer: Issuer, token: str, roles: frozenset[Role], tenant_id: str | None, now: datetime
) -> Caller:
    """The caller behind an access token, acting in its own tenant or, a platform administrator, in `tenant_id`.

    Raises the Problems INVALID_TOKEN, EXPIRED_TOKEN, SESSION_OVER, MISSING_ROLE, FOREIGN_TENANT, TENANT_NOT_FOUND,
    in this order.
    """
    try:
        claims = issuer.read(token, issuer.audience)
        acts_in = tenant_id or claims.tenant_id
        found = await introspection.standing(queries, claims, acts_in, now)
        introspection.check_time(claims, found.leeway, now)
    except TokenExpiredError:
        raise Problem(problems.EXPIRED_TOKEN) from None
    except TokenError:
        raise Problem(problems.INVALID_TOKEN) from None
    if not found.good:
        raise Problem(problems.SESSION_OVER)
    if claims.role not in roles:
        raise Problem(problems.MISSING_ROLE)
    if acts_in != claims.tenant_id and claims.role != "platform_admin":
        raise Problem(problems.FOREIGN_TENANT)
    if not found.tenants_enabled:
        raise Problem(problems.TENANT_NOT_FOUND)
    return Caller(acts_in, "bearer", claims.user_id, claims.role, claims.session_id)


async def from_api_key(queries: Queries, key: str, tenant_id: str) -> Caller:
    """The service behind an API key, acting in `tenant_id`.

    Raises the Problems INVALID_API_KEY, FOREIGN_TENANT, TENANT_NOT_FOUND, in this order.
    """
    key_id = ids.secret_id(key, API_KEY_PREFIX)
    standing = await queries.row("api_key_standing", key_id or "", tenant_id)
    stored = standing["secret_sha256"] if standing else _UNKNOWN_KEY
    if not ids.same(ids.digest(key), stored) or standing is None or standing["revoked_at"] is not None:
        raise Problem(problems.INVALID_API_KEY)
    if not standing["in_scope"]:
        raise Problem(problems.FOREIGN_TENANT)
    if not standing["tenant_enabled"]:
        raise Problem(problems.TENANT_NOT_FOUND)
    return Caller(tenant_id, "api_key", role="platform_admin" if standing["every_tenant"] else "admin")


async def from_client(queries: Queries, key: str) -> Caller:
    """A client that authenticates for itself, in no tenant yet. Raises the Problem INVALID_API_KEY."""
    row = await queries.row("api_key", ids.secret_id(key, API_KEY_PREFIX) or "")
    stored = row["secret_sha256"] if row else _UNKNOWN_KEY
    if not ids.same(ids.digest(key), stored) or row is None or row["revoked_at"] is not None:
        raise Problem(problems.INVALID_API_KEY)
    scope = frozenset(row["tenant_ids"]) if row["tenant_ids"] is not None else None
    return Caller("", "client", tenant_ids=scope)
