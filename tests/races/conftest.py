from collections.abc import AsyncIterator

import pytest
from tests.conftest import CITUS_URL

from autional.postgres.database import Database


@pytest.fixture
async def nodes(url: str) -> AsyncIterator[tuple[Database, Database]]:
    """Two nodes over one database, each with connections of its own."""
    one, other = (Database(url, 10, on_citus=CITUS_URL is not None) for _ in range(2))
    yield one, other
    await one.close()
    await other.close()
