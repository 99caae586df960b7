"""OAuth endpoints for clients: token exchange (RFC 8693), introspection (RFC 7662), revocation (RFC 7009)."""

from contextlib import suppress
from urllib.parse import urlsplit

from autional.access import introspection
from autional.access.introspection import ActiveToken
from autional.api.model import Call, Json, may_raise
from autional.api.tokens.exchange import actor_of, exchanged
from autional.api.tokens.introspection import (
    INACTIVE,
    oauth_access_token_response,
    record_token_activity,
    refresh_token_response,
)
from autional.api.tokens.revocation import reference_of
from autional.api.tokens.schemas import (
    ExchangeForm,
    TokenExchangeResponse,
    TokenForm,
    TokenIntrospectionResponse,
)
from autional.core import problems
from autional.core.authority import whole_tenant
from autional.core.problems import Problem, Violation
from autional.sessions.lifecycle import revoke_session
from autional.tokens import blacklist


@may_raise(
    problems.INVALID_SUBJECT_TOKEN,
    problems.INVALID_TARGET,
    problems.INVALID_SCOPE,
    problems.ROLE_TOO_HIGH,
    problems.LEVEL_TOO_HIGH,
)
async def exchange(call: Call, body: ExchangeForm) -> TokenExchangeResponse:
    """Exchange a token as a client.

    RFC 8693, for tokens of any tenant that the client's API key is valid for; the client is the actor.
    """
    if body.actor_token is not None or body.actor_token_type is not None:  # who acts is the client itself
        wrong = [Violation("actor_token", "value", "Is not supported: the actor is the client itself")]
        raise Problem(problems.INVALID_PARAMETER, violations=wrong)
    named = introspection.parse_token(call.service.issuer, body.subject_token)
    scope = named.claims.role if named and named.claims else None
    if body.scope is not None and scope is not None and set(body.scope.split()) != {scope}:
        raise Problem(problems.INVALID_SCOPE)
    response = await exchanged(call, body.subject_token, _target(body), actor_of(call), call.caller.tenant_ids)
    response.scope = scope
    return response


def _target(body: ExchangeForm) -> str | None:
    """The one audience or resource that a token is asked for (RFC 8693 §2.1, §2.2.2). Raises INVALID_TARGET."""
    targets = {*body.audience, *body.resource}
    if len(targets) > 1 or not all(map(_is_absolute, body.resource)):
        raise Problem(problems.INVALID_TARGET)
    return targets.pop() if targets else None


def _is_absolute(uri: str) -> bool:
    """Whether it is an absolute URI without a fragment (RFC 3986 §4.3)."""
    try:
        parts = urlsplit(uri)
    except ValueError:
        return False
    return bool(parts.scheme and (parts.netloc or parts.path)) and "#" not in uri


async def introspect(call: Call, body: TokenForm, preloaded: ActiveToken | None) -> TokenIntrospectionResponse | Json:
    """Introspect a token as a client.

    RFC 7662, for tokens of any tenant that the client's API key is valid for.
    """
    if preloaded is None or not call.caller.acts_for(preloaded.tenant_id):
        return INACTIVE
    await record_token_activity(call, preloaded)
    if preloaded.verified is not None:
        return preloaded.verified.once(oauth_access_token_response)
    response = refresh_token_response(call, preloaded)
    response.token_type = None
    return response


async def revoke(call: Call, body: TokenForm) -> None:
    """Revoke a token as a client.

    RFC 7009: any refresh token of a session, used or not, ends the session. An unknown token, or one of a tenant
    that the client's API key is not valid for, is ignored (§2.2).
    """
    named = introspection.parse_token(call.service.issuer, body.token)
    if named is None or not call.caller.acts_for(named.tenant_id):
        return
    if named.claims is None and named.session_id is not None:
        with suppress(Problem):  # the session is gone
            await revoke_session(
                call.database, whole_tenant(named.tenant_id), named.session_id, "token_revoked", call.at
            )
    elif named.claims is not None:
        await blacklist.add(call.database, reference_of(named.claims), "token_revoked", call.at)
