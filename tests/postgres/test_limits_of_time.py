from autional.postgres.database import Database


async def test_a_reading_that_takes_too_long_leaves_the_transaction_as_it_was(database: Database) -> None:
    slow = "select pg_sleep(0.1), count(*) from generate_series(1, 1000)"
    async with database.transaction() as queries:
        before = await queries.composed("show statement_timeout")
        assert await queries.composed_within(0.02, slow) is None
        assert await queries.composed("show statement_timeout") == before
        found = await queries.composed_within(0.5, "select $1::integer as one", 1)
        assert [row["one"] for row in found or []] == [1]
        assert await queries.composed("show statement_timeout") == before
        assert len(await queries.composed(slow)) == 1
