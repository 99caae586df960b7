"""The transmitter of OpenID SSF 1.0: its configuration, the streams of a receiver, and what a receiver polls."""

import asyncio
from typing import Any

from autional.api.events.receivers import must_be_callable
from autional.api.events.ssf_schemas import (
    POLL,
    PUSH,
    CreateStreamRequest,
    DeliveryConfiguration,
    DeliveryMethod,
    PollRequest,
    PollResponse,
    StreamConfiguration,
    StreamQuery,
    StreamsQuery,
    StreamStatusRequest,
    StreamStatusResponse,
    StreamSubjectRequest,
    UpdateStreamRequest,
    VerificationRequest,
)
from autional.api.events.subjects import user_of
from autional.api.model import Call, may_raise
from autional.core import problems
from autional.events import receivers, streams
from autional.events.receivers import Receiver
from autional.events.security_events import KINDS_OF
from autional.events.streams import Stream
from autional.tenancy import tenants

_POLL_SECONDS = 10.0
_LOOK_EVERY = 0.25


@may_raise(problems.TENANT_NOT_FOUND)
async def get_ssf_configuration(call: Call, tenant_id: str) -> dict[str, Any]:
    """Get the configuration of the transmitter of a tenant.

    OpenID SSF 1.0 §7.1: its issuer, keys and endpoints.
    """
    await tenants.require_enabled(call.database, tenant_id)
    base = _base(call)
    return {
        "spec_version": "1_0",
        "issuer": call.service.issuer.of(tenant_id),
        "jwks_uri": f"{base}/.well-known/jwks.json",
        "delivery_methods_supported": [PUSH, POLL],
        "configuration_endpoint": f"{base}/ssf/streams",
        "status_endpoint": f"{base}/ssf/status",
        "add_subject_endpoint": f"{base}/ssf/subjects/add",
        "remove_subject_endpoint": f"{base}/ssf/subjects/remove",
        "verification_endpoint": f"{base}/ssf/verification",
        "authorization_schemes": [{"spec_urn": "urn:ietf:rfc:6750"}],
        "default_subjects": "ALL",
    }


@may_raise(problems.TOO_MANY_RECEIVERS)
async def create_stream(call: Call, body: CreateStreamRequest) -> StreamConfiguration:
    """Create a stream of security events.

    OpenID SSF 1.0 §8.1.1.1, with events of CAEP 1.0. It belongs to the API key that makes it.
    """
    asked = _asked(call, body.delivery, body.events_requested, body.description)
    tenant_id, key = call.caller.tenant_id, call.service.receiver_key
    stream_id = await streams.create_stream(call.database, tenant_id, asked.audience, asked, key, call.at)
    return _configuration(call, await _own(call, stream_id))


@may_raise(problems.STREAM_NOT_FOUND)
async def get_streams(call: Call, query: StreamsQuery) -> list[StreamConfiguration] | StreamConfiguration:
    """Get a stream, or all of this API key.

    OpenID SSF 1.0 §8.1.1.2.
    """
    if query.stream_id is not None:
        return _configuration(call, await _own(call, query.stream_id))
    found = await receivers.list_receivers(call.database, call.caller.tenant_id)
    return [_configuration(call, one) for one in found if one.owner_key == call.caller.key_id]


@may_raise(problems.STREAM_NOT_FOUND)
async def update_stream(call: Call, body: UpdateStreamRequest) -> StreamConfiguration:
    """Change a stream.

    OpenID SSF 1.0 §8.1.1.3: what is left out stays.
    """
    found = await _own(call, body.stream_id)
    types = body.events_requested if body.events_requested is not None else found.event_types
    description = body.description if body.description is not None else found.description
    asked = _asked(call, body.delivery, types, description)
    if body.delivery is None:
        asked = asked._replace(url=found.url)
    await streams.update_stream(call.database, call.caller.tenant_id, body.stream_id, asked, call.service.receiver_key)
    return _configuration(call, await _own(call, body.stream_id))


@may_raise(problems.STREAM_NOT_FOUND)
async def replace_stream(call: Call, body: UpdateStreamRequest) -> StreamConfiguration:
    """Replace a stream.

    OpenID SSF 1.0 §8.1.1.4: what is left out is as in a new one.
    """
    await _own(call, body.stream_id)
    asked = _asked(call, body.delivery, body.events_requested, body.description)
    await streams.update_stream(call.database, call.caller.tenant_id, body.stream_id, asked, call.service.receiver_key)
    return _configuration(call, await _own(call, body.stream_id))


@may_raise(problems.STREAM_NOT_FOUND)
async def delete_stream(call: Call, query: StreamQuery) -> None:
    """Delete a stream.

    OpenID SSF 1.0 §8.1.1.5.
    """
    await _own(call, query.stream_id)
    await receivers.delete_receiver(call.database, call.caller.tenant_id, query.stream_id)


@may_raise(problems.STREAM_NOT_FOUND)
async def get_stream_status(call: Call, query: StreamQuery) -> StreamStatusResponse:
    """Get the status of a stream.

    OpenID SSF 1.0 §8.1.2.1.
    """
    return _status(await _own(call, query.stream_id))


@may_raise(problems.STREAM_NOT_FOUND)
async def update_stream_status(call: Call, body: StreamStatusRequest) -> StreamStatusResponse:
    """Enable, pause or disable a stream.

    OpenID SSF 1.0 §8.1.2.2. What happens while it is paused is told later; while it is disabled, never.
    """
    await _own(call, body.stream_id)
    tenant_id, stream_id = call.caller.tenant_id, body.stream_id
    await receivers.change_receiver(call.database, tenant_id, stream_id, status=body.status, reason=body.reason)
    await streams.tell_status(call.database, tenant_id, stream_id, body.status, body.reason)
    return _status(await _own(call, stream_id))


@may_raise(problems.STREAM_NOT_FOUND, problems.SUBJECT_NOT_FOUND)
async def add_stream_subject(call: Call, body: StreamSubjectRequest) -> None:
    """Tell a stream about a user.

    OpenID SSF 1.0 §8.1.3.2. It is told about all users, until one is removed.
    """
    await _own(call, body.stream_id)
    user_id = await user_of(call, body.subject, "subject")
    await streams.include(call.database, call.caller.tenant_id, body.stream_id, user_id)


@may_raise(problems.STREAM_NOT_FOUND, problems.SUBJECT_NOT_FOUND)
async def remove_stream_subject(call: Call, body: StreamSubjectRequest) -> None:
    """Tell a stream nothing about a user any more.

    OpenID SSF 1.0 §8.1.3.3.
    """
    await _own(call, body.stream_id)
    user_id = await user_of(call, body.subject, "subject")
    await streams.exclude(call.database, call.caller.tenant_id, body.stream_id, user_id)


@may_raise(problems.STREAM_NOT_FOUND)
async def verify_stream(call: Call, body: VerificationRequest) -> None:
    """Verify a stream.

    OpenID SSF 1.0 §8.1.4: a verification event with the `state` is sent over it.
    """
    await _own(call, body.stream_id)
    await streams.verify(call.database, call.caller.tenant_id, body.stream_id, body.state)


@may_raise(problems.STREAM_NOT_FOUND)
async def poll_stream(call: Call, stream_id: str, body: PollRequest) -> PollResponse:
    """Poll a stream.

    RFC 8936: acknowledges what was taken or refused, and answers what is next: one event of each subject, so that they
    arrive in order. Unless `returnImmediately` is true it waits up to ten seconds for one.
    """
    await _own(call, stream_id)
    tenant_id = call.caller.tenant_id
    refused = {jti: f"{said.err}: {said.description}"[:200] for jti, said in (body.set_errs or {}).items()}
    await streams.acknowledge(call.database, tenant_id, stream_id, body.ack or [], refused)
    sets: dict[str, str] = {}
    looks = 1 if body.return_immediately or not body.max_events else int(_POLL_SECONDS / _LOOK_EVERY)
    for look in range(looks if body.max_events else 0):
        if look:
            await asyncio.sleep(_LOOK_EVERY)
        sets = await streams.poll(call.database, call.service.issuer, tenant_id, stream_id, body.max_events)
        if sets:
            break
    return PollResponse(sets=sets, more_available=(await _own(call, stream_id)).waiting > len(sets))


async def _own(call: Call, stream_id: str) -> Receiver:
    return await streams.own_stream(call.database, call.caller.tenant_id, call.caller.key_id, stream_id)


def _base(call: Call) -> str:
    return call.service.issuer.name.rstrip("/")


def _asked(
    call: Call, delivery: DeliveryMethod | None, event_types: list[str] | None, description: str | None
) -> Stream:
    audience = call.caller.key_id or ""
    if delivery is None or delivery.method == POLL:
        return Stream(None, event_types, audience, description or "")
    must_be_callable(call, delivery.endpoint_url or "", "delivery.endpoint_url")
    return Stream(delivery.endpoint_url, event_types, audience, description or "", delivery.authorization_header)


def _configuration(call: Call, found: Receiver) -> StreamConfiguration:
    supported = list(KINDS_OF)
    requested = found.event_types if found.event_types is not None else supported
    url = found.url or f"{_base(call)}/ssf/streams/{found.receiver_id}/poll"
    return StreamConfiguration(
        stream_id=found.receiver_id,
        iss=call.service.issuer.of(call.caller.tenant_id),
        aud=found.audience,
        delivery=DeliveryConfiguration(method=PUSH if found.url else POLL, endpoint_url=url),
        events_supported=supported,
        events_requested=requested,
        events_delivered=[name for name in supported if name in requested],
        description=found.description or None,
    )


def _status(found: Receiver) -> StreamStatusResponse:
    return StreamStatusResponse(stream_id=found.receiver_id, status=found.status, reason=found.status_reason)
