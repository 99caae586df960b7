from collections.abc import AsyncIterator

import pytest
from tests.conftest import database_at

from autional.postgres.database import Database


@pytest.fixture
async def database(url: str) -> AsyncIterator[Database]:
    """Of the owner: what is broken and backdated here, the role of the service could not touch."""
    opened = database_at(url, 8)
    yield opened
    await opened.close()
