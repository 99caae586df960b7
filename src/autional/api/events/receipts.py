"""Receipts of revocations, and how long the channels take."""

from autional.api.model import Call, may_raise
from autional.api.schemas import Instant, ResponseModel
from autional.api.sessions.revocations import RevocationResponse, revocation_response
from autional.core import problems
from autional.core.durations import milliseconds
from autional.core.problems import Problem
from autional.events import receipts
from autional.events.receipts import Lag, Line

LATE = 5.0
"""Seconds after which what waits is late."""
_LONGEST = 19


class ReceiptLine(ResponseModel):
    """Who heard of it, or is to hear of it, by which channel."""

    channel: str
    receiver: str
    state: str
    attempts: int
    name: str | None = None
    heard_at: Instant | None = None
    lag_ms: int | None = None
    answer: str | None = None
    due_at: Instant | None = None


class ReceiptResponse(ResponseModel):
    """A revocation, and who heard of it."""

    revocation: RevocationResponse
    lines: list[ReceiptLine]
    timestamp: Instant
    position: int | None = None


class ChannelLag(ResponseModel):
    """How long a channel took, of the last thousand events of the last hour."""

    channel: str
    events: int
    p50_ms: int
    p99_ms: int
    worst_ms: int


class LagResponse(ResponseModel, kw_only=True):
    """How long the channels take, and what waits."""

    channels: list[ChannelLag]
    unplaced_ms: int
    waiting_ms: int
    late: bool
    timestamp: Instant
    waiting_receiver: str | None = None


@may_raise(problems.REVOCATION_NOT_FOUND)
async def get_receipt(call: Call, revocation_id: str) -> ReceiptResponse:
    """Get the receipt of a revocation.

    By which channel which receiver heard of it, when, and how long that took.
    """
    if not revocation_id.isascii() or not revocation_id.isdigit() or len(revocation_id) >= _LONGEST:
        raise Problem(problems.REVOCATION_NOT_FOUND)
    found = await receipts.receipt(call.database, call.caller.tenant_id, int(revocation_id))
    return ReceiptResponse(
        revocation=revocation_response(found.revocation),
        lines=[_line(one) for one in found.lines],
        timestamp=call.now,
        position=found.position,
    )


async def get_lag(call: Call) -> LagResponse:
    """Get how long the channels take.

    From what happened until it was heard: of a receiver until its answer, of the feed until it was sent, of the status
    lists until a bit was set. `late` where something waits for more than five seconds.
    """
    found, backlog = await receipts.lags(call.database, call.caller.tenant_id)
    return LagResponse(
        channels=[_channel(one) for one in found],
        unplaced_ms=round(backlog.unplaced * 1000),
        waiting_ms=round(backlog.waiting * 1000),
        late=max(backlog.unplaced, backlog.waiting) > LATE,
        timestamp=call.now,
        waiting_receiver=backlog.receiver_id,
    )


def _channel(one: Lag) -> ChannelLag:
    median, slow, worst = (round(seconds * 1000) for seconds in (one.median, one.slow, one.worst))
    return ChannelLag(channel=one.channel, events=one.events, p50_ms=median, p99_ms=slow, worst_ms=worst)


def _line(one: Line) -> ReceiptLine:
    return ReceiptLine(
        channel=one.channel,
        receiver=one.reader,
        state=one.state,
        attempts=one.attempts,
        name=one.name,
        heard_at=one.heard_at,
        lag_ms=milliseconds(one.lag),
        answer=one.answer,
        due_at=one.due_at if one.state == "waiting" else None,
    )
