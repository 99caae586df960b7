"""On Citus a worker can be lost in the middle of a commit: nobody is told that what he asked for is done."""

import pytest

from autional.core.errors import WorkerAwayError
from autional.postgres.database import Database

SAID = (
    "raise warning 'failed to commit transaction on 127.0.0.1:5602'",
    "raise exception 'could not commit transaction for shard 102008 on any active node' using errcode = 'XX000'",
)


@pytest.mark.parametrize("said", SAID)
async def test_a_commit_that_a_worker_did_not_hear_of_is_not_done(url: str, said: str) -> None:
    database = Database(url, 4, on_citus=True)
    try:
        with pytest.raises(WorkerAwayError):
            async with database.transaction() as queries:
                await queries.composed(f"do $$ begin {said}; end $$")
        async with database.transaction() as queries:
            assert [row["one"] for row in await queries.composed("select 1 as one")] == [1]
    finally:
        await database.close()
