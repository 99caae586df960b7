"""What a user agent string says about a device: type, browser and operating system (device-detector)."""

from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from device_detector import DeviceDetector

DeviceType = Literal["desktop", "mobile", "tablet", "tv", "bot", "other"]
Hints = tuple[tuple[str, str], ...]
"""Client hints (Sec-CH-UA and others), sorted by name."""

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


def parsed(text: str, hints: Hints) -> Device:
    """The device behind a user agent string and client hints; takes milliseconds."""
    from device_detector import DeviceDetector  # noqa: PLC0415 - a second of loading that most commands do not need

    found = DeviceDetector(text, headers=dict(hints) or None).parse()
    browser, os = _named(found.client_name(), found.client_version()), _named(found.os_name(), found.os_version())
    return Device(_type_of(found, text), browser, os, found.device_model() or None)


def guessed(text: str) -> Device:
    """The device type, guessed from a few words that nearly always occur."""
    words = text.lower()
    for device_type, signs in _SIGNS.items():
        if any(sign in words for sign in signs):
            return Device(device_type, None, None, is_guess=True)
    return UNKNOWN._replace(is_guess=True)


def same_program(one: Device, other: Device) -> bool:
    """Whether two descriptions may be of one installation: versions change, names do not."""
    return _family(one) == _family(other)


def _family(device: Device) -> tuple[str, str | None, str | None]:
    return device.device_type, _without_version(device.browser), _without_version(device.os)


def _without_version(name: str | None) -> str | None:
    return name.rstrip("0123456789 ") if name else None


def _type_of(found: "DeviceDetector", user_agent: str) -> DeviceType:
    if found.is_bot():
        return "bot"
    known = _TYPES.get(str(found.device_type()))
    windowed = "X11" in user_agent and found.client_type() == "browser"
    return known or ("desktop" if windowed else "other")


def _named(name: str | None, version: str | None) -> str | None:
    major = (version or "").partition(".")[0]
    return f"{name} {major}".strip() if name else None
