"""Issue access tokens (RFC 9068)."""

from datetime import datetime, timedelta

from autional.core import ids, problems
from autional.core.authority import Role
from autional.core.formats import user_id_error
from autional.core.problems import Problem, Violation
from autional.postgres.queries import Queries, Row
from autional.tokens.jwt import AccessClaims, Issuer
from autional.tokens.model import NO_CLIENT, TOKEN_PREFIX, AccessToken, ExchangeClaims, Issuance, Subject
from autional.tokens.status_lists import list_token

_OPERATOR = "autional-cli"


def new_access_id(at: datetime | None, user_id: str | None = None, session_id: str | None = None) -> str:
    """The id of a new access token of a user, or of a session."""
    return ids.new_id(TOKEN_PREFIX, at, user_id, session_id)


def new_refresh_id(at: datetime | None, user_id: str | None = None, session_id: str | None = None) -> str:
    """The id of a new refresh token; the access token that is issued with it has its sibling."""
    return ids.sibling(new_access_id(at, user_id, session_id))


async def issue_access_token(
    queries: Queries, issuer: Issuer, subject: Subject, issuance: Issuance, exchanged: ExchangeClaims | None = None
) -> AccessToken:
    """A signed access token (RFC 9068 §2.2), valid from its issuance to its end, both in whole seconds.

    It says where its status is published, where the tenant wants that. Raises DatabaseUnavailableError.
    """
    status = None
    if subject.tenant_id in issuer.listing:
        status = await list_token(queries, issuer, subject, issuance, exchanged)
    issued = int(issuance.issued_at.timestamp())
    claims = AccessClaims(
        iss=issuer.of(subject.tenant_id),
        sub=subject.user_id,
        user_id=subject.user_id,
        tenant_id=subject.tenant_id,
        session_id=subject.session_id,
        jti=issuance.token_id,
        type="access",
        role=subject.role,
        aud=exchanged.audience if exchanged else issuer.audience,
        act=exchanged.actor if exchanged else subject.act,
        ancestors=exchanged.ancestors if exchanged else [],
        client_id=subject.client_id,
        iat=issued,
        nbf=issued,
        exp=int(issuance.expires_at.timestamp()),
        auth_time=int(subject.authenticated_at.timestamp()),
        amr=list(subject.amr),
        acr=f"aal{subject.aal}",
        gen=issuance.generations,
        status=status,
    )
    return AccessToken(issuer.current_ring.sign(claims), claims.exp - claims.iat)


def issuance_of(row: Row, token_id: str) -> Issuance:
    """The issuance in a row that says when a token was issued, when it expires, and of which generations it is."""
    generations = row["tenant_generation"], row["session_generation"]
    return Issuance(token_id, row["issued_at"], row["access_expires_at"], generations)


async def mint_operator_token(
    queries: Queries,
    issuer: Issuer,
    *,
    tenant_id: str,
    user_id: str,
    role: Role,
    life: timedelta,
    at: datetime | None,
) -> str:
    """An access token for an operator at the shell. It belongs to no session and is in no statistics.

    Raises the Problems INVALID_PARAMETER, TENANT_NOT_FOUND.
    """
    if fault := user_id_error(user_id):
        raise Problem(problems.INVALID_PARAMETER, violations=[Violation("user", "format", fault)])
    token_id = new_access_id(at, user_id)
    row = await queries.row("record_operator_token", tenant_id, token_id, user_id, role, life, at)
    if row is None:
        raise Problem(problems.TENANT_NOT_FOUND)
    issuance = Issuance(token_id, row["issued_at"], row["access_expires_at"], (row["tenant_generation"], 0))
    subject = Subject(tenant_id, user_id, role, None, _OPERATOR, (), 3, row["issued_at"])
    return (await issue_access_token(queries, issuer, subject, issuance)).text


def subject_of(row: Row, tenant_id: str) -> Subject:
    """The subject of the access tokens of a session, from its row; its `created_at` is when the user authenticated."""
    return Subject(
        tenant_id,
        row["user_id"],
        row["role"],
        row["session_id"],
        row["app_id"] or NO_CLIENT,
        row["amr"].split(),
        row["aal"],
        row["created_at"],
        row["act"],
    )
