"""The revocation log, in order: a page at a time, or as a stream."""

from typing import Annotated

from msgspec import Meta

from autional.access.caller import BY_ADMINISTRATORS, SERVICES
from autional.api.credentials import credential_reader
from autional.api.model import Call, Stream
from autional.api.schemas import Cursor, Instant, RequestModel, ResponseModel
from autional.core import ids
from autional.events.feed import place_after
from autional.events.log import events_after
from autional.events.message import Message, message_of
from autional.events.snapshot import WINDOW, part_after, position_before_window
from autional.events.subscription import Subscription

EVENT_STREAM = "text/event-stream"


class EventsQuery(RequestModel):
    """From where to read on."""

    after: Cursor | None = None
    page_size: Annotated[int, Meta(ge=1, le=1000)] = 100


class SnapshotQuery(RequestModel):
    """From where to read on."""

    after: Cursor | None = None


class SnapshotResponse(ResponseModel, omit_defaults=False):
    """What was ended within the longest life of an access token, as far as `last_event_id`.

    `ended` has 20 bytes for each: 16 of the id of a session or token, and a number: access tokens of the session with a
    lower generation are over; 0: it is over as a whole. `generation` says the same of the tenant's tokens.
    """

    ended: bytes
    generation: int
    disabled: bool
    longest_life: int
    last_event_id: str
    has_next: bool
    timestamp: Instant


class EventsResponse(ResponseModel, omit_defaults=False):
    """What the log says after an event."""

    items: list[Message]
    last_event_id: str
    reset: bool
    has_next: bool


async def read_events(call: Call, query: EventsQuery) -> EventsResponse | Stream:
    """Read the revocation log.

    In order, after the event of an id: nothing appears later before what was seen. With `Accept: text/event-stream` as
    server-sent events from now on, or from the `Last-Event-ID`; they go on until the caller may not listen any more.
    Where the log cannot be continued from that event, it says `reset` and goes on from now.
    """
    after = call.request.header(b"last-event-id") or query.after
    tenant_id, service = call.caller.tenant_id, call.service
    position, reset = await place_after(service.feed, service.database, tenant_id, after)
    if EVENT_STREAM not in (call.request.header(b"accept") or ""):
        return await _page(call, position, query.page_size, reset=reset)
    access = BY_ADMINISTRATORS if call.caller.key_id is None else SERVICES
    credential = credential_reader(service, access)(call.request).lookup
    reader = call.caller.key_id or call.caller.session_id or ""
    subscription = Subscription(ids.home(tenant_id), position, credential, reader)
    return Stream(subscription, service.feed.stream(tenant_id, subscription, reset=reset))


async def read_snapshot(call: Call, query: SnapshotQuery) -> SnapshotResponse:
    """Read what is revoked.

    What a verifier has to know before it judges its first token, in parts: ask on with `last_event_id` while there is
    `has_next`, and then read the log from there. An id that cannot be continued begins anew.
    """
    tenant_id, feed = call.caller.tenant_id, call.service.feed
    position = feed.position_of(tenant_id, query.after) if query.after is not None else None
    if position is None:
        position = await position_before_window(call.database, tenant_id)
    part = await part_after(call.database, tenant_id, position)
    return SnapshotResponse(
        ended=part.ended,
        generation=part.generation,
        disabled=part.disabled,
        longest_life=int(WINDOW.total_seconds()),
        last_event_id=feed.event_id(tenant_id, part.position),
        has_next=part.has_more,
        timestamp=call.now,
    )


async def _page(call: Call, position: int, most: int, *, reset: bool) -> EventsResponse:
    tenant_id = call.caller.tenant_id
    found = await events_after(call.database, {ids.home(tenant_id): position}, most + 1)
    events = found[:most]
    return EventsResponse(
        items=[message_of(event, tenant_id) for event in events],
        last_event_id=call.service.feed.event_id(tenant_id, events[-1].position if events else position),
        reset=reset,
        has_next=len(found) > most,
    )
