"""How long ended sessions are kept."""

from datetime import timedelta

from autional.api.model import Call
from autional.api.policy.schemas import RetentionPreviewResponse
from autional.api.schemas import RequestModel, ResponseModel, SimpleResponse
from autional.core import durations, problems
from autional.core.formats import Duration
from autional.core.problems import Problem, Violation
from autional.sessions import policy
from autional.sessions.retention import delete_retention, put_retention, read_retention

_SHORTEST = timedelta(days=1)


class RetentionBody(RequestModel):
    """How long ended sessions are kept."""

    keep_ended: Duration


class RetentionResponse(ResponseModel):
    """How long ended sessions are kept."""

    keep_ended: str


async def get_retention(call: Call) -> RetentionResponse:
    """Get how long ended sessions are kept."""
    kept = await read_retention(call.database, call.caller.tenant_id)
    return RetentionResponse(keep_ended=durations.render(kept))


async def update_retention(call: Call, body: RetentionBody) -> RetentionResponse:
    """Set how long ended sessions are kept.

    Sessions that ended earlier are removed; they stay in the lifetime totals.
    """
    if body.keep_ended.value < _SHORTEST:
        raise Problem(
            problems.INVALID_PARAMETER, violations=[Violation("keep_ended", "range", "Must be from 24h to 87600h")]
        )
    await put_retention(call.database, call.caller.tenant_id, body.keep_ended.value)
    return await get_retention(call)


async def preview_retention(call: Call, body: RetentionBody) -> RetentionPreviewResponse:
    """Preview how long ended sessions are kept.

    How many would be removed now. Nothing is changed.
    """
    removed = await policy.preview_retention(call.database, call.caller.tenant_id, body.keep_ended.value, call.at)
    return RetentionPreviewResponse(sessions=removed)


async def reset_retention(call: Call) -> SimpleResponse:
    """Keep ended sessions for 90 days again."""
    await delete_retention(call.database, call.caller.tenant_id)
    return SimpleResponse(timestamp=call.now)
