"""Nodes that start at once on an empty database agree on the issuer."""

import asyncio

from autional.postgres.connection import connect
from autional.postgres.database import Database

NODES = 8
ROUNDS = 25


async def test_nodes_that_start_at_once_keep_the_same_issuer(database: Database, url: str) -> None:
    connection = await connect(url)
    try:
        for _ in range(ROUNDS):
            await connection.execute("delete from installation")
            named = [f"http://127.0.0.1:{9000 + node}" for node in range(NODES)]
            shares = [database.share("hot", f"node{node}") for node in range(NODES)]
            rows = await asyncio.gather(
                *(share.row("kept_issuer", name) for share, name in zip(shares, named, strict=True))
            )
            assert len({row["issuer"] if row else None for row in rows}) == 1
    finally:
        await connection.close()
