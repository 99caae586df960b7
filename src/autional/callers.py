"""Who calls, for which tenant, and whether that still holds at this moment."""

from datetime import datetime, timedelta
from functools import partial
from typing import Literal, NamedTuple, get_args

from autional import ids, introspection, problems
from autional.db import Lookup, Row
from autional.jose import AccessClaims, Issuer, Role, TokenError, TokenExpiredError
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
    key_id: str | None = None
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


class Claim(NamedTuple):
    """Whom a credential names, and what to ask before it is believed: the answer is the caller to work with."""

    caller: Caller
    lookup: Lookup[Caller]


def rank(role: Role) -> int:
    """Position of a role: a higher one may do more."""
    return ROLES.index(role)


def from_bearer(issuer: Issuer, token: str, roles: frozenset[Role], tenant_id: str | None, now: datetime) -> Claim:
    """The bearer of an access token, acting in its own tenant or in `tenant_id`.

    Raises the Problem INVALID_TOKEN; the answer INVALID_TOKEN, EXPIRED_TOKEN, SESSION_OVER, MISSING_ROLE,
    FOREIGN_TENANT (of all but a platform administrator), TENANT_NOT_FOUND, in this order.
    """
    try:
        claims = issuer.read(token, issuer.audience)
    except TokenError:
        raise Problem(problems.INVALID_TOKEN) from None
    acts_in = tenant_id or claims.tenant_id
    asked = introspection.standing(claims, acts_in, now)
    caller = Caller(acts_in, "bearer", claims.user_id, claims.role, claims.session_id)
    return Claim(caller, Lookup("token_standing", asked, partial(_bearer, claims, caller, roles, now)))


def from_api_key(key: str, tenant_id: str) -> Claim:
    """The service behind an API key, acting in `tenant_id`.

    The answer raises the Problems INVALID_API_KEY, FOREIGN_TENANT, TENANT_NOT_FOUND, in this order.
    """
    key_id = ids.secret_id(key, API_KEY_PREFIX) or ""
    caller = Caller(tenant_id, "api_key", key_id=key_id)
    return Claim(caller, Lookup("api_key_standing", (key_id, tenant_id), partial(_service, key, caller)))


def from_client(key: str) -> Claim:
    """A client that authenticates for itself, in no tenant yet. The answer raises the Problem INVALID_API_KEY."""
    caller, key_id = Caller("", "client"), ids.secret_id(key, API_KEY_PREFIX) or ""
    return Claim(caller, Lookup("api_key", (key_id,), partial(_client, key, caller)))


def _bearer(claims: AccessClaims, caller: Caller, roles: frozenset[Role], now: datetime, row: Row | None) -> Caller:
    leeway = timedelta(seconds=row["leeway"] if row else 0)
    try:
        introspection.check_time(claims, leeway, now)
    except TokenExpiredError:
        raise Problem(problems.EXPIRED_TOKEN) from None
    except TokenError:
        raise Problem(problems.INVALID_TOKEN) from None
    if row is None or not row["good"]:
        raise Problem(problems.SESSION_OVER)
    if claims.role not in roles:
        raise Problem(problems.MISSING_ROLE)
    if caller.tenant_id != claims.tenant_id and claims.role != "platform_admin":
        raise Problem(problems.FOREIGN_TENANT)
    if not row["tenants_enabled"]:
        raise Problem(problems.TENANT_NOT_FOUND)
    return caller


def _service(key: str, caller: Caller, row: Row | None) -> Caller:
    standing = _known_key(key, row)
    if not standing["in_scope"]:
        raise Problem(problems.FOREIGN_TENANT)
    if not standing["tenant_enabled"]:
        raise Problem(problems.TENANT_NOT_FOUND)
    return caller._replace(role="platform_admin" if standing["every_tenant"] else "admin")


def _client(key: str, caller: Caller, row: Row | None) -> Caller:
    found = _known_key(key, row)
    scope = frozenset(found["tenant_ids"]) if found["tenant_ids"] is not None else None
    return caller._replace(tenant_ids=scope)


def _known_key(key: str, row: Row | None) -> Row:
    """The row of an API key that is good; as much work for a key that is not known. Raises INVALID_API_KEY."""
    stored = row["secret_sha256"] if row else _UNKNOWN_KEY
    if not ids.same(ids.digest(key), stored) or row is None or row["revoked_at"] is not None:
        raise Problem(problems.INVALID_API_KEY)
    return row
