import re

import msgspec
import pytest

from autional.postgres import queries
from autional.postgres.connection import connect
from autional.postgres.database import Database
from autional.sessions.creation import NewSession
from autional.sessions.refresh import RefreshAttempt


async def test_every_query_can_be_prepared(database: Database, url: str) -> None:
    connection = await connect(url)
    try:
        assert queries.named_queries()
        for query in queries.named_queries().values():
            await connection.prepare(query.text)
            await connection.prepare(query.on_citus)
    finally:
        await connection.close()


OTHER_NUMBERS = {
    "buckets_statistics",
    "insert_readings",
    "metered_sessions",
    "notify_of_revocations",
    "revocations_after",
    "revoked_numbers",
    "status_list",
}
"""Queries whose first parameter is a number but not the home of one tenant."""


async def test_of_which_tenant_a_query_is_follows_from_its_text(database: Database, url: str) -> None:
    """Only those are sent to the buckets of a split tenant, or refused for one."""
    connection = await connect(url)
    try:
        for name, query in queries.named_queries().items():
            types = [one.name for one in (await connection.prepare(query.text)).get_parameters()]
            is_of_tenant = bool(types) and types[0] in {"int8", "int8[]"} and name not in OTHER_NUMBERS
            assert query.of_tenant is is_of_tenant, (name, types)
            said = re.findall(r"^-- of (?:the|each)\b.*", query.text, re.MULTILINE)
            assert len(said) == (query.place is not None), (name, said)
            assert query.of_tenant or query.place is None or query.place.of == "whole", name
    finally:
        await connection.close()


@pytest.mark.parametrize(("function", "given"), [("create_session", NewSession), ("refresh_session", RefreshAttempt)])
async def test_the_fields_of_a_type_are_read_by_its_functions(
    database: Database, url: str, function: str, given: type[msgspec.Struct]
) -> None:
    batched_by = queries.named_queries()[function].batched_by
    connection = await connect(url)
    try:
        found = await connection.fetch(
            "select proname, prosrc from pg_proc where proname = any ($1) and pronamespace = 'autional'::regnamespace",
            [function, batched_by],
        )
    finally:
        await connection.close()
    assert len(found) == 2
    for row in found:
        fields = max(re.findall(r"jsonb_to_record(?:set)?\(\w+\) as \((.*?)\)", row["prosrc"], re.DOTALL), key=len)
        assert [field.split()[0] for field in fields.split(",")] == list(given.__struct_fields__), row["proname"]


async def test_the_hottest_queries_are_batched() -> None:
    found = queries.named_queries().items()
    assert {name for name, query in found if query.is_set} == {
        "api_key",
        "api_key_status",
        "enabled_tenant",
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
