"""Every act of an administrator or a service is in the log, and the log cannot be changed unnoticed."""

import asyncio
from typing import Any

import asyncpg
import httpx
import pytest
from tests.conftest import NOW, People, changes_the_schema, not_on_citus

from autional.access.caller import ADMINISTRATORS
from autional.api.events.ssf_schemas import StreamQuery
from autional.api.operations import OPERATIONS
from autional.audit import checkpoints, verification
from autional.audit import log as audit_log
from autional.audit.checkpoints import Checkpoint, CheckpointError
from autional.core import clock
from autional.postgres.database import Database

LOG = "/admin/audit"
KEY = b"s" * 32
NO_ACTS = {
    "POST /admin/tokens/introspect",  # reads
    "POST /admin/sessions/policy/preview",
    "POST /admin/sessions/limits/preview",
    "POST /admin/sessions/retention/preview",
    "POST /sessions/{session_id}/validate",
    "POST /tokens/blacklist/check",
    "POST /internal/session/validate-token",
    "POST /oauth2/introspect",
    "POST /sessions/{session_id}/activity",  # what users and services do all the time
    "POST /internal/session/{session_id}/activity",
    "POST /internal/session/{session_id}/usage",
    "POST /internal/session/create",
    "POST /ssf/verification",
    "POST /ssf/streams/{stream_id}/poll",
}


def test_every_operation_that_changes_something_says_what_it_is_called_in_the_log() -> None:
    for operation in OPERATIONS:
        may_act = bool(operation.access.keys or operation.access.clients or operation.access.bearers & ADMINISTRATORS)
        name = f"{operation.method} {operation.path}"
        assert (operation.audit_action is not None) == (
            may_act and operation.method != "GET" and name not in NO_ACTS
        ), name


ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token"


@not_on_citus
async def test_every_act_is_found_in_the_log(http: httpx.AsyncClient, people: People) -> None:
    admin, key = await people.bearer(), await people.api_key()
    other = (await http.post("/sessions", headers=admin, json={"auth_user_id": "usr_1"})).json()
    await http.post("/sessions", headers=admin, json={"auth_user_id": "usr_9"})
    entries = []
    for operation in OPERATIONS:
        if operation.audit_action is None or operation.logs is not None:
            continue
        made = (await http.post("/sessions", headers=admin, json={"auth_user_id": "usr_1"})).json()
        await http.post("/internal/session/trusted-devices", headers=key, json=DEVICE)
        values = await values_of(http, admin, made)
        path = operation.path.format(**values)
        headers = dict(admin if operation.access.bearers else key)
        if path.startswith("/trusted-devices") and operation.method == "DELETE":
            continue  # the devices of users; an administrator's own is trusted above by nobody
        stream_id = ""
        if path.startswith("/ssf/"):
            stream_id = (await http.post("/ssf/streams", headers=key, json={})).json()["stream_id"]
        body = await body_of(http, admin, operation.method, operation.path, made, other | {"stream_id": stream_id})
        if operation.query is StreamQuery:
            path = f"{path}?stream_id={stream_id}"
        sent = {"data": body} if operation.form else {"json": body}
        answer = await http.request(operation.method, path, headers=headers, **sent)  # type: ignore[arg-type]
        assert answer.status_code < 300, (operation.path, answer.text)
        listed = (await http.get(LOG, headers=admin, params={"action": operation.audit_action, "page_size": 1})).json()[
            "items"
        ]
        assert listed, operation.audit_action
        assert listed[0]["request_id"] == answer.headers["X-Request-ID"], operation.path
        entries.append(listed[0])
    assert {entry["details"]["ip"] for entry in entries} == {"127.0.0.1"}
    assert {entry["details"]["role"] for entry in entries} == {"admin", "service"}
    assert not [entry for entry in entries if made["tokens"]["access_token"] in str(entry)]
    assert (await verification.verify(people.service.database, KEY, people.tenant)).broken_at is None


DEVICE = {"device_fingerprint": "fp-1", "user_id": "usr_1"}


async def values_of(http: httpx.AsyncClient, admin: dict[str, str], made: dict[str, Any]) -> dict[str, str]:
    """What stands in the paths."""
    devices = (await http.get("/admin/trusted-devices?user_id=usr_1", headers=admin)).json()["items"]
    shown = (await http.post("/admin/sessions/revoke", headers=admin, json=SHOW)).json()["preview"]
    run = {"filter": SHOW["filter"], "dry_run_token": shown["dry_run_token"]}
    job = (await http.post("/admin/sessions/revoke", headers=admin, json=run)).json()["job"]
    token = made["tokens"]["refresh_token"].partition(".")[0]
    entry = {"token": token, "token_type": "refresh", "user_id": "usr_1"}
    await http.post("/tokens/blacklist", headers=admin, json=entry)
    listed = (await http.get("/admin/tokens/blacklist", headers=admin)).json()["items"]
    return {
        "user_id": "usr_2",
        "agent_id": "usr_3",
        "session_id": made["session"]["id"],
        "device_id": devices[0]["id"],
        "device_fingerprint": "fp-1",
        "id": listed[0]["id"],
        "job_id": job["id"],
        "receiver_id": (await http.post("/admin/receivers", headers=admin, json=RECEIVER)).json()["id"],
    }


RECEIVER = {"protocol": "webhook", "url": "https://app.example/events"}


SHOW: dict[str, Any] = {"filter": {"device_type": "tv"}, "dry_run": True}
EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"


async def body_of(
    http: httpx.AsyncClient,
    admin: dict[str, str],
    method: str,
    path: str,
    made: dict[str, Any],
    other: dict[str, Any],
) -> dict[str, Any]:
    """A good body for an act."""
    stream_id = other.get("stream_id", "")
    access, session_id = made["tokens"]["access_token"], made["session"]["id"]
    token = {"token": access, "token_type": "access", "user_id": "usr_1"}
    bodies: dict[str, dict[str, Any]] = {
        "/admin/sessions/revoke": {"session_ids": [session_id]},
        "/admin/sessions/bulk": {"session_ids": [session_id]},
        "/admin/sessions/policy": {"idle_timeout": "1h"},
        "/admin/sessions/limits": {"max_sessions": 1000},
        "/admin/sessions/risk-weights": {"weights": {"new_device": 1}},
        "/sessions": {"auth_user_id": "usr_1"},
        "/sessions/{session_id}/upgrade-mfa": {"amr": ["otp"]},
        "/admin/tokens/config": {"access_expiry": "1h", "refresh_expiry": "24h"},
        "/admin/tokens/exchange": {"grant_type": EXCHANGE, "subject_token": access},
        "/oauth2/revoke": {"token": access},
        "/oauth2/token": {"grant_type": EXCHANGE, "subject_token": access, "subject_token_type": ACCESS_TOKEN},
        "/admin/tokens/revoke-all": {"user_id": "usr_3"},
        "/tokens/blacklist": token,
        "/internal/session/blacklist-token": token,
        "/trusted-devices": {"device_fingerprint": "fp-2"},
        "/internal/session/trusted-devices": DEVICE,
        "/internal/session/export-user-data": {"user_id": "usr_1"},
        "/internal/session/erase-user-data": {"user_id": "usr_4"},
        "/admin/users/export": {"user_id": "usr_1"},
        "/admin/users/erase": {"user_id": "usr_4"},
        "/admin/sessions/retention": {"keep_ended": "24h"},
        "/admin/receivers": RECEIVER,
        "/admin/alerts": {"rules": []},
        "/admin/tokens/status-list": {"enabled": True},
        "/ssf/streams": {"stream_id": stream_id} if method in {"PUT", "PATCH"} else {},
        "/ssf/status": {"stream_id": stream_id, "status": "enabled"},
        "/ssf/subjects/add": {"stream_id": stream_id, "subject": {"format": "opaque", "id": "usr_1"}},
        "/ssf/subjects/remove": {"stream_id": stream_id, "subject": {"format": "opaque", "id": "usr_1"}},
        "/global-token-revocation": {"sub_id": {"format": "opaque", "id": "usr_9"}},
        "/internal/session/generate-tokens": {
            "auth_user_id": "usr_1",
            "session_id": other["session"]["id"],
            "tenant_id": "acme",
        },
    }
    return bodies.get(path, {}) if method != "DELETE" or path.endswith("/bulk") else {}


async def test_a_change_is_told_with_what_was_before_and_after(http: httpx.AsyncClient, people: People) -> None:
    admin = await people.bearer()
    for seconds in ("300s", "600s"):
        body = {"access_expiry": seconds, "refresh_expiry": "24h"}
        await http.put("/admin/tokens/config", headers=admin, json=body)
    [entry] = (await http.get(LOG, headers=admin, params={"page_size": 1})).json()["items"]
    details = entry["details"]
    assert (entry["action"], details["actor"], details["role"]) == ("jwt_config.put", "the_admin", "admin")
    assert (details["before"]["access_expiry"], details["after"]["access_expiry"]) == ("5m", "10m")


async def test_what_fails_leaves_no_entry_and_what_users_do_neither(http: httpx.AsyncClient, people: People) -> None:
    admin, key = await people.bearer(), await people.api_key()
    login = {"auth_user_id": "usr_1"}
    made = (await http.post("/internal/session/create", headers=key, json=login)).json()["data"]
    me = {"Authorization": f"Bearer {made['tokens']['access_token']}"}
    assert (await http.delete("/sessions/sess_none", headers=admin)).status_code == 404
    assert (await http.delete(f"/sessions/{made['session']['id']}", headers=me)).status_code == 204
    assert (await http.get(LOG, headers=me)).status_code == 401
    assert (await http.get(LOG, headers=await people.bearer("user"))).status_code == 403
    assert (await http.get(LOG, headers=admin)).json()["items"] == []


async def test_the_log_is_filtered_and_walked_by_cursor(http: httpx.AsyncClient, people: People) -> None:
    admin, other = await people.bearer(), await people.bearer("security_admin")
    for number in range(5):
        who = (admin, other)[number % 2]
        await http.post(f"/admin/sessions/user/usr_{number}/revoke", headers=who, json={})
    walked: list[dict[str, Any]] = []
    cursor: dict[str, str] = {}
    while True:
        span = {"from": "2026-01-01T00:00:00Z", "to": "2100-01-01T00:00:00Z"}
        part = (await http.get(LOG, headers=admin, params={"page_size": "2"} | span | cursor)).json()
        walked += part["items"]
        if "next_cursor" not in part or part["next_cursor"] is None:
            break
        cursor = {"cursor": part["next_cursor"]}
    assert [entry["sequence"] for entry in walked] == [5, 4, 3, 2, 1]

    async def found(**asked: str) -> list[int]:
        answer = await http.get(LOG, headers=admin, params=asked)
        return [entry["sequence"] for entry in answer.json()["items"]]

    assert await found(actor="the_security_admin") == [4, 2]
    assert await found(about="usr_3") == [4]
    assert await found(about="usr_") == []
    assert await found(action="session.create") == []
    assert await found(to=walked[2]["at"]) == [2, 1]
    assert (await http.get(LOG, headers=admin, params=cursor | {"actor": "x"})).status_code == 400
    assert await found(about="the_admin", actor="the_admin") == [5, 3, 1]
    assert await found(about="usr_3", actor="the_admin") == []
    assert await found(about="usr_3", actor="the_security_admin") == [4]


@pytest.mark.parametrize(
    ("tampering", "broken_at"),
    [
        ("update autional.audit_entries set action = 'nothing' where sequence = 2", 2),
        ('update autional.audit_entries set details = details || \'{"actor": "x"}\' where sequence = 3', 3),
        ("update autional.audit_entries set at = at - interval '1 hour' where sequence = 1", 1),
        ("delete from autional.audit_entries where sequence = 2", 2),
        ("delete from autional.audit_entries where sequence = 4", 4),
        ("delete from autional.audit_entries", 1),
        ("update autional.audit_entries set details = null where sequence = 2", 2),
        ("update autional.audit_values set value = 'another' where sequence = 3", 3),
        ("update autional.audit_values set salt = '' where sequence = 3", 3),
        ("update autional.audit_values set path = array['x'] where sequence = 2", 2),
        ("update autional.audit_values set subject = null where sequence = 2", 2),
        ("delete from autional.audit_values where sequence = 2", 2),
        ("update autional.audit_values set user_id = 'another' where sequence = 2", 2),
        ("update autional.audit_values set user_id = null where sequence = 2", 2),
        ("update autional.audit_heads set sequence = 3", 5),
        ("delete from autional.audit_heads", 5),
        ("update autional.audit_values set value = null, salt = null, user_id = null where sequence = 2", 2),
        ("truncate autional.audit_entries cascade", 1),
        ("truncate autional.audit_values", 1),
        ("truncate autional.audit_heads", 5),
    ],
)
@changes_the_schema
async def test_tampering_is_refused_and_where_forced_noticed(
    http: httpx.AsyncClient, people: People, url: str, tampering: str, broken_at: int
) -> None:
    database, tenant = people.service.database, people.tenant
    admin = await people.bearer()
    for number in range(4):
        await http.post(f"/admin/sessions/user/usr_{number}/revoke", headers=admin, json={})
    assert (await verification.verify(database, KEY, tenant))[:2] == (4, 0)
    connection = await asyncpg.connect(url)
    try:
        if "user_id = null" not in tampering:  # what an erasure does is refused by the reckoning alone
            with pytest.raises(asyncpg.RaiseError, match="append-only"):
                await connection.execute(tampering)
        for table in ("audit_entries", "audit_values", "audit_heads"):
            await connection.execute(f"alter table autional.{table} disable trigger user")
        await connection.execute(tampering)
    finally:
        await connection.close()
    assert (await verification.verify(database, KEY, tenant)).broken_at == broken_at


async def test_acts_at_once_stand_one_after_the_other(database: Database, tenant: str) -> None:
    acts = [audit_log.NewEntry("session.create", f"req_{number}", {"actor": "x"}) for number in range(50)]
    await asyncio.gather(*(audit_log.append(database, KEY, tenant, act, clock.now()) for act in acts))
    assert (await verification.verify(database, KEY, tenant))[::3] == (50, None)


@changes_the_schema
async def test_a_log_that_was_cut_with_its_head_is_found_by_what_was_kept_apart(
    http: httpx.AsyncClient, people: People, url: str
) -> None:
    database, tenant, admin = people.service.database, people.tenant, await people.bearer()
    for number in range(4):
        await http.post(f"/admin/sessions/user/usr_{number}/revoke", headers=admin, json={})
    entries, _, head, _ = await verification.verify(database, KEY, tenant)
    kept = verification.LogState(entries, head)
    assert (await verification.verify(database, KEY, tenant, [kept])).broken_at is None
    connection = await asyncpg.connect(url)
    try:
        for table in ("audit_entries", "audit_values", "audit_heads"):
            await connection.execute(f"alter table autional.{table} disable trigger user")
        await connection.execute("delete from autional.audit_entries where sequence > 2")
        await connection.execute(
            "update autional.audit_heads set (sequence, hash) ="
            " (select sequence, hash from autional.audit_entries where sequence = 2)"
        )
    finally:
        await connection.close()
    assert (await verification.verify(database, KEY, tenant)).broken_at is None
    assert (await verification.verify(database, KEY, tenant, [kept])).broken_at == 3
    for number in range(3):
        await http.post(f"/admin/sessions/user/usr_{number}/revoke", headers=admin, json={"reason": "other"})
    assert (await verification.verify(database, KEY, tenant, [kept])).broken_at == 4


async def test_a_log_is_whole_while_it_is_written_to(database: Database, tenant: str) -> None:
    async def write() -> None:
        for number in range(60):
            await audit_log.append(
                database, b"k" * 32, tenant, audit_log.NewEntry("session.create", f"req_{number}", {"actor": "x"}), None
            )

    writing = [asyncio.create_task(write()) for _ in range(2)]
    while not all(task.done() for task in writing):
        assert (await verification.verify(database, KEY, tenant)).broken_at is None
    assert (await verification.verify(database, KEY, tenant)).entries == 120


def test_a_checkpoint_is_signed_and_nothing_else_is_taken_for_one() -> None:
    key, other = (checkpoints.signing_key(bytes([number]) * 32) for number in (1, 2))
    made = Checkpoint(log="acme", entries=3, head="00ff", at=NOW)
    text = checkpoints.sign(made, key)
    assert checkpoints.read(f"{text}\n", key) == made
    assert made.point == verification.LogState(3, b"\x00\xff")
    for wrong in ("", "x.y.z", checkpoints.sign(made, other), text[:-4] + "AAAA"):
        with pytest.raises(CheckpointError):
            checkpoints.read(wrong, key)


async def test_an_unknown_kind_of_act_is_refused(http: httpx.AsyncClient, people: People) -> None:
    answer = await http.get(LOG, headers=await people.bearer(), params={"action": "session.revok"})
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] == "action"
