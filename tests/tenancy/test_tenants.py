import asyncio
from datetime import datetime

import pytest
from tests.conftest import not_on_citus

from autional.access import introspection
from autional.core import problems
from autional.core.authority import operator_authority
from autional.core.problems import Problem
from autional.postgres.database import Database
from autional.sessions.creation import create_session
from autional.sessions.model import Login
from autional.tenancy import api_keys, tenants
from autional.tokens import signing_keys
from autional.tokens.jwt import Issuer

KEY = b"t" * 32


async def test_a_deleted_tenant_is_over_at_once_and_never_comes_back(
    database: Database, issuer: Issuer, tenant: str
) -> None:
    await tenants.create_tenant(database, "other", "Other", None, key=KEY)
    made = await create_session(database, issuer, operator_authority(tenant), Login("u"), None)
    alone = await api_keys.create_api_key(database, "alone", [tenant], None)
    shared = await api_keys.create_api_key(database, "shared", [tenant, "other"], None)
    await tenants.delete_tenant(database, tenant, key=KEY)
    assert await introspection.introspect(database, issuer, made.tokens.access_token, None) is None
    assert await introspection.introspect(database, issuer, made.tokens.refresh_token, None) is None
    listed = {
        key.api_key_id: (key.tenant_ids, key.revoked_at is None) for key in await api_keys.list_api_keys(database)
    }
    assert listed == {
        alone.partition(".")[0]: ([tenant], False),
        shared.partition(".")[0]: (["other"], True),
    }
    for attempt in ("while it goes", "when it is gone"):
        with pytest.raises(Problem) as refused:
            await tenants.create_tenant(database, tenant, "Again", None, key=KEY)
        assert refused.value.kind is problems.TENANT_EXISTS, attempt
        for change in (tenants.enable_tenant(database, tenant), tenants.disable_tenant(database, tenant, None)):
            with pytest.raises(Problem):
                await change
        await tenants.purge_deleted(database)
    assert [one.tenant_id for one in await tenants.list_tenants(database)] == ["other"]
    assert await introspection.introspect(database, issuer, made.tokens.access_token, None) is None


async def test_logins_beside_a_deletion_leave_nothing_good(database: Database, issuer: Issuer, tenant: str) -> None:
    async def login(number: int) -> str | None:
        try:
            made = await create_session(database, issuer, operator_authority(tenant), Login(f"u{number}"), None)
        except Problem:
            return None
        return made.tokens.access_token

    found = await asyncio.gather(
        *(login(number) for number in range(20)),
        tenants.delete_tenant(database, tenant, key=KEY),
        *(login(number) for number in range(20, 40)),
    )
    for token in found:
        assert token is None or await introspection.introspect(database, issuer, token, None) is None


async def test_retirements_at_once_leave_a_key_that_signs(database: Database, now: datetime) -> None:
    master = b"m" * 32
    for _ in range(5):
        await signing_keys.key_ring(database, master, "ES256", now)
        await signing_keys.rotate(database, master, "ES256", now)
        await signing_keys.rotate(database, master, "ES256", now)
        names = [key.key_id for key in await signing_keys.list_keys(database) if key.retired_at is None]
        answers = await asyncio.gather(
            *(signing_keys.retire(database, name, None) for name in names), return_exceptions=True
        )
        assert all(answer is None or isinstance(answer, Problem) for answer in answers)
        left = [key for key in await signing_keys.list_keys(database) if key.retired_at is None]
        assert len(left) == 1


@not_on_citus
async def test_a_node_of_the_first_release_deletes_by_one_function(database: Database, tenant: str) -> None:
    async with database.transaction() as queries:
        asked = "select delete_tenant($1, $2, $3, null) as deleted"
        told = [(await queries.composed(asked, tenant, tenant, b"hash"))[0]["deleted"] for _ in range(2)]
        [row] = await queries.composed("select deleted_at, disabled_at from tenants where home = $1", tenant)
        [used_up] = await queries.composed("select deleted_at from deleted_tenants where id_hmac = $1", b"hash")
    assert told == [True, False]
    assert row["deleted_at"] == row["disabled_at"] == used_up["deleted_at"]
