"""Token exchange (RFC 8693): a token of the same user for another audience, never wider and never longer."""

from datetime import datetime
from typing import Any

from autional import introspection, problems, tokens
from autional.authority import Authority
from autional.db import Queries
from autional.jose import Issuer
from autional.problems import Problem
from autional.tokens import AccessToken, Exchanged

_DEEPEST = 4


async def exchange(
    queries: Queries,
    issuer: Issuer,
    subject_token: str,
    audience: str | None,
    *,
    actor: str,
    authority: Authority,
    tenant_ids: frozenset[str] | None,
    now: datetime,
) -> tuple[AccessToken, str]:
    """A new token for the user of a good access token of one of these tenants (None: any), and its audience.

    Role, session, level and authentication stay; the life is never longer; a token that is for another audience can
    only be exchanged for that one. Who acts for the user is told in `act`, nested (§4.1).
    Raises the Problems INVALID_SUBJECT_TOKEN, ROLE_TOO_HIGH, LEVEL_TOO_HIGH.
    """
    found = await introspection.introspect(queries, issuer, subject_token, now)
    if found is None or found.claims is None or not (tenant_ids is None or found.reference.tenant_id in tenant_ids):
        raise Problem(problems.INVALID_SUBJECT_TOKEN)
    claims, subject = found.claims, found.subject
    authority.must_reach(subject.role, subject.aal)
    wanted = audience or claims.aud
    if claims.aud not in {issuer.audience, wanted} or _depth(claims.act) >= _DEEPEST:
        raise Problem(problems.INVALID_SUBJECT_TOKEN)
    act: dict[str, Any] | None = claims.act
    if actor != subject.user_id:
        act = {"sub": actor} | ({"act": claims.act} if claims.act else {})
    token_id = tokens.new_id(now, subject.user_id)
    expires_at = min(found.reference.expires_at, now + tokens.ACCESS_EXPIRY)
    if subject.session_id is not None:
        await queries.rows("insert_access_token", subject.tenant_id, token_id, subject.session_id, now, expires_at)
    return tokens.sign(issuer, subject, token_id, now, expires_at, Exchanged(wanted, act)), wanted


def _depth(act: dict[str, Any] | None) -> int:
    return 1 + _depth(act.get("act")) if act else 0
