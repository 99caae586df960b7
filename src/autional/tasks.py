"""Background tasks: an error is logged and the work starts again, later each time."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager

import structlog

from autional.pool import DatabaseUnavailableError

_LONGEST_PAUSE = 60.0

log = structlog.get_logger()

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


async def repeated(name: str, pause: float, work: Work) -> None:
    """Do rounds of work until cancelled. After an error the pause doubles, up to a minute."""
    failures = 0
    while True:
        try:
            more, failures = bool(await work()), 0
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
