"""Background tasks: an error is logged and the work starts again, later each time."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from typing import TypeVar

import structlog

from autional.core.errors import DatabaseUnavailableError

_LONGEST_PAUSE = 60.0

log = structlog.get_logger()

Item = TypeVar("Item")
_succeeded: dict[str, float] = {}

Work = Callable[[], Awaitable[object]]
"""One round of a task; true when there is more to do at once."""


@asynccontextmanager
async def kept_running(works: Mapping[str, tuple[float, Work]]) -> AsyncIterator[None]:
    """Do some work for the length of the block: by its name, the pause in seconds after each round, and the round."""
    tasks = [asyncio.create_task(repeated(name, pause, work)) for name, (pause, work) in works.items()]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for name in works:
            _succeeded.pop(name, None)


async def each(items: Iterable[Item], work: Callable[[Item], Awaitable[object]]) -> None:
    """Work on each of several things; one that fails stops no other. Raises an ExceptionGroup of what failed."""
    failed = []
    for item in items:
        try:
            await work(item)
        except Exception as error:
            failed.append(error)
    if failed:
        raise ExceptionGroup("some of many failed", failed)


def ages() -> dict[str, float]:
    """How many seconds ago each task of this process last succeeded, or began."""
    now = time.monotonic()
    return {name: now - at for name, at in _succeeded.items()}


async def repeated(name: str, pause: float, work: Work) -> None:
    """Do rounds of work until cancelled. After an error the pause doubles, up to a minute."""
    failures = 0
    _succeeded[name] = time.monotonic()
    while True:
        try:
            more, failures = bool(await work()), 0
            _succeeded[name] = time.monotonic()
        except DatabaseUnavailableError as error:
            more, failures = False, failures + 1
            log.warning("a background task cannot reach the database", task=name, cause=str(error))
        except (Exception, asyncio.CancelledError):
            if _is_cancelled():
                raise
            more, failures = False, failures + 1
            log.exception("a background task failed and will start again", task=name, failures=failures)
        if not more:
            await asyncio.sleep(min(pause * 2 ** min(failures, 10), max(pause, _LONGEST_PAUSE)))


def _is_cancelled() -> bool:
    """Whether this task was asked to end, and not only something that it waited for."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
