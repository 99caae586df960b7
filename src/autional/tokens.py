"""Access and refresh tokens: what stands in them and who gets them."""

from datetime import datetime, timedelta

from autional import ids, problems
from autional.db import Queries
from autional.jose import AccessClaims, Issuer, Role
from autional.problems import Problem

ACCESS_LIFE = timedelta(hours=1)
TOKEN_PREFIX = "tok"
_OPERATOR = "autional-cli"


def access_claims(
    issuer: Issuer,
    *,
    tenant_id: str,
    user_id: str,
    role: Role,
    session_id: str | None,
    client_id: str,
    amr: list[str],
    acr: str,
    authenticated_at: datetime,
    expires_at: datetime,
    now: datetime,
) -> AccessClaims:
    """Claims of a new access token (RFC 9068 §2.2), valid from `now` until the second before `expires_at` ends."""
    issued = int(now.timestamp())
    return AccessClaims(
        iss=issuer.name,
        sub=user_id,
        user_id=user_id,
        tenant_id=tenant_id,
        session_id=session_id,
        jti=ids.new_id(TOKEN_PREFIX, now, user_id),
        type="access",
        role=role,
        aud=issuer.audience,
        client_id=client_id,
        iat=issued,
        nbf=issued,
        exp=int(expires_at.timestamp()),
        auth_time=int(authenticated_at.timestamp()),
        amr=amr,
        acr=acr,
    )


async def mint_operator_token(
    queries: Queries,
    issuer: Issuer,
    *,
    tenant_id: str,
    user_id: str,
    role: Role,
    life: timedelta,
    now: datetime,
) -> str:
    """An access token for an operator at the shell: it belongs to no session and is in no statistics.

    Raises the Problem TENANT_NOT_FOUND.
    """
    standing = await queries.row("caller_standing", tenant_id, None, now, tenant_id)
    if standing is None or not standing["tenants_enabled"]:
        raise Problem(problems.TENANT_NOT_FOUND)
    claims = access_claims(
        issuer,
        tenant_id=tenant_id,
        user_id=user_id,
        role=role,
        session_id=None,
        client_id=_OPERATOR,
        amr=[],
        acr="aal1",
        authenticated_at=now,
        expires_at=now + life,
        now=now,
    )
    return issuer.ring.sign(claims)
