"""Operation × caller: every row of the table, by everybody who may come along. A new row is tested by being there."""

import re
from typing import Any

import httpx
import pytest
from tests.conftest import People
from tests.matrix.conftest import Headers, World

from autional.access.caller import KeyRole
from autional.api.model import Operation
from autional.api.operations import OPERATIONS
from autional.core.authority import Role
from autional.tenancy import api_keys, tenants

NOBODYS = {"session_id": "sess_00000000000000000000000000", "token_id": "tok_00000000000000000000000000"}
GUARDED = [row for row in OPERATIONS if not row.access.anyone]
ROLES: tuple[Role, ...] = ("user", "security_admin", "admin", "platform_admin")
KEY_ROLES: tuple[KeyRole, ...] = ("service", "security_admin", "admin", "platform_admin")
OF_A_NAMED_USER = {"GET /sessions/user/{user_id}/sessions"}  # another user's is refused before it is looked for


def name(row: Operation) -> str:
    return f"{row.method} {row.path}"


async def asked(client: httpx.AsyncClient, row: Operation, headers: Headers) -> int:
    """The status for a well-formed request about nothing that there is, which changes nothing."""
    path = re.sub(r"\{(\w+)\}", lambda match: NOBODYS.get(match[1], "nobody"), row.path)
    form = {"Content-Type": "application/x-www-form-urlencoded"} if row.form else {}
    return (await client.request(row.method, path, headers=headers | form)).status_code


@pytest.fixture
async def callers(world: World, people: People, tenant: str) -> dict[str, Headers]:
    """Credentials that are no longer, or not here, any good; each by what is wrong with it."""
    database, now = people.service.database, None
    for other in ("gone", "off"):
        await tenants.create_tenant(database, other, "Other", now, key=b"t" * 32)
    keys = {f"{state}_key": await people.api_key(state) for state in ("gone", "off")}
    bearers = {f"{state}_bearer": await people.bearer("admin", tenant=state) for state in ("gone", "off")}
    await tenants.delete_tenant(database, "gone", key=b"t" * 32)
    await tenants.disable_tenant(database, "off", None)
    ended = await world.begin("usr_ended", role="admin")
    await world.one.delete(f"/internal/session/session/{ended['session']['id']}", headers=world.key)
    revoked = await people.api_key(role="admin")
    await api_keys.revoke_api_key(database, revoked["X-API-Key"].partition(".")[0], None)
    live = await world.begin("usr_live", role="admin")
    exchange = {
        "grant_type": "urn:ietf:params:oauth:grant-type:token-exchange",
        "subject_token": live["tokens"]["access_token"],
        "subject_token_type": "urn:ietf:params:oauth:token-type:access_token",
        "audience": "elsewhere",
    }
    told = (await world.one.post("/oauth2/token", headers=world.key, data=exchange)).json()
    return (
        keys
        | bearers
        | {
            "nobody": {},
            "nonsense": {"Authorization": "Bearer x.y.z", "X-API-Key": "key_1.x", "X-Tenant-ID": tenant},
            "ended_session": {"Authorization": f"Bearer {ended['tokens']['access_token']}"},
            "refresh_token": {"Authorization": f"Bearer {live['tokens']['refresh_token']}"},
            "for_another_audience": {"Authorization": f"Bearer {told['access_token']}"},
            "revoked_key": revoked,
        }
    )


async def test_only_who_the_row_names_comes_in(world: World, people: People, callers: dict[str, Headers]) -> None:
    bearers = {role: await people.bearer(role) for role in ROLES}
    keys = {role: await people.api_key(role=role) for role in KEY_ROLES}
    elsewhere = await people.api_key() | {"X-Tenant-ID": "elsewhere"}
    for row in GUARDED:
        for who, headers in callers.items():
            refusals = {400, 401, 403, 404} if "off" in who else {401}
            assert await asked(world.one, row, headers) in refusals, (name(row), who)
        for role in ROLES:
            may = role in row.access.bearers and not (role == "user" and name(row) in OF_A_NAMED_USER)
            assert (await asked(world.one, row, bearers[role]) not in {401, 403}) is may, (name(row), role)
        for key_role in KEY_ROLES:
            of_all = key_role == "platform_admin" or not row.access.all_tenants
            may = key_role in row.access.keys or (row.access.clients and of_all)
            assert (await asked(world.one, row, keys[key_role]) not in {401, 403}) is may, (name(row), key_role)
        assert not row.access.keys or await asked(world.one, row, elsewhere) == 403, name(row)


ABOUT_A_SESSION = [row for row in GUARDED if "{session_id}" in row.path]


@pytest.mark.parametrize("row", ABOUT_A_SESSION, ids=name)
async def test_on_whose_session(world: World, people: People, row: Operation) -> None:
    """Users: their own, any other is none. Administrators: every one; to raise or extend it needs their own rank."""
    platform = await people.bearer("platform_admin")
    made: dict[str, dict[str, Any]] = {}
    for role in ROLES:
        answer = await world.one.post("/sessions", headers=platform, json={"auth_user_id": f"u_{role}", "role": role})
        made[role] = answer.json()
    for of_role in ROLES:
        path = row.path.replace("{session_id}", made[of_role]["session"]["id"])
        for by_role in ROLES:
            caller = {"Authorization": f"Bearer {made[by_role]['tokens']['access_token']}"}
            if by_role not in row.access.bearers or row.on_session == "end":
                continue
            status = (await world.one.request(row.method, path, headers=caller)).status_code
            own = by_role == of_role
            if row.on_session == "raise":
                assert status == 403, (by_role, of_role)  # `mfa` is above the level of them all, or it is their own
            elif by_role == "user" and not own:
                assert status == 404
            elif row.on_session == "extend" and ROLES.index(of_role) > ROLES.index(by_role):
                assert status == 403
            else:
                assert status == 200, (by_role, of_role)
    foreign = await people.api_key() if not row.access.bearers else await people.bearer()
    never = await world.one.request(
        row.method, row.path.replace("{session_id}", NOBODYS["session_id"]), headers=foreign
    )
    await tenants.create_tenant(people.service.database, "b", "B", None, key=b"t" * 32)
    theirs = await people.api_key("b")
    other = (await world.one.post("/internal/session/create", headers=theirs, json={"auth_user_id": "u"})).json()
    path = row.path.replace("{session_id}", other["data"]["session"]["id"])
    there = await world.one.request(row.method, path, headers=foreign)
    assert (there.status_code, there.json()["code"]) == (never.status_code, never.json()["code"]) == (404, 30104003)
