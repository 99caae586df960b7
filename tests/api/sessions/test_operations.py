from datetime import datetime
from typing import Any

import httpx
import pytest
from tests.conftest import People

CREATE = "/internal/session/create"
ADMIN_ONLY = {"app_id", "browser", "os", "role", "aal", "revoked_at", "revoke_reason"}


async def begin(http: httpx.AsyncClient, key: dict[str, str], user: str = "usr_1", **fields: Any) -> dict[str, Any]:
    answer = await http.post(CREATE, headers=key, json={"auth_user_id": user} | fields)
    assert answer.status_code == 201, answer.text
    data: dict[str, Any] = answer.json()["data"]
    return data


def bearer(data: dict[str, Any]) -> dict[str, str]:
    return {"Authorization": f"Bearer {data['tokens']['access_token']}"}


async def test_an_administrator_creates_without_an_envelope_and_never_above_itself(
    http: httpx.AsyncClient, people: People
) -> None:
    admin = await people.bearer("admin")
    made = await http.post("/sessions", headers=admin, json={"auth_user_id": "usr_1", "role": "admin"})
    assert (made.status_code, made.json().keys()) == (201, {"session", "tokens"})
    above = await http.post("/sessions", headers=admin, json={"auth_user_id": "usr_1", "role": "platform_admin"})
    assert (above.status_code, above.json()["code"]) == (403, 30103003)
    user = await http.post("/sessions", headers=await people.bearer("user"), json={"auth_user_id": "usr_1"})
    assert user.status_code == 403


async def test_a_key_of_one_tenant_cannot_make_a_platform_administrator(
    http: httpx.AsyncClient, people: People
) -> None:
    body = {"auth_user_id": "usr_1", "role": "platform_admin"}
    assert (await http.post(CREATE, headers=await people.api_key(), json=body)).status_code == 403


async def test_one_session_is_shown_to_its_user_and_whole_to_administrators(
    http: httpx.AsyncClient, people: People
) -> None:
    key = await people.api_key()
    mine, other = await begin(http, key, app_id="web"), await begin(http, key, "usr_2")
    path = f"/sessions/{mine['session']['id']}"
    own = (await http.get(path, headers=bearer(mine))).json()["session"]
    whole = (await http.get(path, headers=await people.bearer())).json()["session"]
    assert not own.keys() & ADMIN_ONLY
    assert (whole["app_id"], whole["role"], whole["aal"]) == ("web", "user", 1)
    foreign = await http.get(path, headers=bearer(other))
    never = await http.get("/sessions/sess_never", headers=bearer(other))
    assert foreign.status_code == never.status_code == 404
    assert foreign.json()["code"] == never.json()["code"]


async def test_validate_says_whether_a_session_goes_on_and_why_not(http: httpx.AsyncClient, people: People) -> None:
    made, admin = await begin(http, await people.api_key(), amr=["pwd", "otp"]), await people.bearer()
    path = f"/sessions/{made['session']['id']}"
    good = (await http.post(f"{path}/validate", headers=bearer(made))).json()
    assert good["valid"] is True
    assert (good["claims"]["sub"], good["claims"]["acr"]) == ("usr_1", "aal2")
    await http.post(f"{path}/revoke", headers=admin, json={"reason": "stolen"})
    assert (await http.post(f"{path}/validate", headers=admin)).json() == {"valid": False, "error": "session_revoked"}
    shown = (await http.get(path, headers=admin)).json()["session"]
    assert (shown["status"], shown["revoke_reason"]) == ("revoked", "stolen")


async def test_activity_moves_the_idle_deadline_and_revives_nothing(http: httpx.AsyncClient, people: People) -> None:
    made, admin = await begin(http, await people.api_key(), amr=["pwd", "otp"]), await people.bearer()
    path = f"/sessions/{made['session']['id']}"
    touched = await http.post(f"{path}/activity", headers=bearer(made))
    assert (touched.status_code, touched.json()["code"], touched.json()["message"]) == (200, 0, "success")
    after = (await http.get(path, headers=admin)).json()["session"]
    assert after["idle_expires_at"] > made["session"]["idle_expires_at"]
    assert after["expires_at"] == made["session"]["expires_at"]
    await http.delete(path, headers=admin)
    assert (await http.post(f"{path}/activity", headers=admin)).status_code == 404
    assert (await http.post(f"{path}/activity", headers=bearer(made))).status_code == 401


async def test_many_are_ended_by_id_and_by_user(http: httpx.AsyncClient, people: People) -> None:
    key, admin = await people.api_key(), await people.bearer()
    made = [(await begin(http, key, user))["session"]["id"] for user in ("a", "a", "b", "b", "c")]
    body = {"session_ids": [made[0], "sess_never", made[2], made[0]], "reason": "leak"}
    answer = await http.request("DELETE", "/admin/sessions/bulk", headers=admin, json=body)
    assert answer.json() == {"succeeded": [made[0], made[2]], "failed": ["sess_never"], "total": 3}
    assert (await http.delete("/admin/sessions/user/a", headers=admin)).status_code == 200
    assert (await http.delete("/internal/session/session/user/c", headers=key)).status_code == 200
    count = (await http.get("/admin/sessions/active-count", headers=admin)).json()
    assert count["count"] == 1
    assert count["timestamp"].endswith("Z")
    for user, sessions in (("a", 0), ("b", 1), ("nobody", 0)):
        told = (await http.get(f"/internal/session/sessions/{user}/active", headers=key)).json()
        assert told == {"active": sessions > 0, "session_count": sessions}


@pytest.mark.parametrize("ids", [[], ["s"] * 101, [""], "s"])
async def test_the_number_of_named_ids_is_bounded(http: httpx.AsyncClient, people: People, ids: Any) -> None:
    answer = await http.post("/admin/sessions/revoke", headers=await people.bearer(), json={"session_ids": ids})
    assert answer.status_code == 400


async def test_a_list_has_pages_and_exact_totals(http: httpx.AsyncClient, people: People) -> None:
    key, admin = await people.api_key(), await people.bearer()
    made = [(await begin(http, key, f"usr_{number % 2}"))["session"]["id"] for number in range(7)]
    await http.delete(f"/sessions/{made[0]}", headers=admin)
    first = (await http.get("/admin/sessions", params={"page_size": 4}, headers=admin)).json()
    assert (first["code"], first["message"], first["total"]) == (0, "success", 6)
    assert [item["id"] for item in first["items"]] == made[:2:-1]
    info = first["pagination"]
    assert (info["page"], info["total_pages"], info["has_next"], info["has_prev"]) == (1, 2, True, False)
    second = (await http.get("/admin/sessions", params={"page_size": 4, "page": 2}, headers=admin)).json()
    assert [item["id"] for item in second["items"]] == made[2:0:-1]
    expected: list[tuple[dict[str, str], int]] = [
        ({"status": "all"}, 7),
        ({"status": "revoked"}, 1),
        ({"status": "expired"}, 0),
        ({"user_id": "usr_1"}, 3),
        ({"user_id": "usr_0", "status": "all"}, 4),
    ]
    for params, total in expected:
        told = (await http.get("/admin/sessions", params=params, headers=admin)).json()
        assert (told["total"], len(told["items"])) == (total, total), params


async def test_a_cursor_walks_without_gaps_or_repeats_while_sessions_come_and_go(
    http: httpx.AsyncClient, people: People
) -> None:
    key, admin = await people.api_key(), await people.bearer()
    made = [(await begin(http, key))["session"]["id"] for _ in range(9)]
    seen: list[str] = []
    params: dict[str, Any] = {"page_size": 2, "status": "all"}
    while True:
        answer = (await http.get("/admin/sessions", params=params, headers=admin)).json()
        seen += [item["id"] for item in answer["items"]]
        if "next_cursor" not in answer["pagination"]:
            break
        params |= {"cursor": answer["pagination"]["next_cursor"]}
        await begin(http, key)
        await http.delete(f"/sessions/{seen[0]}", headers=admin)
    assert seen == made[::-1]


async def test_a_cursor_is_good_for_its_list_only(http: httpx.AsyncClient, people: People) -> None:
    key, admin = await people.api_key(), await people.bearer()
    for _ in range(3):
        await begin(http, key)
    first = (await http.get("/admin/sessions", params={"page_size": 2}, headers=admin)).json()
    cursor = first["pagination"]["next_cursor"]
    for wrong in ("cursor=AAAA", f"cursor={cursor}&status=all", f"cursor={cursor}&page=2"):
        answer = await http.get(f"/admin/sessions?page_size=2&{wrong}", headers=admin)
        assert answer.status_code == 400, wrong
    masked = await http.get("/admin/sessions", params={"cursor": "AAAA"}, headers=admin)
    assert "AAAA" not in masked.json()["instance"]


async def test_users_list_their_own_sessions_only(http: httpx.AsyncClient, people: People) -> None:
    key = await people.api_key()
    mine = await begin(http, key)
    await begin(http, key, "usr_2")
    own = await http.get("/sessions", params={"auth_user_id": "usr_1"}, headers=bearer(mine))
    assert [item["id"] for item in own.json()["items"]] == [mine["session"]["id"]]
    assert not own.json()["items"][0].keys() & ADMIN_ONLY
    assert (await http.get("/sessions/user/usr_1/sessions", headers=bearer(mine))).json()["total"] == 1
    for path in ("/sessions?auth_user_id=usr_2", "/sessions/user/usr_2/sessions"):
        assert (await http.get(path, headers=bearer(mine))).status_code == 403
        assert (await http.get(path, headers=await people.bearer())).json()["total"] == 1
    assert (await http.get("/sessions", headers=bearer(mine))).status_code == 400
    assert (await http.get("/internal/session/sessions/usr_2", headers=key)).json()["total"] == 1
    assert (await http.get("/admin/sessions", headers=bearer(mine))).status_code == 403


async def test_a_policy_caps_new_sessions_and_shortens_old_ones_only_when_asked(
    http: httpx.AsyncClient, people: People
) -> None:
    key, admin = await people.api_key(), await people.bearer()
    path = "/admin/sessions/policy"
    assert (await http.get(path, headers=admin)).json() == {
        "levels": {
            "aal1": {"absolute_timeout": "720h"},
            "aal2": {"absolute_timeout": "24h", "idle_timeout": "1h"},
            "aal3": {"absolute_timeout": "12h", "idle_timeout": "15m"},
        }
    }
    old = (await begin(http, key))["session"]
    policy: dict[str, Any] = {"absolute_timeout": "8h", "levels": {"aal1": {"idle_timeout": "10m"}}}
    told = (await http.put(path, headers=admin, json=policy)).json()
    assert told["levels"]["aal1"] == {"absolute_timeout": "8h", "idle_timeout": "10m"}
    assert (await http.get(path, headers=admin)).json() == told
    new = (await begin(http, key))["session"]
    lasts = datetime.fromisoformat(new["expires_at"]) - datetime.fromisoformat(new["created_at"])
    assert lasts.total_seconds() == 8 * 3600
    same = (await http.get(f"/sessions/{old['id']}", headers=admin)).json()["session"]
    assert same["expires_at"] == old["expires_at"]
    await http.put(path, headers=admin, json=policy | {"apply_to_existing": True})
    shorter = (await http.get(f"/sessions/{old['id']}", headers=admin)).json()["session"]
    assert shorter["idle_expires_at"] < shorter["expires_at"] < old["expires_at"]
    assert (await http.delete(path, headers=admin)).status_code == 200
    assert (await http.get(path, headers=admin)).json()["levels"]["aal1"] == {"absolute_timeout": "720h"}


async def test_a_policy_that_makes_no_sense_is_refused(http: httpx.AsyncClient, people: People) -> None:
    admin = await people.bearer()
    for body, fields in (
        ({"absolute_timeout": "0s"}, ["absolute_timeout"]),
        ({"absolute_timeout": "500ms", "idle_timeout": "x"}, ["absolute_timeout", "idle_timeout"]),
        ({"levels": {"aal1": {"idle_timeout": "1w"}}}, ["levels.aal1.idle_timeout"]),
        ({"levels": {"aal4": {}}}, ["levels.aal4"]),
    ):
        answer = await http.put("/admin/sessions/policy", headers=admin, json=body)
        assert answer.status_code == 400
        assert [error["field"] for error in answer.json()["errors"]] == fields


async def test_clean_up_removes_expired_sessions_from_the_numbers(http: httpx.AsyncClient, people: People) -> None:
    key, admin = await people.api_key(), await people.bearer()
    await begin(http, key)
    await http.put("/admin/sessions/policy", headers=admin, json={"absolute_timeout": "1s"})
    await begin(http, key)
    await http.put("/admin/sessions/policy", headers=admin, json={"apply_to_existing": False})
    stats = {"expired_sessions": 0}
    while stats["expired_sessions"] == 0:
        stats = (await http.get("/admin/sessions/stats", headers=admin)).json()
    assert (stats["active_sessions"], stats["total_sessions"]) == (1, 2)
    assert (await http.delete("/admin/sessions/expired", headers=admin)).status_code == 200
    stats = (await http.get("/admin/sessions/stats", headers=admin)).json()
    assert (stats["active_sessions"], stats["expired_sessions"], stats["total_sessions"]) == (1, 0, 1)


async def test_session_limits_are_set_kept_and_taken_back(http: httpx.AsyncClient, people: People) -> None:
    admin, key, path = await people.bearer(), await people.api_key(), "/admin/sessions/limits"
    limits = {"max_sessions": 1, "by_role": {"admin": 2}, "by_device_type": {"tv": 1}, "on_overflow": "refuse"}
    limits |= {"max_sessions_per_agent": 3}
    assert (await http.put(path, headers=admin, json=limits)).json() == limits
    assert (await http.get(path, headers=admin)).json() == limits
    login = {"auth_user_id": "usr_9"}
    statuses = [(await http.post("/internal/session/create", headers=key, json=login)) for _ in range(2)]
    assert [answer.status_code for answer in statuses] == [201, 409]
    assert statuses[1].json()["code"] == 30105004
    for wrong in (
        {"max_sessions": 0},
        {"by_role": {"root": 1}},
        {"on_overflow": "panic"},
        {"by_device_type": {"tv": 0}},
    ):
        assert (await http.put(path, headers=admin, json=wrong)).status_code == 400
    assert (await http.delete(path, headers=admin)).status_code == 200
    assert (await http.post("/internal/session/create", headers=key, json=login)).status_code == 201
