"""Requests and responses about trusted devices and the usage of sessions."""

from datetime import date
from typing import Annotated

from msgspec import Meta

from autional.api.schemas import Instant, ListResponse, PageQuery, RequestModel, ResponseModel, SimpleResponse
from autional.core.formats import NO_CONTROLS, IpAddress, ShortText, UserId
from autional.risk.device import DeviceType

Fingerprint = Annotated[str, Meta(min_length=1, max_length=128, pattern=NO_CONTROLS)]


class TrustDeviceRequest(RequestModel):
    """The device to trust."""

    device_fingerprint: Fingerprint
    device_name: ShortText | None = None


class CreateTrustedDeviceRequest(RequestModel):
    """A device to trust for a user."""

    device_fingerprint: Fingerprint
    user_id: UserId
    browser: ShortText | None = None
    device_type: DeviceType | None = None
    ip: IpAddress | None = None
    os: ShortText | None = None


class DevicesQuery(PageQuery, kw_only=True):
    """Part of a user's trusted devices."""

    user_id: UserId


class TrustedDeviceResponse(ResponseModel):
    """A trusted device. Its fingerprint is a keyed hash."""

    id: str
    tenant_id: str
    user_id: str
    device_fingerprint: str
    created_at: Instant
    trusted_until: Instant
    device_name: str | None = None
    device_type: str | None = None
    browser: str | None = None
    os: str | None = None
    ip: str | None = None


class TrustedDeviceListResponse(ListResponse, kw_only=True):
    """Part of the trusted devices of a user, newest first."""

    items: list[TrustedDeviceResponse]


class UsageResponse(SimpleResponse, kw_only=True):
    """Uses of a session by day (UTC)."""

    usage: dict[date, int]
