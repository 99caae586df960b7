"""Trusted devices. Trust may shorten a re-authentication, never replace one (NIST SP 800-63B-4 §5.1)."""

import hashlib
import hmac
from datetime import datetime, timedelta
from ipaddress import IPv4Address, IPv6Address
from typing import NamedTuple

from asyncpg import Record

from autional.core import ids, problems
from autional.core.problems import Problem
from autional.postgres.queries import Bounds, Queries

DEVICE_PREFIX = "dev"
WINDOW = timedelta(days=30)
MOST_DEVICES = 10


class KnownDevice(NamedTuple):
    """A device as described by the caller; only a hash of its fingerprint is stored."""

    fingerprint: str
    device_name: str | None = None
    device_type: str | None = None
    browser: str | None = None
    os: str | None = None
    ip: str | None = None


class TrustedDevice(NamedTuple):
    """A device that a user trusts until an instant."""

    device_id: str
    user_id: str
    fingerprint_hash: str
    device_name: str | None
    device_type: str | None
    browser: str | None
    os: str | None
    ip: IPv4Address | IPv6Address | None
    created_at: datetime
    trusted_until: datetime


class Sightings(NamedTuple):
    """When a user used the device of a session."""

    first_seen_at: datetime
    last_seen_at: datetime
    is_trusted: bool
    is_past_absolute: bool


async def sightings(queries: Queries, tenant_id: str, session_id: str, at: datetime | None) -> Sightings:
    """When the user used the device of a session, and whether it is trusted. Raises the Problem SESSION_NOT_FOUND."""
    row = await queries.row("sightings", tenant_id, session_id, at)
    if row is None:
        raise Problem(problems.SESSION_NOT_FOUND)
    return Sightings(*(row[name] for name in Sightings._fields))


async def trust_device(
    queries: Queries,
    key: bytes,
    tenant_id: str,
    user_id: str,
    device: KnownDevice,
    at: datetime | None,
    *,
    session_id: str | None = None,
) -> TrustedDevice:
    """Trust a device of a user for 30 days; beyond ten devices the one trusted first is dropped.

    Call it in a transaction. Raises the Problem SESSION_NOT_FOUND unless the session that the user calls from is
    active.
    """
    await queries.rows("share_user_gate", tenant_id, user_id)
    described = {
        "device_id": ids.new_id(DEVICE_PREFIX, at, user_id),
        "user_id": user_id,
        "fingerprint_hash": fingerprint_hash(key, tenant_id, device.fingerprint),
        "device_name": device.device_name,
        "device_type": device.device_type,
        "browser": device.browser,
        "os": device.os,
        "ip": device.ip,
    }
    row = await queries.row("trust_device", tenant_id, described, session_id, WINDOW, MOST_DEVICES, at)
    if row is None:
        raise Problem(problems.SESSION_NOT_FOUND)
    return _device(row)


async def list_devices(
    queries: Queries, tenant_id: str, user_id: str, bounds: Bounds, at: datetime | None
) -> tuple[list[TrustedDevice], int]:
    """Part of a user's trusted devices, newest first, and the size of the list."""
    rows = await queries.rows("trusted_devices", tenant_id, user_id, at, *bounds)
    return [_device(row) for row in rows if row["device_id"] is not None], rows[0]["total"]


async def distrust_device(queries: Queries, tenant_id: str, device_id: str, user_id: str | None = None) -> None:
    """Stop trusting a device, of one user only if one is given. Raises the Problem DEVICE_NOT_FOUND."""
    if not await queries.rows("distrust_device", tenant_id, device_id, user_id):
        raise Problem(problems.DEVICE_NOT_FOUND)


async def distrust_fingerprint(queries: Queries, key: bytes, tenant_id: str, fingerprint: str) -> None:
    """Stop trusting a device for all users. Raises the Problem DEVICE_NOT_FOUND."""
    if not await queries.rows("distrust_fingerprint", tenant_id, fingerprint_hash(key, tenant_id, fingerprint)):
        raise Problem(problems.DEVICE_NOT_FOUND)


def fingerprint_hash(key: bytes, tenant_id: str, fingerprint: str) -> str:
    """The keyed hash of a fingerprint, which differs from tenant to tenant."""
    return hmac.digest(key, f"{tenant_id}\n{fingerprint}".encode(), hashlib.sha256).hex()


def _device(row: Record) -> TrustedDevice:
    return TrustedDevice(*(row[name] for name in TrustedDevice._fields))
