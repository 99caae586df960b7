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


BATCHED = {
    "api_key": None,
    "api_key_status": None,
    "create_session": ["_tenant_id", "_user_id", "_wait"],
    "login_history": None,
    "refresh_session": ["_tenant_id", "_token_session", "_wait"],
    "refresh_token": None,
    "session": None,
    "session_statistics": None,
    "token_status": None,
}


async def test_the_hottest_queries_are_batched_and_writes_lock_by_what_they_say(url: str) -> None:
    batched = {name: query.locking for name, query in queries.named_queries().items() if query.is_set or query.locking}
    assert batched.keys() == BATCHED.keys()
    connection = await pool.connect(url)
    try:
        for name, expected in BATCHED.items():
            locking = batched[name]
            assert (locking is None) == (expected is None), name
            if locking is not None:
                function = {"create_session": "create_session_2"}.get(name, name)
                names = await connection.fetchval("select proargnames from pg_proc where proname = $1", function)
                assert [names[place] for place in (*locking.order, locking.wait)] == expected
    finally:
        await connection.close()
