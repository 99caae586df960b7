"""Background tasks: an error is logged and the task starts again, after a longer pause each time."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from typing import TypeVar

import structlog

from autional.core.errors import DatabaseBusyError, DatabaseUnavailableError

_LONGEST_PAUSE = 60.0
_WITHOUT_DATABASE = 1.0

log = structlog.get_logger()

Item = TypeVar("Item")
_succeeded: dict[str, float] = {}

Round = Callable[[], Awaitable[object]]
"""One round of a task; true when there is more to do at once."""


@asynccontextmanager
async def running_tasks(works: Mapping[str, tuple[float, Round]]) -> AsyncIterator[None]:
    """Run tasks for the length of the block: by name, the pause in seconds after each round, and the round."""
    tasks = [asyncio.create_task(run_repeatedly(name, pause, work)) for name, (pause, work) in works.items()]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for name in works:
            _succeeded.pop(name, None)


async def for_each(items: Iterable[Item], work: Callable[[Item], Awaitable[object]]) -> None:
    """Run `work` for each item, even if it fails for others. Raises an ExceptionGroup of all errors."""
    failed = []
    for item in items:
        try:
            await work(item)
        except Exception as error:
            failed.append(error)
    if failed:
        raise ExceptionGroup("some of many failed", failed)


def task_ages() -> dict[str, float]:
    """Seconds since each task of this process last succeeded, or started."""
    now = time.monotonic()
    return {name: now - at for name, at in _succeeded.items()}


async def run_repeatedly(name: str, pause: float, work: Round) -> None:
    """Run rounds of work until cancelled. After an error the pause doubles, up to a minute.

    A database that cannot be reached is asked again after a second: who waits for it must not wait longer.
    """
    failures = unreachable = 0
    _succeeded[name] = time.monotonic()
    while True:
        try:
            more, failures, unreachable = bool(await work()), 0, 0
            _succeeded[name] = time.monotonic()
        except DatabaseBusyError as error:
            more, failures, unreachable = False, failures + 1, 0
            log.warning("a background task had no time at the database", task=name, cause=str(error))
        except DatabaseUnavailableError as error:
            more, failures, unreachable = False, 0, unreachable + 1
            if unreachable & (unreachable - 1) == 0:  # the 1st, 2nd, 4th, 8th … time
                log.warning("a background task cannot reach the database", task=name, cause=str(error))
        except (Exception, asyncio.CancelledError):
            if _is_cancelled():
                raise
            more, failures, unreachable = False, failures + 1, 0
            log.exception("a background task failed and will start again", task=name, failures=failures)
        if not more:
            least = _WITHOUT_DATABASE if unreachable else 0.0
            await asyncio.sleep(max(least, min(pause * 2 ** min(failures, 10), max(pause, _LONGEST_PAUSE))))


def _is_cancelled() -> bool:
    """Whether this task itself was cancelled, and not only something that it awaited."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
