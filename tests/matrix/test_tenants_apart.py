"""Probes across tenants: what another tenant has is answered with the same bytes as what never was."""

import os
import re
from typing import Any

import httpx
from tests.conftest import People
from tests.matrix.conftest import Headers, World

from autional.api.model import Operation
from autional.api.operations import OPERATIONS
from autional.tenancy import tenants

ROUNDS = int(os.environ.get("PROBE_ROUNDS", "1"))
ABOUT_AN_ID = [row for row in OPERATIONS if re.search(r"\{(session_id|token_id|device_id|job_id|id)\}", row.path)]
NEVER = {
    "session_id": "sess_00000000000000000000000000",
    "token_id": "tok_00000000000000000000000000",
    "device_id": "dev_00000000000000000000000000",
    "job_id": "job_00000000000000000000000000",
    "id": "bl_00000000000000000000000000",
}
OF_THE_REQUEST = {"instance", "request_id", "trace_id", "span_id", "timestamp", "updated_at", "evaluated_at"}


async def owned(world: World, key: Headers) -> dict[str, str]:
    """One of each thing in a tenant, with the texts of its tokens."""
    made = (await world.one.post("/internal/session/create", headers=key, json={"auth_user_id": "u"})).json()["data"]
    device = {"user_id": "u", "device_fingerprint": "fp"}
    trusted = (await world.one.post("/internal/session/trusted-devices", headers=key, json=device)).json()
    body: dict[str, Any] = {"filter": {"user_id": "u"}}
    shown = (await world.one.post("/admin/sessions/revoke", headers=key, json=body | {"dry_run": True})).json()
    run = body | {"dry_run_token": shown["preview"]["dry_run_token"]}
    job = (await world.one.post("/admin/sessions/revoke", headers=key, json=run)).json()["job"]
    token_id = made["tokens"]["refresh_token"].partition(".")[0]
    entry = {"token": token_id, "token_type": "refresh", "user_id": "u"}
    await world.one.post("/internal/session/blacklist-token", headers=key, json=entry)
    listed = (await world.one.get("/admin/tokens/blacklist", headers=key)).json()["items"]
    return {
        "session_id": made["session"]["id"],
        "token_id": token_id,
        "device_id": trusted["id"],
        "job_id": job["id"],
        "id": listed[0]["id"],
        "access_token": made["tokens"]["access_token"],
        "refresh_token": made["tokens"]["refresh_token"],
    }


def told(answer: httpx.Response) -> tuple[int, dict[str, Any]]:
    body = answer.json() if answer.content else {}
    return answer.status_code, {name: value for name, value in body.items() if name not in OF_THE_REQUEST}


async def probed(client: httpx.AsyncClient, row: Operation, headers: Headers, names: dict[str, str]) -> Any:
    answer = await client.request(row.method, row.path.format(**(NEVER | names)), headers=headers)
    return told(answer)


async def test_what_another_tenant_has_is_as_what_never_was(world: World, people: People) -> None:
    await tenants.create_tenant(people.service.database, "other", "Other", None, key=b"t" * 32)
    theirs = await people.api_key("other", role="admin")
    user = {"Authorization": f"Bearer {(await world.begin('me'))['tokens']['access_token']}"}
    bearer = await people.bearer()
    for _ in range(ROUNDS):
        names = await owned(world, theirs)
        before = (await world.one.get("/admin/sessions/stats", headers=theirs)).json()
        for row in ABOUT_AN_ID:
            for caller in (world.admin, world.key, bearer, user):
                found = await probed(world.one, row, caller, names)
                assert found == await probed(world.one, row, caller, {}), (row.method, row.path)
                assert found[0] >= 400, (row.method, row.path)
        for path, field in (("/tokens/blacklist", "token"), ("/tokens/blacklist/check", "token")):
            for text, never in ((names["token_id"], NEVER["token_id"]), (names["access_token"], "x.y.z")):
                body = {field: text} | ({"token_type": "access", "user_id": "u"} if path.endswith("list") else {})
                one = told(await world.one.post(path, headers=bearer, json=body))
                other = told(await world.one.post(path, headers=bearer, json=body | {field: never}))
                assert (one[0], one[1].get("code"), one[1].get("blacklisted")) == (
                    other[0],
                    other[1].get("code"),
                    other[1].get("blacklisted"),
                )
        for token in (names["access_token"], names["refresh_token"]):
            answer = await world.one.post("/oauth2/introspect", headers=world.key, data={"token": token})
            assert answer.content == b'{"active":false}'
            assert (await world.one.post("/oauth2/revoke", headers=world.key, data={"token": token})).status_code == 200
        for headers in (world.key | {"X-Tenant-ID": "other"}, bearer | {"X-Tenant-ID": "other"}):
            assert (await world.one.get("/admin/sessions/stats", headers=headers)).status_code == 403
        after = (await world.one.get("/admin/sessions/stats", headers=theirs)).json()
        assert after | {"updated_at": 0} == before | {"updated_at": 0}
