"""The service on a Citus cluster: AUTIONAL_TEST_CITUS_URL names a database of its coordinator, to be filled."""

import asyncio
import json
import os
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import asyncpg
import httpx
import pytest

from autional.core import ids
from autional.core.errors import SchemaError
from autional.postgres import citus, migrations
from autional.postgres.connection import connect
from autional.postgres.database import Database
from autional.postgres.queries import named_queries
from autional.tenancy import tenants
from tests.callers import Answers, calling, verify
from tests.conftest import CITUS_URL
from tests.nodes.conftest import Pair as Nodes
from tests.nodes.workers import url_at, worker_of

SECONDS = float(os.environ.get("CITUS_SECONDS", "10"))

pytestmark = pytest.mark.skipif(not CITUS_URL, reason="no Citus cluster is given by AUTIONAL_TEST_CITUS_URL")


async def test_what_callers_are_told_is_true(nodes: Nodes) -> None:
    answers = Answers()
    async with calling(nodes.addresses, nodes.key, answers):
        await asyncio.sleep(SECONDS)
    assert answers.statuses.keys() <= {200, 201, 204}
    assert len(answers.created) > 5 * SECONDS
    await verify(answers, nodes.one.address, nodes.key)
    assert json.loads(nodes.one.autional("stats", "verify", "--json"))[0]["difference"] == 0


async def test_every_way_to_end_is_audited_and_over_on_both_nodes(nodes: Nodes) -> None:
    """As an administrator, in a transaction with its entry in the audit log; and the tenant itself."""
    one, other = (
        httpx.Client(base_url=address, headers=nodes.key, trust_env=False, timeout=30) for address in nodes.addresses()
    )
    with one, other:

        def begin(user_id: str) -> dict[str, Any]:
            answer = one.post("/internal/session/create", json={"auth_user_id": user_id})
            assert answer.status_code == 201, answer.text
            made: dict[str, Any] = answer.json()["data"]
            return made

        def active(token: str) -> bool:
            return bool(other.post("/oauth2/introspect", data={"token": token}).json()["active"])

        why = {"reason": "x"}
        ways: dict[str, Callable[[str, str, str], httpx.Response]] = {
            "session": lambda session, *_: one.delete(f"/sessions/{session}"),
            "user": lambda _, user, __: one.post(f"/admin/sessions/user/{user}/revoke", json=why),
            "bulk": lambda session, *_: one.post("/admin/sessions/revoke", json={"session_ids": [session]} | why),
            "tokens": lambda _, user, __: one.post("/admin/tokens/revoke-all", json={"user_id": user}),
            "token": lambda _, user, token: one.post(
                "/internal/session/blacklist-token",
                json={"token": token, "token_type": "access", "user_id": user} | why,
            ),
            "everybody": lambda *_: one.post("/admin/tokens/revoke-all", json={"everybody": True}),
        }
        for name, end in ways.items():
            made = begin(name)
            token = made["tokens"]["access_token"]
            assert active(token)
            answer = end(made["session"]["id"], name, token)
            assert answer.is_success, (name, answer.status_code, answer.text)
            assert not active(token), name
        audit = one.get("/admin/audit")
        assert len(audit.json().get("items", ())) >= len(ways) - 1, audit.text
        assert one.get("/admin/sessions/stats").json()["active_sessions"] == 0
        refused = one.put("/admin/tokens/status-list", json={"enabled": True})
        assert (refused.status_code, refused.json()["code"]) == (501, 30109005)


async def test_a_worker_is_not_taken_for_the_coordinator(url: str) -> None:
    worker = url_at(url, await worker_of(url, "acme"))
    for act in (citus.require_cluster, citus.is_spread_at, migrations.apply):
        with pytest.raises(SchemaError, match="give the coordinator's"):
            await act(worker)


HOT = [
    "create_session",
    "create_sessions",
    "end_session",
    "login_history",
    "refresh_session",
    "refresh_sessions",
    "refresh_token",
    "session",
    "session_statistics",
    "token_status",
    "touch_session",
]
_VALUES = {"bigint": "{home}", "bigint[]": "array[{home}]::bigint[]"}
_SAMPLES = _VALUES | {
    "boolean": "true",
    "bytea": r"'\x00'",
    "double precision": "1",
    "inet": "'192.0.2.1'",
    "integer": "1",
    "interval": "'1 hour'",
    "jsonb": "'{{}}'",
    "smallint": "1",
    "text": "'acme'",
    "timestamp with time zone": "now()",
    "uuid": "'01890000-0000-7000-8000-000000000000'",
}
NOT_THERE = {
    "check_listed_tokens",
    "claim_deliveries",
    "place_revocations",
    "prune_listed_tokens",
    "revocations_after",
}
"""What serves status lists, and what does for all tenants at once what is done there one by one."""


@pytest.mark.parametrize("name", HOT)
async def test_a_hot_statement_is_one_task(url: str, name: str) -> None:
    connection = await connect(url)
    await connection.execute(f"prepare statement as {named_queries()[name].on_citus}")
    types = await connection.fetchval("select parameter_types::text[] from pg_prepared_statements limit 1")
    values = [_VALUES.get(one, f"array[null]::{one}" if one.endswith("[]") else f"null::{one}") for one in types]
    arguments = ", ".join(values).format(home=ids.home("acme"))
    plan = "\n".join(row[0] for row in await connection.fetch(f"explain (costs off) execute statement ({arguments})"))
    await connection.close()
    assert re.findall(r"Task Count: (\d+)", plan) == ["1"], plan
    assert "Distributed Subplan" not in plan


def _sample(kind: str) -> str:
    if kind.endswith("[]"):
        return f"array[{_sample(kind.removesuffix('[]'))}]::{kind}"
    return f"{_SAMPLES.get(kind, 'null')}::{kind}"


async def test_every_statement_can_be_planned_there(url: str, tenant: str) -> None:
    """What Citus refuses as such is known; what is refused for its arguments is another matter."""
    refused = set()
    connection = await connect(url)
    for name, query in named_queries().items():
        try:
            await connection.execute(f"prepare {name} as {query.on_citus}")
            types = await connection.fetchval(
                "select parameter_types::text[] from pg_prepared_statements where name = $1", name
            )
            arguments = ", ".join(map(_sample, types)).format(home=ids.home(tenant))
            await connection.fetch(f"execute {name} ({arguments})" if types else f"execute {name}")
        except (asyncpg.FeatureNotSupportedError, asyncpg.InternalServerError):
            refused.add(name)
        except asyncpg.PostgresError:
            continue
    await connection.close()
    assert refused == NOT_THERE


async def test_each_tenant_is_whole_on_one_worker(url: str) -> None:
    database = Database(url, 4, on_citus=True)
    for number in range(8):
        await tenants.create_tenant(database, f"tenant{number}", "T", datetime.now(UTC), key=b"t" * 32)
    await database.close()
    connection = await connect(url)
    places = await connection.fetch(
        "select home, get_shard_id_for_distribution_column('autional.sessions', home) as sessions,"
        " get_shard_id_for_distribution_column('autional.token_pairs', home) as tokens from tenants"
    )
    shards = await connection.fetch("select shardid, nodeport from pg_dist_shard_placement")
    owners = {row["shardid"]: row["nodeport"] for row in shards}
    await connection.close()
    assert len(places) == 8
    assert all(owners[row["sessions"]] == owners[row["tokens"]] for row in places)
    assert len({owners[row["sessions"]] for row in places}) > 1
