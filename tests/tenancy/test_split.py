"""A split tenant is as any other to those who call, and whole in the buckets of its users to the database."""

from datetime import datetime, timedelta

import httpx
import pytest
from tests.conftest import People, database_at

from autional.core import ids, problems
from autional.core.authority import operator_authority, whole_tenant
from autional.core.problems import Problem
from autional.events import log
from autional.postgres.buckets import Buckets
from autional.postgres.database import Database
from autional.postgres.queries import named_queries, tenant_of
from autional.runtime import restoration
from autional.runtime.service import Service
from autional.sessions import statistics
from autional.sessions.bulk_revocation import (
    confirm_revocation,
    find_job,
    list_jobs,
    preview_revocation,
    run_next_job,
)
from autional.sessions.creation import create_session
from autional.sessions.filters import SessionFilter
from autional.sessions.lifecycle import revoke_session
from autional.sessions.listing import Window, find_session, list_sessions, search_sessions
from autional.sessions.model import Login, Session
from autional.sessions.ordering import place_of
from autional.tenancy import tenants
from autional.tokens.jwt import Issuer

KEY = b"t" * 32


@pytest.fixture
async def split(database: Database, now: datetime) -> str:
    await make_split(database, 8, now)
    return "big"


async def make_split(database: Database, buckets: int, now: datetime | None = None) -> None:
    await tenants.create_tenant(database, "big", "Big", now, key=KEY, buckets=buckets)
    database.buckets.renew(await tenants.split_tenants(database))
    with pytest.raises(Problem):
        await statistics.read(database, "big", now)  # before every node knows
    await tenants.enable_tenant(database, "big")


async def begin(database: Database, issuer: Issuer, tenant: str, user: str, at: datetime | None) -> Session:
    login = Login(user, amr=["pwd"], device_type="tv")
    return (await create_session(database, issuer, operator_authority(tenant), login, at)).session


async def test_users_are_whole_in_their_buckets_and_sums_are_exact(
    database: Database, issuer: Issuer, split: str, now: datetime
) -> None:
    made = [await begin(database, issuer, split, f"u{number % 20}", now) for number in range(60)]
    for session in made[::3]:
        await revoke_session(database, whole_tenant(split), session.session_id, "why", now)
    async with database.transaction() as queries:
        text = "select home, user_id from sessions where home between $1 and $1 + 8"
        rows = await queries.composed(text, ids.home(split))
    homes = {row["home"] for row in rows}
    assert ids.home(split) not in homes
    assert len(homes) > 4
    assert len({(row["home"], row["user_id"]) for row in rows}) == 20
    read, recounted = await statistics.verify(database, split, now)
    assert read == recounted
    assert read[:4] == (40, 0, 20, {"tv": 60})


async def test_lists_are_merged_in_order_and_go_on_after_a_place(
    database: Database, issuer: Issuer, split: str, now: datetime
) -> None:
    made = [await begin(database, issuer, split, f"u{number}", now + timedelta(seconds=number)) for number in range(30)]
    async with database.transaction() as queries:
        every = await list_sessions(queries, split, SessionFilter(), Window(100), now)
        found = await search_sessions(queries, split, SessionFilter(), Window(10), now, size=None)
        after = place_of(found.sessions[-1], "-created_at")
        more = await search_sessions(queries, split, SessionFilter(), Window(10, after=after), now, size=found.size)
        skipped = await search_sessions(queries, split, SessionFilter(), Window(10, 20), now, size=found.size)
    names = [session.session_id for session in reversed(made)]
    assert [one.session_id for one in every] == names
    assert [one.session_id for one in (*found.sessions, *more.sessions, *skipped.sessions)] == names
    assert found.size == (30, True)
    assert {one.tenant_id for one in every} == {split}


async def test_a_node_that_does_not_know_yet_refuses_everything_of_it(
    database: Database, url: str, issuer: Issuer, split: str, now: datetime
) -> None:
    known = await begin(database, issuer, split, "u", now)
    unaware = database_at(url, 2)
    try:
        with pytest.raises(Problem) as creating:
            await begin(unaware, issuer, split, "u", now)
        with pytest.raises(Problem) as counting:
            await statistics.read(unaware, split, now)
        with pytest.raises(Problem) as revoking:
            await revoke_session(unaware, whole_tenant(split), known.session_id, "why", now)
    finally:
        await unaware.close()
    assert [one.value.kind for one in (creating, counting, revoking)] == [
        problems.TENANT_NOT_FOUND,
        problems.TENANT_NOT_FOUND,
        problems.SESSION_NOT_FOUND,
    ]
    assert (await find_session(database, whole_tenant(split), known.session_id, now)).status == "active"


async def test_it_is_one_tenant_to_who_administers_and_calls(http: httpx.AsyncClient, people: People) -> None:
    database = people.service.database
    await make_split(database, 4)
    assert [one.tenant_id for one in await tenants.list_tenants(database)] == ["acme", "big"]
    key, admin = await people.api_key("big", "admin"), await people.bearer(tenant="big")
    made = [
        (
            await http.post(
                "/internal/session/create", headers=key, json={"auth_user_id": f"u{number}", "device_type": "tv"}
            )
        ).json()["data"]
        for number in range(8)
    ]
    tokens = [one["tokens"] for one in made]
    answer = await http.post("/sessions/refresh", json={"refresh_token": tokens[0]["refresh_token"]})
    bearer = {"Authorization": f"Bearer {answer.json()['access_token']}"}
    assert (await http.get(f"/sessions/{made[0]['session']['id']}", headers=bearer)).status_code == 200
    limits = {"max_sessions": 1, "on_overflow": "refuse"}
    assert (await http.put("/admin/sessions/limits", headers=admin, json=limits)).is_success
    for user in ("u0", "u1", "u2", "u3"):  # whose buckets are not the same
        again = await http.post("/internal/session/create", headers=key, json={"auth_user_id": user})
        assert again.status_code == 409
    stats = (await http.get("/admin/sessions/stats", headers=admin)).json()
    assert (stats["active_sessions"], stats["device_breakdown"]) == (8, {"tv": 8})
    listed = (await http.get("/admin/sessions", headers=admin, params={"page_size": 5})).json()
    assert (len(listed["items"]), listed["pagination"]["total"]) == (5, 8)
    assert (await http.get("/admin/audit", headers=admin)).json()["items"]
    assert (await http.get("/admin/receivers", headers=admin)).json()["type"].endswith("/not-where-split")
    await tenants.disable_tenant(database, "big", None)
    assert (await http.get("/admin/sessions/stats", headers=admin)).status_code == 404
    await tenants.enable_tenant(database, "big")
    await tenants.delete_tenant(database, "big", key=KEY)
    for headers in (key, admin, bearer):
        assert (await http.get("/admin/sessions/stats", headers=headers)).status_code in {401, 403, 404}
    assert [one.tenant_id for one in await tenants.list_tenants(database)] == ["acme"]
    await tenants.purge_deleted(database)
    with pytest.raises(Problem) as taken:
        await tenants.create_tenant(database, "big", "Big", None, key=KEY)
    assert taken.value.kind is problems.TENANT_EXISTS


@pytest.mark.parametrize("buckets", [0, 1, 3, 1024])
async def test_only_powers_of_two(database: Database, buckets: int) -> None:
    with pytest.raises(Problem) as refused:
        await tenants.create_tenant(database, "big", "Big", None, key=KEY, buckets=buckets)
    assert refused.value.kind is problems.INVALID_PARAMETER


def test_what_says_where_it_goes_is_read_from_its_text() -> None:
    buckets = Buckets()
    buckets.renew({"big": 4})
    assert buckets.has("big")
    assert tenant_of("act_by", ("big", None, None, None)) is None  # a user of that name
    assert tenant_of("search_tenants", ("big", None, None, 1, 0)) is None
    session_id = ids.new_id("sess", None, "u")
    home = ids.bucket_of_user("big", "u", 4)
    for query, arguments in {
        "end_session": ("big", session_id, "u", "why", None),
        "revoke_sessions_of_user": ("big", "u", "why", None),
        "refresh_session": ("big", {"token_session": ids.as_uuid(session_id)}),
        "token_status": ("big", None, None, "big", ids.new_id("tok", None, "u")),
    }.items():
        assert buckets.calls(named_queries()[query].place, arguments) == [(home, *arguments[1:])]
    assert len(buckets.calls(named_queries()["put_retention"].place, ("big", None))) == 4
    with pytest.raises(Problem):
        buckets.calls(named_queries()["room_for_receiver"].place, ("big",))


async def test_what_a_filter_shows_is_ended_in_every_bucket_by_one_job(
    database: Database, issuer: Issuer, split: str, now: datetime
) -> None:
    for number in range(24):
        await begin(database, issuer, split, f"u{number}", now)
    only = SessionFilter(device_type="tv")
    async with database.transaction() as queries:
        shown, job_id = await preview_revocation(queries, split, only, now, kept_session=None, requested_by="ops")
    assert (shown.revocable, shown.users) == (24, 24)
    started = await confirm_revocation(database, split, job_id, only, now, kept_session=None, reason="why")
    assert started is not None
    assert (started.state, started.total) == ("waiting", 24)
    assert await run_next_job(database, now)
    assert (await find_job(database, split, job_id)).state == "running"
    while await run_next_job(database, now):
        pass
    jobs, total = await list_jobs(database, split, (None, None, 10, 0))
    assert (total, [(job.state, job.done) for job in jobs]) == (1, [("done", 24)])
    assert (await statistics.read(database, split, now))[:3] == (0, 0, 24)


async def test_an_earlier_state_is_closed_in_every_bucket(service: Service) -> None:
    database = service.database
    await make_split(database, 4)
    made = [await begin(database, service.issuer, "big", f"u{number}", None) for number in range(8)]
    async with database.transaction() as queries:
        await restoration.begin(service, queries)
    await restoration.finish(service, [])
    assert (await statistics.read(database, "big", None))[:3] == (0, 0, 8)
    assert (await find_session(database, whole_tenant("big"), made[0].session_id, None)).status == "revoked"


async def test_others_are_told_as_before(
    database: Database, issuer: Issuer, tenant: str, split: str, now: datetime
) -> None:
    session = await begin(database, issuer, tenant, "u", now)
    await revoke_session(database, whole_tenant(tenant), session.session_id, "why", now)
    await log.Sequencer(database, on_citus=database.on_citus).place()
    homes = {ids.home(tenant): 0, ids.home("another"): 0}
    told = await log.events_after(database, homes, 10, on_citus=database.on_citus)
    assert [event.subject_id for event in told] == [session.session_id]
    assert split
