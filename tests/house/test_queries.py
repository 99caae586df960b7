import pytest

from autional.postgres import pool, queries
from autional.postgres.database import Database
from autional.sessions.creation import NewSession
from autional.sessions.refresh import RefreshAttempt


async def test_every_query_can_be_prepared(database: Database, url: str) -> None:
    connection = await pool.connect(url)
    try:
        assert queries.named_queries()
        for text, *_ in queries.named_queries().values():
            await connection.prepare(text)
    finally:
        await connection.close()


@pytest.mark.parametrize(
    ("function", "arguments"), [("create_session_2", NewSession), ("refresh_session", RefreshAttempt)]
)
async def test_a_type_of_arguments_names_them_as_its_function_does(
    database: Database, url: str, function: str, arguments: type[NewSession | RefreshAttempt]
) -> None:
    connection = await pool.connect(url)
    try:
        names = await connection.fetchval(
            "select proargnames[:pronargs] from pg_proc where proname = $1 and pronamespace = 'autional'::regnamespace",
            function,
        )
    finally:
        await connection.close()
    assert [name.removeprefix("_") for name in names] == list(arguments._fields)
