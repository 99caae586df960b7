"""Receivers of events: who is told, how that goes, and what could not be delivered."""

from autional.api import paging
from autional.api.events.schemas import (
    CreatedReceiverResponse,
    CreateReceiverRequest,
    DeliveriesQuery,
    DeliveryListResponse,
    DeliveryResponse,
    ReceiverListResponse,
    ReceiverResponse,
    ReceiverSecretResponse,
    ReplayRequest,
    ReplayResponse,
    UpdateReceiverRequest,
    kinds_faults,
)
from autional.api.model import Call, may_raise
from autional.api.schemas import SimpleResponse
from autional.core import cursors, problems
from autional.core.durations import milliseconds
from autional.core.problems import Problem, Violation
from autional.events import receivers
from autional.events.outbound import url_fault
from autional.events.receivers import KINDS, REVOCATIONS, Delivery, NewReceiver, Receiver, Status
from autional.events.streams import STREAMS, tell_status


async def list_receivers(call: Call) -> ReceiverListResponse:
    """List receivers.

    Who is told of the events of the tenant, what each still has to be told (`waiting`) and what it never was (`dead`).
    """
    found = await receivers.list_receivers(call.database, call.caller.tenant_id)
    return ReceiverListResponse(items=[_receiver(one) for one in found], timestamp=call.now)


@may_raise(problems.TOO_MANY_RECEIVERS)
async def create_receiver(call: Call, body: CreateReceiverRequest) -> CreatedReceiverResponse:
    """Add a receiver.

    A webhook (Standard Webhooks), a client of OIDC Back-Channel Logout, or an application with a Global Token
    Revocation endpoint. It is told of what happens from now on, at least once, in order within a user or session.
    """
    must_be_callable(call, body.url)
    kinds = body.kinds or [kind for kind in KINDS[body.protocol] if kind in REVOCATIONS]
    audience = body.client_id or body.url
    new = NewReceiver(body.protocol, body.url, audience, kinds, body.app_id, body.description)
    key = call.service.receiver_key
    receiver_id, secret = await receivers.add_receiver(call.database, call.caller.tenant_id, new, key, call.at)
    added = _receiver(await receivers.get_receiver(call.database, call.caller.tenant_id, receiver_id))
    return CreatedReceiverResponse(
        **{name: getattr(added, name) for name in ReceiverResponse.__struct_fields__}, secret=secret
    )


@may_raise(problems.RECEIVER_NOT_FOUND)
async def get_receiver(call: Call, receiver_id: str) -> ReceiverResponse:
    """Get a receiver."""
    return _receiver(await receivers.get_receiver(call.database, call.caller.tenant_id, receiver_id))


@may_raise(problems.RECEIVER_NOT_FOUND)
async def update_receiver(call: Call, receiver_id: str, body: UpdateReceiverRequest) -> ReceiverResponse:
    """Change, pause or resume a receiver.

    While it is paused its deliveries wait. It is tried again at once.
    """
    tenant_id = call.caller.tenant_id
    found = await receivers.get_receiver(call.database, tenant_id, receiver_id)
    wrong = kinds_faults(found.protocol, body.kinds)
    if found.protocol in STREAMS and (body.url is not None or body.kinds is not None):
        field = "kinds" if body.url is None else "url"
        wrong = [Violation(field, "value", "Can only be changed by the API key that made the stream")]
    if wrong:
        raise Problem(problems.INVALID_PARAMETER, violations=wrong)
    if body.url is not None:
        must_be_callable(call, body.url)
    status: Status | None = None if body.paused is None else "paused" if body.paused else "enabled"
    await receivers.change_receiver(
        call.database,
        tenant_id,
        receiver_id,
        url=body.url,
        description=body.description,
        kinds=body.kinds,
        status=status,
    )
    if status is not None and found.protocol in STREAMS:
        await tell_status(call.database, tenant_id, receiver_id, status, None)
    return _receiver(await receivers.get_receiver(call.database, tenant_id, receiver_id))


@may_raise(problems.RECEIVER_NOT_FOUND)
async def delete_receiver(call: Call, receiver_id: str) -> SimpleResponse:
    """Remove a receiver.

    With the record of what it was told.
    """
    await receivers.delete_receiver(call.database, call.caller.tenant_id, receiver_id)
    return SimpleResponse(timestamp=call.now)


@may_raise(problems.RECEIVER_NOT_FOUND, problems.RECEIVER_WITHOUT_SECRET)
async def rotate_receiver_secret(call: Call, receiver_id: str) -> ReceiverSecretResponse:
    """Give a webhook a new secret.

    For 24 hours every message is signed by the new one and by the one before it.
    """
    key = call.service.receiver_key
    secret, until = await receivers.rotate_secret(call.database, call.caller.tenant_id, receiver_id, key)
    return ReceiverSecretResponse(secret=secret, secret_overlap_until=until)


@may_raise(problems.RECEIVER_NOT_FOUND)
async def list_deliveries(call: Call, receiver_id: str, query: DeliveriesQuery) -> DeliveryListResponse:
    """List deliveries to a receiver.

    Newest first. Those that are `dead` could not be delivered within a day, or were refused for good.
    """
    tenant_id = call.caller.tenant_id
    await receivers.get_receiver(call.database, tenant_id, receiver_id)
    bound = [tenant_id, "deliveries", receiver_id, query.state]
    place = paging.place_in(call, query.cursor, bound)
    before = None if place is None else int(place)
    most = query.page_size
    found = await receivers.list_deliveries(call.database, tenant_id, receiver_id, query.state, before, most + 1)
    last = found[most - 1].position if len(found) > most else None
    return DeliveryListResponse(
        items=[_delivery(one) for one in found[:most]],
        timestamp=call.now,
        next_cursor=cursors.write(call.service.cursor_key, [last], bound) if last is not None else None,
    )


@may_raise(problems.RECEIVER_NOT_FOUND)
async def replay_deliveries(call: Call, receiver_id: str, body: ReplayRequest) -> ReplayResponse:
    """Try dead deliveries again.

    Those at the positions that are named, or all. Each is tried for another day.
    """
    tenant_id = call.caller.tenant_id
    await receivers.get_receiver(call.database, tenant_id, receiver_id)
    replayed = await receivers.replay(call.database, tenant_id, receiver_id, body.positions)
    return ReplayResponse(replayed=replayed, timestamp=call.now)


def must_be_callable(call: Call, url: str, field: str = "url") -> None:
    """Refuse what is out of bounds at once. A name is looked up, and its address checked, when it is called."""
    if fault := url_fault(url, call.service.settings.receivers):
        raise Problem(problems.INVALID_PARAMETER, violations=[Violation(field, "value", fault)])


def _receiver(one: Receiver) -> ReceiverResponse:
    return ReceiverResponse(
        id=one.receiver_id,
        protocol=one.protocol,
        audience=one.audience,
        kinds=one.kinds,
        description=one.description,
        created_at=one.created_at,
        status=one.standing,
        waiting=one.waiting,
        dead=one.dead,
        url=one.url,
        app_id=one.app_id,
        waiting_since=one.waiting_since,
        suspended_until=one.suspended_until,
        failures=one.failures,
        last_answer=one.last_answer,
        last_attempt_at=one.attempted_at,
        secret_overlap_until=one.overlap_until,
    )


def _delivery(one: Delivery) -> DeliveryResponse:
    return DeliveryResponse(
        position=one.position,
        state=one.state,
        event_at=one.event_at,
        attempts=one.attempts,
        revocation_id=None if one.revocation_id is None else str(one.revocation_id),
        kind=one.kind,
        due_at=one.due_at if one.state == "waiting" else None,
        attempted_at=one.attempted_at,
        lag_ms=milliseconds(one.lag),
        answer=one.answer,
    )
