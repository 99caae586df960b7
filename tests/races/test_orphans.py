"""Logins, refreshes and exchanges beside whatever removes sessions leave no orphans: no foreign key would stop one."""

import asyncio
import random
from contextlib import suppress
from datetime import timedelta

import asyncpg
import pytest

from autional.access.exchange import exchange_token
from autional.core.authority import operator_authority
from autional.core.errors import DatabaseBusyError
from autional.core.problems import Problem
from autional.postgres.database import Database
from autional.postgres.queries import database_time
from autional.sessions import privacy
from autional.sessions.creation import create_session
from autional.sessions.model import Login
from autional.sessions.refresh import RefreshRequest, refresh_session
from autional.sessions.sign_out import sign_out_user
from autional.tenancy import tenants
from autional.tokens import refresh_tokens
from autional.tokens.jwt import Issuer

CLIENTS, STEPS, USERS = 24, 12, 4
REFUSED = (Problem, DatabaseBusyError)
"""What may happen to a call beside the deletion of its tenant."""
PARENTS = {
    "token_pairs": ("sessions", "session_id"),
    "access_tokens": ("sessions", "session_id"),
    "sessions": ("tenants", "home"),
    "session_counters": ("tenants", "home"),
    "idempotency_keys": ("tenants", "home"),
}
ORPHANS = " union all ".join(
    f"select '{child}' as kind, count(*) as number from {child} where {key} is not null and not exists ("
    f"select from {parent} where {parent}.home = {child}.home and {parent}.{key} = {child}.{key})"
    for child, (parent, key) in PARENTS.items()
)


async def client(database: Database, issuer: Issuer, tenant_id: str, seed: int) -> int:
    """Sign in, refresh and exchange, again and again; answers how many sessions were begun."""
    chance, begun = random.Random(seed), 0
    for _ in range(STEPS):
        with suppress(*REFUSED):
            login = Login(f"usr_{chance.randrange(USERS)}", device_type="tv")
            made = await create_session(database, issuer, operator_authority(tenant_id), login, None)
            begun += 1
            presented = refresh_tokens.read(issuer, made.tokens.refresh_token)
            pair = await refresh_session(database, issuer, RefreshRequest(presented, timedelta(0)))
            await exchange_token(
                database, issuer, pair.access_token, None, actor={"sub": "other"}, tenant_ids=None, at=None,
                authority=operator_authority(tenant_id),
            )  # fmt: skip
    return begun


async def removals(database: Database, tenant_id: str) -> int:
    """Sign users out, purge what ended, and erase a person, again and again."""
    for turn in range(STEPS):
        user_id = f"usr_{turn % USERS}"
        with suppress(*REFUSED, asyncpg.ForeignKeyViolationError):  # an erasure refers to its tenant
            await sign_out_user(database, tenant_id, user_id, "test", None)
            now = await database_time(database, None)
            await database.row("purge_ended", tenant_id, "revoked", now, 50)
            await privacy.begin_erasure(database, b"s" * 32, tenant_id, user_id, "req", None)
            while await privacy.run_next_erasure(database):
                pass
    return 0


@pytest.mark.parametrize("deleted", [False, True])
async def test_what_removes_sessions_leaves_no_orphans(
    nodes: tuple[Database, Database], issuer: Issuer, tenant: str, url: str, deleted: bool
) -> None:
    clients = [client(nodes[number % 2], issuer, tenant, number) for number in range(CLIENTS)]
    running = asyncio.gather(*clients, removals(nodes[0], tenant))
    if deleted:
        await asyncio.sleep(0.3)
        await tenants.delete_tenant(nodes[1], tenant, key=b"t" * 32)
        await tenants.purge_deleted(nodes[1])
    made = await running
    await tenants.purge_deleted(nodes[1])
    connection = await asyncpg.connect(url, server_settings={"search_path": "autional"})
    try:
        orphans = {row["kind"]: row["number"] for row in await connection.fetch(ORPHANS)}
        left = await connection.fetchval("select count(*) from sessions")
    finally:
        await connection.close()
    assert set(orphans.values()) == {0}, orphans
    assert left == 0 or not deleted
    assert sum(made) > 0
