from autional.postgres import pool, queries
from autional.postgres.database import Database


async def test_every_query_can_be_prepared(database: Database, url: str) -> None:
    connection = await pool.connect(url)
    try:
        assert queries.named_queries()
        for text in queries.named_queries().values():
            await connection.prepare(text)
    finally:
        await connection.close()
