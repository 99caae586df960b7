"""Devices by their user agent strings: known ones from memory, new ones from the process that parses them."""

import asyncio
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from functools import partial
from operator import itemgetter

import structlog
from cachetools import FIFOCache

from autional.risk.device import UNKNOWN, Device, Hints, guessed, parsed
from autional.risk.user_agent_process import Parser

_LONGEST = 512
_REMEMBERED_BYTES = 16 * 1024 * 1024
_BYTES_BESIDE_TEXT = 700
_AT_A_TIME = 8
_PATIENCE = 0.5

log = structlog.get_logger()

_Key = tuple[str, Hints]

_known: FIFOCache[_Key, tuple[Device, int]] = FIFOCache(_REMEMBERED_BYTES, itemgetter(1))
_remembering = threading.Lock()
_parsing: dict[_Key, asyncio.Task[Device]] = {}


async def _parse_on_a_thread(text: str, hints: Hints) -> Device:
    return await asyncio.to_thread(parsed, text, hints)


_parse: Callable[[str, Hints], Awaitable[Device]] = _parse_on_a_thread


@asynccontextmanager
async def parsed_by(path: str) -> AsyncIterator[None]:
    """Have the process at this socket parse new strings for the length of the block, instead of a thread."""
    global _parse  # noqa: PLW0603 - one of this process
    parser = Parser(path)
    before, _parse = _parse, parser.parse
    try:
        yield
    finally:
        _parse = before
        parser.close()


async def describe(user_agent: str | None, hints: Mapping[str, str] | None = None) -> Device:
    """The device behind a user agent string and its client hints (Sec-CH-UA and others).

    A new string takes milliseconds, beside the event loop; a known one takes none. When too many new strings arrive
    at once, or nobody parses them in time, the rest get a guess, which is not cached.
    """
    if not user_agent:
        return UNKNOWN
    told = sorted((str(name), str(value)) for name, value in hints.items()) if hints else ()
    seen = (user_agent[:_LONGEST], tuple(told))
    known = _cached(seen)
    if known is not None:
        return known
    parsing = _parsing.get(seen)
    if parsing is None:
        if len(_parsing) >= _AT_A_TIME:
            return guessed(seen[0])
        parsing = _parsing[seen] = asyncio.create_task(_parse_and_remember(seen))
        parsing.add_done_callback(partial(_parsing_ended, seen))
    done, _ = await asyncio.wait([parsing], timeout=None if _parse is _parse_on_a_thread else _PATIENCE)
    return guessed(seen[0]) if not done or parsing.exception() else parsing.result()


def _parsing_ended(key: _Key, task: "asyncio.Task[Device]") -> None:
    del _parsing[key]
    error = None if task.cancelled() else task.exception()
    if error is not None and not isinstance(error, OSError):  # the process is not there: it is being started
        log.error("a user agent could not be parsed", exc_info=error)


async def _parse_and_remember(key: _Key) -> Device:
    return _remembered(key, await _parse(*key))


def detect(text: str) -> Device:
    """The device behind a user agent string, parsed on this thread and cached."""
    return _cached((text, ())) or _remembered((text, ()), parsed(text, ()))


def _cached(key: _Key) -> Device | None:
    with _remembering:  # another thread may evict the entry between look-up and return
        found = _known.get(key)
    return found[0] if found else None


def _remembered(key: _Key, device: Device) -> Device:
    text, hints = key
    size = _BYTES_BESIDE_TEXT + sum(len(one) for one in (text, *(part for hint in hints for part in hint)))
    with _remembering:
        _known[key] = device, size
    return device
