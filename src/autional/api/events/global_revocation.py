"""Global Token Revocation: a request to end everything that a user has here."""

from autional.api.events.ssf_schemas import GlobalRevocationRequest
from autional.api.events.subjects import user_of
from autional.api.model import Call, may_raise
from autional.core import problems
from autional.sessions.model import GLOBAL_TOKEN_REVOCATION
from autional.sessions.sign_out import revoke_all_tokens


@may_raise(problems.SUBJECT_NOT_FOUND)
async def revoke_globally(call: Call, body: GlobalRevocationRequest) -> None:
    """Revoke all tokens and sessions of a user.

    draft-parecki-oauth-global-token-revocation §3: the user by a subject identifier of RFC 9493, `iss_sub` with the
    issuer of the tenant, or `opaque`.
    """
    user_id = await user_of(call, body.sub_id, "sub_id")
    await revoke_all_tokens(call.database, call.caller.tenant_id, user_id, None, GLOBAL_TOKEN_REVOCATION, call.at)
