"""What a user agent string says about the device: type, browser and operating system (device-detector)."""

import asyncio
import threading
from collections.abc import Mapping
from operator import itemgetter
from typing import TYPE_CHECKING, Literal, NamedTuple

from cachetools import FIFOCache

if TYPE_CHECKING:
    from device_detector import DeviceDetector

DeviceType = Literal["desktop", "mobile", "tablet", "tv", "bot", "other"]
Hints = tuple[tuple[str, str], ...]

_LONGEST = 512
_REMEMBERED_BYTES = 16 * 1024 * 1024
_BYTES_BESIDE_TEXT = 700
_AT_A_TIME = 8
_SIGNS: dict[DeviceType, tuple[str, ...]] = {
    "bot": ("bot", "crawl", "spider"),
    "tv": ("smart-tv", "smarttv", "appletv", "googletv", "hbbtv"),
    "tablet": ("ipad", "tablet"),
    "mobile": ("mobile", "iphone", "android"),
    "desktop": ("windows nt", "macintosh", "x11"),
}
_TYPES: dict[str, DeviceType] = {
    "desktop": "desktop",
    "smartphone": "mobile",
    "feature phone": "mobile",
    "phablet": "mobile",
    "tablet": "tablet",
    "tv": "tv",
}


class Device(NamedTuple):
    """What is known about a device; browser and operating system include the major version."""

    device_type: DeviceType
    browser: str | None
    os: str | None
    model: str | None = None
    is_guess: bool = False
    """Whether there was no time to look closely."""


UNKNOWN = Device("other", None, None)


_known: FIFOCache[tuple[str, Hints], tuple[Device, int]] = FIFOCache(_REMEMBERED_BYTES, itemgetter(1))
_remembering = threading.Lock()
_waiting: set[tuple[str, Hints]] = set()


async def describe(user_agent: str | None, hints: Mapping[str, str] | None = None) -> Device:
    """The device behind a user agent string and its client hints (Sec-CH-UA and others).

    A new string takes milliseconds, off the event loop; a known one takes none. When too many new strings arrive
    at once the rest get a guess, which is not cached.
    """
    if not user_agent:
        return UNKNOWN
    seen = (user_agent[:_LONGEST], tuple(sorted(hints.items())) if hints else ())
    known = _cached(seen)
    if known is not None:
        return known
    if len(_waiting) >= _AT_A_TIME:
        return guess(seen[0])
    _waiting.add(seen)
    try:
        return await asyncio.to_thread(detect, *seen)
    finally:
        _waiting.discard(seen)


def detect(text: str, hints: Hints = ()) -> Device:
    """The device behind a user agent string and hints, parsed on this thread and cached."""
    known = _cached((text, hints))
    if known is not None:
        return known
    device = _parsed(text, hints)
    with _remembering:
        _known[text, hints] = device, _bytes_of(text, hints)
    return device


def _cached(key: tuple[str, Hints]) -> Device | None:
    with _remembering:  # another thread may evict the entry between look-up and return
        found = _known.get(key)
    return found[0] if found else None


def _bytes_of(text: str, hints: Hints) -> int:
    return _BYTES_BESIDE_TEXT + sum(len(one) for one in (text, *(part for hint in hints for part in hint)))


def _parsed(text: str, hints: Hints) -> Device:
    from device_detector import DeviceDetector  # noqa: PLC0415 - a second of loading that most commands do not need

    found = DeviceDetector(text, headers=dict(hints) or None).parse()
    browser, os = _named(found.client_name(), found.client_version()), _named(found.os_name(), found.os_version())
    return Device(_type_of(found, text), browser, os, found.device_model() or None)


def same_program(one: Device, other: Device) -> bool:
    """Whether two descriptions may be of one installation: versions change, names do not."""
    return _family(one) == _family(other)


def _family(device: Device) -> tuple[str, str | None, str | None]:
    return device.device_type, _without_version(device.browser), _without_version(device.os)


def _without_version(name: str | None) -> str | None:
    return name.rstrip("0123456789 ") if name else None


def guess(text: str) -> Device:
    """The device type, guessed from a few words that nearly always occur."""
    words = text.lower()
    for device_type, signs in _SIGNS.items():
        if any(sign in words for sign in signs):
            return Device(device_type, None, None, is_guess=True)
    return UNKNOWN._replace(is_guess=True)


def _type_of(found: "DeviceDetector", user_agent: str) -> DeviceType:
    if found.is_bot():
        return "bot"
    known = _TYPES.get(str(found.device_type()))
    windowed = "X11" in user_agent and found.client_type() == "browser"
    return known or ("desktop" if windowed else "other")


def _named(name: str | None, version: str | None) -> str | None:
    major = (version or "").partition(".")[0]
    return f"{name} {major}".strip() if name else None
