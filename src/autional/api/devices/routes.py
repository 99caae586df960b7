"""Trusted devices, and the usage of sessions."""

from autional.api import paging
from autional.api.devices.schemas import (
    CreateTrustedDeviceRequest,
    DevicesQuery,
    TrustDeviceRequest,
    TrustedDeviceListResponse,
    TrustedDeviceResponse,
    UsageResponse,
)
from autional.api.model import Call, may_raise
from autional.api.paging import Position
from autional.api.schemas import PageQuery, SimpleResponse
from autional.core import problems
from autional.core.problems import Problem
from autional.postgres.queries import Size
from autional.risk import trusted_devices
from autional.risk.trusted_devices import KnownDevice, TrustedDevice
from autional.sessions.listing import find_session
from autional.sessions.model import Session
from autional.sessions.usage import count_use, usage_by_day


async def list_own(call: Call, query: PageQuery) -> TrustedDeviceListResponse:
    """List the caller's trusted devices."""
    return await _listed(call, call.caller.user_id or "", query)


async def list_of_user(call: Call, query: DevicesQuery) -> TrustedDeviceListResponse:
    """List a user's trusted devices."""
    return await _listed(call, query.user_id, query)


@may_raise(problems.SESSION_NOT_FOUND)
async def trust_own(call: Call, body: TrustDeviceRequest) -> SimpleResponse:
    """Trust the caller's device.

    For 30 days. What is known of the device comes from the caller's session.
    """
    session = await _own_session(call)
    device = KnownDevice(body.device_fingerprint, body.device_name)
    if session is not None:
        device = device._replace(device_type=session.device_type, browser=session.browser, os=session.os, ip=session.ip)
    await _trusted(call, call.caller.user_id or "", device)
    return SimpleResponse(timestamp=call.now)


async def trust_for_user(call: Call, body: CreateTrustedDeviceRequest) -> TrustedDeviceResponse:
    """Trust a device of a user.

    For 30 days; beyond ten devices the one that was trusted first is dropped.
    """
    ip = str(body.ip) if body.ip else None
    device = KnownDevice(body.device_fingerprint, None, body.device_type, body.browser, body.os, ip)
    return _device_response(call, await _trusted(call, body.user_id, device))


@may_raise(problems.DEVICE_NOT_FOUND)
async def distrust(call: Call, device_id: str) -> SimpleResponse:
    """Stop trusting a device of a user."""
    await trusted_devices.distrust_device(call.database, call.caller.tenant_id, device_id, call.caller.scope.user_id)
    return SimpleResponse(timestamp=call.now)


@may_raise(problems.DEVICE_NOT_FOUND)
async def distrust_own(call: Call, device_id: str) -> SimpleResponse:
    """Stop trusting one of the caller's devices."""
    await trusted_devices.distrust_device(call.database, call.caller.tenant_id, device_id, call.caller.user_id or "")
    return SimpleResponse(timestamp=call.now)


@may_raise(problems.DEVICE_NOT_FOUND)
async def distrust_fingerprint(call: Call, device_fingerprint: str) -> SimpleResponse:
    """Stop trusting a device for all users."""
    key = call.service.fingerprint_key
    await trusted_devices.distrust_fingerprint(call.database, key, call.caller.tenant_id, device_fingerprint)
    return SimpleResponse(timestamp=call.now)


@may_raise(problems.SESSION_NOT_FOUND)
async def record_session_use(call: Call, session_id: str) -> SimpleResponse:
    """Count a use of a session."""
    await count_use(call.database, call.caller.tenant_id, session_id, call.at)
    return SimpleResponse(timestamp=call.now)


@may_raise(problems.SESSION_NOT_FOUND)
async def get_session_usage(call: Call, session_id: str) -> UsageResponse:
    """Get how often a session was used."""
    used = await usage_by_day(call.database, call.caller.tenant_id, session_id)
    return UsageResponse(timestamp=call.now, usage=used)


async def _own_session(call: Call) -> Session | None:
    caller = call.caller
    if caller.session_id is None:
        return None
    try:
        return await find_session(call.database, caller.scope, caller.session_id, call.at)
    except Problem:
        return None  # a platform administrator who acts in another tenant


async def _trusted(call: Call, user_id: str, device: KnownDevice) -> TrustedDevice:
    key = call.service.fingerprint_key
    session_id = call.caller.session_id if call.caller.home_tenant is None else None
    async with call.database.transaction() as queries:
        return await trusted_devices.trust_device(
            queries, key, call.caller.tenant_id, user_id, device, call.at, session_id=session_id
        )


async def _listed(call: Call, user_id: str, query: PageQuery) -> TrustedDeviceListResponse:
    listed = ["trusted_devices", user_id]
    part = paging.part_of(call, query, listed)
    found, total = await trusted_devices.list_devices(
        call.database, call.caller.tenant_id, user_id, part.bounds, call.at
    )
    places = [Position(device.created_at, device.device_id) for device in found]
    items = [_device_response(call, device) for device in found[: query.page_size]]
    info = paging.page_info(call, query, listed, places, Size(total))
    return TrustedDeviceListResponse(items=items, pagination=info, total=total, timestamp=call.now)


def _device_response(call: Call, device: TrustedDevice) -> TrustedDeviceResponse:
    return TrustedDeviceResponse(
        id=device.device_id,
        tenant_id=call.caller.tenant_id,
        user_id=device.user_id,
        device_fingerprint=device.fingerprint_hash,
        created_at=device.created_at,
        trusted_until=device.trusted_until,
        device_name=device.device_name,
        device_type=device.device_type,
        browser=device.browser,
        os=device.os,
        ip=str(device.ip) if device.ip is not None else None,
    )
