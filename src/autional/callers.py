"""Who calls, for which tenant, and whether that still holds at this moment."""

from datetime import datetime, timedelta
from functools import partial
from typing import Literal, NamedTuple

from autional import ids, introspection, problems
from autional.authority import ROLES, Authority, Scope
from autional.db import Lookup, Row
from autional.jose import AccessClaims, Issuer, Role, TokenError, TokenExpiredError
from autional.problems import Problem
from autional.tenants import API_KEY_PREFIX

KeyRole = Literal["service", "security_admin", "admin", "platform_admin"]

EVERYONE: frozenset[Role] = frozenset(ROLES)
ADMINISTRATORS: frozenset[Role] = EVERYONE - {"user"}
_UNKNOWN_KEY = b"\0" * 32
_HIGHEST_LEVEL = 3


class Access(NamedTuple):
    """Who may call an operation: by which credential, and in which of these roles."""

    bearers: frozenset[Role] = frozenset()
    keys: frozenset[KeyRole] = frozenset()
    clients: bool = False
    """Whether a key may call for itself, in every tenant that it is good for (OAuth)."""
    anyone: bool = False

    @property
    def accepted(self) -> str:
        """Where a credential is looked for."""
        places = ["Authorization: Bearer with an access token"] if self.bearers else []
        places += ["X-API-Key with an API key"] if self.keys or self.clients else []
        places += ["Authorization: Basic with the id and secret of an API key"] if self.clients else []
        return ", or ".join(places)

    @property
    def is_declared(self) -> bool:
        """Whether it says who may call."""
        return self.bearers | self.keys <= EVERYONE | {"service"} and bool(
            self.bearers or self.keys or self.clients or self.anyone
        )


_ADMINISTRATING_KEYS: frozenset[KeyRole] = frozenset({"security_admin", "admin", "platform_admin"})
ANYONE = Access(anyone=True)
CLIENTS = Access(clients=True)
SERVICES = Access(keys=_ADMINISTRATING_KEYS | {"service"})
BY_ADMINISTRATORS = Access(ADMINISTRATORS, _ADMINISTRATING_KEYS)
BY_EVERYONE = Access(EVERYONE, _ADMINISTRATING_KEYS)
BY_BEARERS = Access(EVERYONE)


class Caller(NamedTuple):
    """The authenticated sender of a request and the tenant it acts in."""

    tenant_id: str
    kind: Literal["bearer", "api_key", "client"]
    user_id: str | None = None
    role: Role | None = None
    aal: int = 0
    home_tenant: str | None = None
    """The tenant of a bearer's own, where it acts in another."""
    session_id: str | None = None
    key_id: str | None = None
    key_role: KeyRole | None = None
    tenant_ids: frozenset[str] | None = None
    """The tenants that a client's key is good for; None: every one."""

    @property
    def administers(self) -> bool:
        """Whether the caller may see and change the whole tenant."""
        return self.role in ADMINISTRATORS

    def acts_for(self, tenant_id: str) -> bool:
        """Whether a client's key is good for a tenant."""
        return self.tenant_ids is None or tenant_id in self.tenant_ids

    @property
    def scope(self) -> Scope:
        """Whose objects the caller may see and end."""
        return Scope(self.tenant_id, None if self.administers else self.user_id or "")

    @property
    def authority(self) -> Authority:
        """Up to what the caller may create, raise and hand out: nothing at all without a role."""
        own = self.user_id if self.home_tenant is None else None
        return Authority(self.tenant_id, self.role or "user", self.aal if self.role else 0, own)


class Claim(NamedTuple):
    """Whom a credential names, and what to ask before it is believed: the answer is the caller to work with."""

    caller: Caller
    lookup: Lookup[Caller]


def from_bearer(
    issuer: Issuer, token: str, roles: frozenset[Role], tenant_id: str | None, at: datetime | None
) -> Claim:
    """The bearer of an access token, acting in its own tenant or in `tenant_id`.

    Raises the Problem INVALID_TOKEN; the answer INVALID_TOKEN, EXPIRED_TOKEN, SESSION_OVER, MISSING_ROLE,
    FOREIGN_TENANT (of all but a platform administrator), TENANT_NOT_FOUND, in this order.
    """
    try:
        claims = issuer.read(token, issuer.audience)
    except TokenError:
        raise Problem(problems.INVALID_TOKEN) from None
    acts_in = tenant_id or claims.tenant_id
    asked = introspection.standing(claims, acts_in, at)
    caller = Caller(
        acts_in,
        "bearer",
        claims.user_id,
        claims.role,
        # who mints an operator's token holds the master key
        introspection.level_of(claims) if claims.session_id else _HIGHEST_LEVEL,
        home_tenant=claims.tenant_id if acts_in != claims.tenant_id else None,
        session_id=claims.session_id,
    )
    return Claim(caller, Lookup("token_standing", asked, partial(_bearer, claims, caller, roles)))


def from_api_key(key: str, roles: frozenset[KeyRole], tenant_id: str | None) -> Claim:
    """The service behind an API key, acting in `tenant_id`; None: in the only one that the key is good for.

    The answer raises the Problems INVALID_API_KEY, MISSING_ROLE, TENANT_REQUIRED, FOREIGN_TENANT, TENANT_NOT_FOUND,
    in this order.
    """
    key_id = ids.secret_id(key, API_KEY_PREFIX) or ""
    caller = Caller(tenant_id or "", "api_key", key_id=key_id)
    return Claim(caller, Lookup("api_key_standing", (key_id, tenant_id), partial(_service, key, caller, roles)))


def from_client(key: str, tenant_id: str | None) -> Claim:
    """A client that authenticates for itself: in no tenant yet, or only in the one that it names.

    The answer raises the Problems INVALID_API_KEY, FOREIGN_TENANT.
    """
    caller, key_id = Caller("", "client"), ids.secret_id(key, API_KEY_PREFIX) or ""
    return Claim(caller, Lookup("api_key", (key_id,), partial(_client, key, caller._replace(key_id=key_id), tenant_id)))


def _bearer(claims: AccessClaims, caller: Caller, roles: frozenset[Role], row: Row | None) -> Caller:
    if row is None:
        raise Problem(problems.INVALID_TOKEN)
    try:
        introspection.check_time(claims, timedelta(seconds=row["leeway"]), row["seen_at"])
    except TokenExpiredError:
        raise Problem(problems.EXPIRED_TOKEN) from None
    except TokenError:
        raise Problem(problems.INVALID_TOKEN) from None
    if not row["good"]:
        raise Problem(problems.SESSION_OVER)
    if claims.role not in roles:
        raise Problem(problems.MISSING_ROLE, role=claims.role, allowed=", ".join(sorted(roles)))
    if caller.tenant_id != claims.tenant_id and claims.role != "platform_admin":
        raise Problem(problems.FOREIGN_TENANT)
    if not row["tenants_enabled"]:
        raise Problem(problems.TENANT_NOT_FOUND)
    return caller


def _service(key: str, caller: Caller, roles: frozenset[KeyRole], row: Row | None) -> Caller:
    standing = _known_key(key, row)
    if standing["role"] not in roles:
        raise Problem(problems.MISSING_ROLE, role=standing["role"], allowed=", ".join(sorted(roles)))
    if standing["acts_in"] is None:
        raise Problem(problems.TENANT_REQUIRED)
    if not standing["in_scope"]:
        raise Problem(problems.FOREIGN_TENANT)
    if not standing["tenant_enabled"]:
        raise Problem(problems.TENANT_NOT_FOUND)
    return _with_role(caller._replace(tenant_id=standing["acts_in"]), standing["role"])


def _client(key: str, caller: Caller, tenant_id: str | None, row: Row | None) -> Caller:
    found = _known_key(key, row)
    scope = frozenset(found["tenant_ids"]) if found["tenant_ids"] is not None else None
    if tenant_id is not None:
        if scope is not None and tenant_id not in scope:
            raise Problem(problems.FOREIGN_TENANT)
        scope = frozenset({tenant_id})
    return _with_role(caller._replace(tenant_ids=scope), found["role"])


def _with_role(caller: Caller, role: KeyRole) -> Caller:
    """A service authenticates a tenant's users, administrators among them, at any level."""
    return caller._replace(role="admin" if role == "service" else role, key_role=role, aal=_HIGHEST_LEVEL)


def _known_key(key: str, row: Row | None) -> Row:
    """The row of an API key that is good; as much work for a key that is not known. Raises INVALID_API_KEY."""
    stored = row["secret_sha256"] if row else _UNKNOWN_KEY
    if not ids.same(ids.digest(key), stored) or row is None or row["revoked_at"] is not None:
        raise Problem(problems.INVALID_API_KEY)
    return row
