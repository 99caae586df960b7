"""Authentication: who calls, for which tenant, and whether the credential is valid at this moment."""

from datetime import datetime
from functools import partial
from typing import Literal, NamedTuple

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
    """Whom a credential names, and the lookup that verifies it; its answer is the verified caller."""

    caller: Caller
    lookup: Lookup[Caller]


def claim_by_bearer(
    issuer: Issuer, token: str, roles: frozenset[Role], tenant_id: str | None, at: datetime | None
) -> ClaimedCaller:
    """The bearer of an access token, acting in its own tenant or in `tenant_id`.

    Raises the Problem INVALID_TOKEN; the lookup INVALID_TOKEN, EXPIRED_TOKEN, SESSION_OVER, MISSING_ROLE,
    FOREIGN_TENANT (except for platform administrators), TENANT_NOT_FOUND, in this order.
    """
    try:
        verified = issuer.read(token, issuer.audience)
    except TokenError:
        raise Problem(problems.INVALID_TOKEN) from None
    claims = verified.claims
    acts_in = tenant_id or claims.tenant_id
    asked = introspection.status_arguments(verified, acts_in, at)
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
    return ClaimedCaller(caller, Lookup("token_status", asked, partial(_bearer, claims, caller, roles)))


def claim_by_api_key(key: str, roles: frozenset[KeyRole], tenant_id: str | None) -> ClaimedCaller:
    """The service behind an API key, acting in `tenant_id`; None: in the only tenant that the key is valid for.

    The lookup raises the Problems INVALID_API_KEY, MISSING_ROLE, TENANT_REQUIRED, FOREIGN_TENANT,
    TENANT_NOT_FOUND, in this order.
    """
    key_id = ids.secret_id(key, API_KEY_PREFIX) or ""
    caller = Caller(tenant_id or "", "api_key", key_id=key_id)
    return ClaimedCaller(caller, Lookup("api_key_status", (key_id, tenant_id), partial(_service, key, key_id, roles)))


def claim_by_client(key: str, tenant_id: str | None, *, all_tenants: bool = False) -> ClaimedCaller:
    """A client that calls for itself: in every tenant of its key, or only in the one that it names.

    With `all_tenants` its key must be valid for every tenant.

    The lookup raises the Problems INVALID_API_KEY, FOREIGN_TENANT.
    """
    key_id = ids.secret_id(key, API_KEY_PREFIX) or ""
    caller = Caller("", "client", key_id=key_id)
    return ClaimedCaller(caller, Lookup("api_key", (key_id,), partial(_client, key, key_id, tenant_id, all_tenants)))


def _bearer(claims: AccessClaims, caller: Caller, roles: frozenset[Role], row: Row | None) -> Caller:
    if row is None:
        raise Problem(problems.INVALID_TOKEN)
    try:
        introspection.check_time(claims, row["leeway"], row["seen_at"])
    except TokenExpiredError:
        raise Problem(problems.EXPIRED_TOKEN) from None
    except TokenError:
        raise Problem(problems.INVALID_TOKEN) from None
    if not row["is_valid"]:
        raise Problem(problems.SESSION_OVER)
    if claims.role not in roles:
        raise Problem(problems.MISSING_ROLE, role=claims.role, allowed=", ".join(sorted(roles)))
    if caller.tenant_id != claims.tenant_id and claims.role != "platform_admin":
        raise Problem(problems.FOREIGN_TENANT)
    if not row["tenants_enabled"]:
        raise Problem(problems.TENANT_NOT_FOUND)
    return caller._replace(is_agent=True) if row["is_agents"] else caller


def _service(key: str, key_id: str, roles: frozenset[KeyRole], row: Row | None) -> Caller:
    status = _known_key(key, row)
    if status["role"] not in roles:
        raise Problem(problems.MISSING_ROLE, role=status["role"], allowed=", ".join(sorted(roles)))
    if status["acts_in"] is None:
        raise Problem(problems.TENANT_REQUIRED)
    if not status["in_scope"]:
        raise Problem(problems.FOREIGN_TENANT)
    if not status["tenant_enabled"]:
        raise Problem(problems.TENANT_NOT_FOUND)
    return _key_holder(status["acts_in"], "api_key", key_id, status["role"])


def _client(key: str, key_id: str, tenant_id: str | None, all_tenants: bool, row: Row | None) -> Caller:
    found = _known_key(key, row)
    scope = frozenset(found["tenant_ids"]) if found["tenant_ids"] is not None else None
    if all_tenants and scope is not None:
        raise Problem(problems.FOREIGN_TENANT)
    if tenant_id is not None:
        if scope is not None and tenant_id not in scope:
            raise Problem(problems.FOREIGN_TENANT)
        scope = frozenset({tenant_id})
    return _key_holder("", "client", key_id, found["role"], scope)


def _key_holder(
    tenant_id: str,
    kind: Literal["api_key", "client"],
    key_id: str,
    role: KeyRole,
    tenant_ids: frozenset[str] | None = None,
) -> Caller:
    """The holder of an API key: a service authenticates users, administrators among them, at any level."""
    as_user: Role = "admin" if role == "service" else role
    return Caller(tenant_id, kind, None, as_user, _HIGHEST_LEVEL, None, None, key_id, role, tenant_ids)


def _known_key(key: str, row: Row | None) -> Row:
    """The row of a valid API key. Takes as long for an unknown key. Raises the Problem INVALID_API_KEY."""
    stored = row["secret_sha256"] if row else _UNKNOWN_KEY
    if not ids.equal_hashes(ids.sha256(key), stored) or row is None or row["revoked_at"] is not None:
        raise Problem(problems.INVALID_API_KEY)
    return row
