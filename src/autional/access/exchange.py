"""Token exchange (RFC 8693): a token of the same user for another audience, never wider and never longer."""

from datetime import datetime
from typing import Any

from autional.access import introspection
from autional.core import problems
from autional.core.authority import Authority
from autional.core.problems import Problem
from autional.postgres.queries import Queries
from autional.tokens import model
from autional.tokens.issue import issue_access_token, new_access_id
from autional.tokens.jwt import Issuer
from autional.tokens.model import AccessToken, ExchangeClaims, Issuance

_DEEPEST = 4


async def exchange_token(
    queries: Queries,
    issuer: Issuer,
    subject_token: str,
    audience: str | None,
    *,
    actor: dict[str, Any],
    authority: Authority,
    tenant_ids: frozenset[str] | None,
    at: datetime | None,
) -> tuple[AccessToken, str]:
    """A new token for the user of a valid access token of one of these tenants (None: any), and its audience.

    Role, session, level and authentication stay, and the new token never lasts longer. A token for another
    audience can only be exchanged for that audience. The actor is in `act`, nested (§4.1). Raises the Problems
    INVALID_SUBJECT_TOKEN, ROLE_TOO_HIGH, LEVEL_TOO_HIGH.
    """
    found = await introspection.introspect(queries, issuer, subject_token, at)
    if found is None or found.verified is None or not (tenant_ids is None or found.tenant_id in tenant_ids):
        raise Problem(problems.INVALID_SUBJECT_TOKEN)
    claims, subject = found.verified.claims, found.facts.subject
    authority.must_reach(subject.role, subject.aal)
    target = audience or claims.aud
    if claims.aud not in {issuer.audience, target} or len(claims.ancestors) >= _DEEPEST:
        raise Problem(problems.INVALID_SUBJECT_TOKEN)
    act: dict[str, Any] | None = claims.act
    if actor != {"sub": subject.user_id}:
        act = actor | ({"act": claims.act} if claims.act else {})
    token_id = new_access_id(at, subject.user_id)
    row = await queries.row(
        "exchange_token",
        subject.tenant_id,
        subject.session_id,
        at,
        [claims.jti, *claims.ancestors],
        *claims.gen,
        subject.aal,
        subject.user_id,
        subject.role,
        found.facts.reference.expires_at,
        model.ACCESS_EXPIRY,
        token_id,
    )
    if row is None:
        raise Problem(problems.INVALID_SUBJECT_TOKEN)
    issuance = Issuance(token_id, row["issued_at"], row["access_expires_at"], claims.gen)
    exchanged = ExchangeClaims(target, act, [claims.jti, *claims.ancestors])
    return await issue_access_token(queries, issuer, subject, issuance, exchanged), target
