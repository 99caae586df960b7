from autional import db
from autional.db import Database


async def test_every_query_can_be_prepared(database: Database, url: str) -> None:
    connection = await db.connect(url)
    try:
        assert db.named_queries()
        for text in db.named_queries().values():
            await connection.prepare(text)
    finally:
        await connection.close()
