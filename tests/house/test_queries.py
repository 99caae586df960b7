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
    ("function", "arguments"), [("create_session", NewSession), ("refresh_session", RefreshAttempt)]
)
async def test_a_type_of_arguments_names_them_as_its_functions_do(
    database: Database, url: str, function: str, arguments: type[NewSession | RefreshAttempt]
) -> None:
    batched_by = queries.named_queries()[function].batched_by
    connection = await pool.connect(url)
    try:
        found = await connection.fetch(
            "select proname, proargnames[:pronargs] as names from pg_proc"
            " where proname = any ($1) and pronamespace = 'autional'::regnamespace",
            [function, batched_by],
        )
    finally:
        await connection.close()
    assert len(found) == 2
    for row in found:
        assert [name.removeprefix("_") for name in row["names"]] == list(arguments._fields), row["proname"]


async def test_the_hottest_queries_are_batched() -> None:
    found = queries.named_queries().items()
    assert {name for name, query in found if query.is_set} == {
        "api_key",
        "api_key_status",
        "login_history",
        "refresh_token",
        "session",
        "session_statistics",
        "token_status",
    }
    assert {name: query.batched_by for name, query in found if query.batched_by} == {
        "create_session": "create_sessions",
        "refresh_session": "refresh_sessions",
    }
