"""Who calls, for which tenant, and whether that still holds at this moment."""

from datetime import datetime, timedelta
from functools import partial
from typing import NamedTuple

from autional.access import introspection
from autional.access.caller import Caller, KeyRole
from autional.core import ids, problems
from autional.core.authority import Role
from autional.core.problems import Problem
from autional.postgres.queries import Lookup, Row
from autional.tenancy.api_keys import API_KEY_PREFIX
from autional.tokens.jwt import AccessClaims, Issuer, TokenError, TokenExpiredError

_UNKNOWN_KEY = b"\0" * 32
_HIGHEST_LEVEL = 3


class ClaimedCaller(NamedTuple):
    """Whom a credential names, and what to ask before it is believed: the answer is the caller to work with."""

    caller: Caller
    lookup: Lookup[Caller]


def from_bearer(
    issuer: Issuer, token: str, roles: frozenset[Role], tenant_id: str | None, at: datetime | None
) -> ClaimedCaller:
    """The bearer of an access token, acting in its own tenant or in `tenant_id`.

    Raises the Problem INVALID_TOKEN; the answer INVALID_TOKEN, EXPIRED_TOKEN, SESSION_OVER, MISSING_ROLE,
    FOREIGN_TENANT (of all but a platform administrator), TENANT_NOT_FOUND, in this order.
    """
    try:
        claims = issuer.read(token, issuer.audience)
    except TokenError:
        raise Problem(problems.INVALID_TOKEN) from None
    acts_in = tenant_id or claims.tenant_id
    asked = introspection.status_arguments(claims, acts_in, at)
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
    return ClaimedCaller(caller, Lookup("token_standing", asked, partial(_bearer, claims, caller, roles)))


def from_api_key(key: str, roles: frozenset[KeyRole], tenant_id: str | None) -> ClaimedCaller:
    """The service behind an API key, acting in `tenant_id`; None: in the only one that the key is good for.

    The answer raises the Problems INVALID_API_KEY, MISSING_ROLE, TENANT_REQUIRED, FOREIGN_TENANT, TENANT_NOT_FOUND,
    in this order.
    """
    key_id = ids.secret_id(key, API_KEY_PREFIX) or ""
    caller = Caller(tenant_id or "", "api_key", key_id=key_id)
    return ClaimedCaller(caller, Lookup("api_key_standing", (key_id, tenant_id), partial(_service, key, caller, roles)))


def from_client(key: str, tenant_id: str | None) -> ClaimedCaller:
    """A client that authenticates for itself: in no tenant yet, or only in the one that it names.

    The answer raises the Problems INVALID_API_KEY, FOREIGN_TENANT.
    """
    caller, key_id = Caller("", "client"), ids.secret_id(key, API_KEY_PREFIX) or ""
    return ClaimedCaller(
        caller, Lookup("api_key", (key_id,), partial(_client, key, caller._replace(key_id=key_id), tenant_id))
    )


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
    if not ids.equal_hashes(ids.sha256(key), stored) or row is None or row["revoked_at"] is not None:
        raise Problem(problems.INVALID_API_KEY)
    return row
