"""What a user agent string says about the device: its type, browser and operating system (device-detector)."""

import asyncio
from functools import lru_cache
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from device_detector import DeviceDetector

DeviceType = Literal["desktop", "mobile", "tablet", "tv", "bot", "other"]

_LONGEST = 512
_REMEMBERED = 20_000
_TYPES: dict[str, DeviceType] = {
    "desktop": "desktop",
    "smartphone": "mobile",
    "feature phone": "mobile",
    "phablet": "mobile",
    "tablet": "tablet",
    "tv": "tv",
}


class Device(NamedTuple):
    """What is known about a device; a browser and an operating system come with their major version."""

    device_type: DeviceType
    browser: str | None
    os: str | None


UNKNOWN = Device("other", None, None)


async def describe(user_agent: str | None) -> Device:
    """The device behind a user agent string. A new string takes milliseconds, off the event loop; a known one none."""
    if not user_agent:
        return UNKNOWN
    return await asyncio.to_thread(detect, user_agent[:_LONGEST])


@lru_cache(maxsize=_REMEMBERED)
def detect(user_agent: str) -> Device:
    """The device behind a user agent string, at once on this thread."""
    from device_detector import DeviceDetector  # noqa: PLC0415 - a second of loading that most commands do not need

    found = DeviceDetector(user_agent).parse()
    return Device(
        _type_of(found, user_agent),
        _named(found.client_name(), found.client_version()),
        _named(found.os_name(), found.os_version()),
    )


def _type_of(found: "DeviceDetector", user_agent: str) -> DeviceType:
    if found.is_bot():
        return "bot"
    known = _TYPES.get(str(found.device_type()))
    windowed = "X11" in user_agent and found.client_type() == "browser"
    return known or ("desktop" if windowed else "other")


def _named(name: str | None, version: str | None) -> str | None:
    major = (version or "").partition(".")[0]
    return f"{name} {major}".strip() if name else None
