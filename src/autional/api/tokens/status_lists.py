"""Token Status Lists: the published lists, and whether the tokens of a tenant stand in them."""

from autional.api.model import Call, File, may_raise
from autional.api.schemas import RequestModel, ResponseModel
from autional.core import problems
from autional.core.errors import NotOnCitusError
from autional.core.problems import Problem
from autional.tokens import status_lists

STATUS_LIST = "application/statuslist+jwt"


class StatusListBody(RequestModel):
    """Whether access tokens stand in a status list."""

    enabled: bool


class StatusListResponse(ResponseModel, omit_defaults=False):
    """Whether access tokens stand in a status list, and for how many seconds a list may be kept."""

    enabled: bool
    ttl: int = status_lists.TTL


@may_raise(problems.STATUS_LIST_NOT_FOUND)
async def get_status_list(call: Call, list_id: str) -> File:
    """Get a Token Status List.

    A signed list of bits, one for each token (Token Status List §5.1, §8.1): 1 is INVALID. A bit is set within a
    second of the end of its token, and never cleared.
    """
    issuer = call.service.issuer
    of_list = status_lists.list_of(issuer.status_keys, list_id)
    token = None if of_list is None else await call.service.published.read(call.database, issuer, of_list)
    if token is None:
        raise Problem(problems.STATUS_LIST_NOT_FOUND)
    return File(token, STATUS_LIST)


async def get_status_list_setting(call: Call) -> StatusListResponse:
    """Get whether access tokens stand in a status list."""
    return StatusListResponse(enabled=await status_lists.is_listing(call.database, call.caller.tenant_id))


async def update_status_list_setting(call: Call, body: StatusListBody) -> StatusListResponse:
    """Have access tokens stand in a status list, or not.

    Those that are issued from now on have a `status` claim: whoever verifies them offline can look them up there.
    """
    if call.service.database.on_citus:
        raise NotOnCitusError("status lists")
    await status_lists.set_listing(call.database, call.caller.tenant_id, enabled=body.enabled)
    return await get_status_list_setting(call)
