from collections.abc import AsyncIterator

import pytest
from tests.conftest import database_at

from autional.postgres.database import Database


@pytest.fixture
async def nodes(url: str) -> AsyncIterator[tuple[Database, Database]]:
    """Two nodes over one database, each with connections of its own."""
    one, other = (database_at(url, 10) for _ in range(2))
    yield one, other
    await one.close()
    await other.close()
