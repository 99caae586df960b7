"""Reissue the tokens of a session, and raise its assurance level."""

from collections.abc import Sequence
from datetime import datetime

from autional.core import ids, problems
from autional.core.authority import Authority, raise_if_refused
from autional.core.problems import Problem, Violation
from autional.postgres.queries import Queries
from autional.sessions.policy import DEFAULT_TIMEOUTS
from autional.tokens.issue import issuance_of, issue_access_token, new_refresh_id, subject_of
from autional.tokens.jwt import Issuer
from autional.tokens.model import Subject, TokenPair
from autional.tokens.refresh_tokens import write


async def reissue_tokens(
    queries: Queries,
    issuer: Issuer,
    authority: Authority,
    session_id: str,
    user_id: str | None,
    at: datetime | None,
    *,
    proved: Sequence[str] | None = None,
) -> tuple[TokenPair, Subject]:
    """New tokens for an active session of a user (None: of any); its other refresh tokens become invalid.

    Methods that the user has proved now are added to the session, which gets the level of all of them. The
    timeouts of that level may only shorten it, and access tokens of the lower level become invalid. Raises the
    Problems SESSION_NOT_FOUND, OWN_SESSION, ROLE_TOO_HIGH, LEVEL_TOO_HIGH, INVALID_PARAMETER.
    """
    tenant_id = authority.tenant_id
    refresh_id = new_refresh_id(at, session_id=session_id)
    row = await queries.row(
        "reissue_tokens",
        tenant_id,
        session_id,
        user_id,
        at,
        refresh_id,
        proved,
        [limits.absolute for limits in DEFAULT_TIMEOUTS.values()],
        [limits.idle for limits in DEFAULT_TIMEOUTS.values()],
        authority.role,
        authority.aal,
        authority.except_user,
    )
    if row is None:
        raise Problem(problems.SESSION_NOT_FOUND)
    if row["refused"] == "too_many_methods":
        raise Problem(
            problems.INVALID_PARAMETER, violations=[Violation("amr", "length", "A session has at most 32 methods")]
        )
    raise_if_refused(row["refused"])
    subject = subject_of(row, tenant_id)
    access = await issue_access_token(queries, issuer, subject, issuance_of(row, ids.sibling(refresh_id)))
    return TokenPair(access.text, write(issuer, tenant_id, session_id, refresh_id), access.expires_in), subject
