from collections.abc import AsyncIterator

import pytest

from autional.postgres.database import Database


@pytest.fixture
async def nodes(url: str) -> AsyncIterator[tuple[Database, Database]]:
    """Two nodes over one database, each with connections of its own."""
    one, other = Database(url, 10), Database(url, 10)
    yield one, other
    await one.close()
    await other.close()
