"""What goes over the wire about devices and what is held on a user, by the names of the contract."""

from datetime import date, datetime
from typing import Annotated

from msgspec import Meta

from autional.api.schemas import Answered, Listed, PageQuery, Sent, SimpleResponse
from autional.core.formats import NO_CONTROLS, IpAddress, ShortText, UserId
from autional.risk.user_agents import DeviceType

Fingerprint = Annotated[str, Meta(min_length=1, max_length=128, pattern=NO_CONTROLS)]


class TrustDeviceRequest(Sent):
    """The device that a user trusts."""

    device_fingerprint: Fingerprint
    device_name: ShortText | None = None


class CreateTrustedDeviceRequest(Sent):
    """A device that a user trusts, as a service tells it."""

    device_fingerprint: Fingerprint
    user_id: UserId
    browser: ShortText | None = None
    device_type: DeviceType | None = None
    ip: IpAddress | None = None
    os: ShortText | None = None


class DevicesQuery(PageQuery, kw_only=True):
    """Which part of the devices of a user."""

    user_id: UserId


class TrustedDeviceResponse(Answered):
    """A device that a user trusts; of its fingerprint only the hash is known."""

    id: str
    tenant_id: str
    user_id: str
    device_fingerprint: str
    created_at: datetime
    trusted_until: datetime
    device_name: str | None = None
    device_type: str | None = None
    browser: str | None = None
    os: str | None = None
    ip: str | None = None


class TrustedDeviceListResponse(Listed, kw_only=True):
    """A part of the devices that a user trusts, newest first."""

    items: list[TrustedDeviceResponse]


class UsageResponse(SimpleResponse, kw_only=True):
    """How often a session was used, by day (UTC)."""

    usage: dict[date, int]
