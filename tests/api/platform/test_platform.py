import httpx
from tests.conftest import People

from autional.audit import log as audit_log
from autional.audit.log import AuditQuery
from autional.core.master_key import master_key
from autional.tokens import signing_keys


async def last_act(people: People, log: str) -> tuple[str, str, str | None]:
    [entry] = await audit_log.list_entries(people.service.database, log, AuditQuery(), 1)
    return entry.action, entry.details["actor"], entry.details.get("actor_tenant")


async def test_tenants_are_created_listed_disabled_and_enabled(http: httpx.AsyncClient, people: People) -> None:
    platform = await people.bearer("platform_admin")
    assert (await http.post("/admin/tenants", headers=platform, json={"id": "t-1", "name": "One"})).status_code == 201
    assert await last_act(people, "t-1") == ("tenant.create", "the_platform_admin", "acme")
    again = await http.post("/admin/tenants", headers=platform, json={"id": "t-1", "name": "One"})
    assert again.status_code == 409
    for number in range(2, 5):
        await http.post("/admin/tenants", headers=platform, json={"id": f"t-{number}", "name": "More"})
    found: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        query = {"search": "t-", "page_size": "3", **cursor}
        part = (await http.get("/admin/tenants", headers=platform, params=query)).json()
        assert part["total"] == 4
        found += [item["id"] for item in part["items"]]
        if not part["pagination"]["has_next"]:
            break
        cursor = {"cursor": part["pagination"]["next_cursor"]}
    assert found == ["t-4", "t-3", "t-2", "t-1"]
    key = await people.api_key("t-1")
    for act, status in (("disable", 404), ("enable", 200)):
        assert (await http.post(f"/admin/tenants/t-1/{act}", headers=platform)).status_code == 200
        assert (await http.get("/internal/session/sessions/u", headers=key)).status_code == status
        assert await last_act(people, "t-1") == (f"tenant.{act}", "the_platform_admin", "acme")
    assert (await http.post("/admin/tenants/nobody/disable", headers=platform)).status_code == 404


async def test_a_key_is_shown_once_and_revoked(http: httpx.AsyncClient, people: People) -> None:
    platform = await people.bearer("platform_admin")
    body = {"name": "login", "tenant_ids": ["acme"]}
    made = (await http.post("/admin/api-keys", headers=platform, json=body)).json()
    assert await last_act(people, "acme") == ("api_key.create", "the_platform_admin", None)
    key = {"X-API-Key": made["api_key"]}
    assert (await http.get("/internal/session/sessions/u", headers=key)).status_code == 200
    [listed] = (await http.get("/admin/api-keys", headers=platform)).json()["items"]
    assert (listed["id"], listed["tenant_ids"], listed["role"]) == (made["id"], ["acme"], "service")
    assert made["api_key"] not in str(listed)
    assert (await http.delete(f"/admin/api-keys/{made['id']}", headers=platform)).status_code == 200
    assert (await http.get("/internal/session/sessions/u", headers=key)).status_code == 401
    assert await last_act(people, "acme") == ("api_key.revoke", "the_platform_admin", None)
    [_, made_entry] = await audit_log.list_entries(people.service.database, "acme", AuditQuery(), 2)
    assert made_entry.details["created"] == made["id"]
    assert (await http.delete("/admin/api-keys/key_0", headers=platform)).status_code == 404
    everywhere = await http.post(
        "/admin/api-keys", headers=platform, json={"name": "x", "all_tenants": True, "role": "platform_admin"}
    )
    assert everywhere.status_code == 201
    assert (await last_act(people, "-"))[0] == "api_key.create"
    log = (await http.get("/admin/platform/audit", headers=platform)).json()["items"]
    assert log[0]["action"] == "api_key.create"
    assert (await http.get("/admin/platform/audit/verification", headers=platform)).json()["intact"]
    assert (await http.get("/admin/platform/audit", headers=await people.bearer())).status_code == 403
    for wrong in (
        {"name": "x"},
        {"name": "x", "all_tenants": True, "tenant_ids": ["acme"]},
        {"name": "x", "tenant_ids": ["acme"], "role": "platform_admin"},
    ):
        assert (await http.post("/admin/api-keys", headers=platform, json=wrong)).status_code == 400


async def test_a_key_needs_the_level_that_it_has(http: httpx.AsyncClient, people: People) -> None:
    operator = await people.bearer("platform_admin")
    weak = {"auth_user_id": "p", "role": "platform_admin", "amr": ["pwd"]}
    begun = (await http.post("/sessions", headers=operator, json=weak)).json()
    own = {"Authorization": f"Bearer {begun['tokens']['access_token']}"}
    body = {"name": "x", "tenant_ids": ["acme"]}
    assert (await http.post("/admin/api-keys", headers=own, json=body)).status_code == 403


async def test_signing_keys_are_rotated_and_retired(http: httpx.AsyncClient, people: People) -> None:
    platform = await people.bearer("platform_admin")
    master = master_key(people.service.settings)
    await signing_keys.key_ring(people.service.database, master, "ES256", None)
    listed = (await http.post("/admin/signing-keys/rotate", headers=platform)).json()["items"]
    assert await last_act(people, "-") == ("signing_key.rotate", "the_platform_admin", "acme")
    assert [key["state"] for key in listed] == ["signing", "published"]
    assert (await http.post(f"/admin/signing-keys/{listed[0]['id']}/retire", headers=platform)).status_code == 409
    assert (await http.post(f"/admin/signing-keys/{listed[1]['id']}/retire", headers=platform)).status_code == 200
    assert await last_act(people, "-") == ("signing_key.retire", "the_platform_admin", "acme")
    assert (await http.post("/admin/signing-keys/nobodys/retire", headers=platform)).status_code == 409


async def test_the_log_is_verified_and_its_state_signed(http: httpx.AsyncClient, people: People) -> None:
    admin = await people.bearer()
    await http.put("/admin/sessions/policy", headers=admin, json={"idle_timeout": "1h"})
    verdict = (await http.get("/admin/audit/verification", headers=admin)).json()
    assert (verdict["intact"], verdict["entries"], verdict["broken_at"]) == (True, 1, None)
    checkpoint = (await http.get("/admin/audit/checkpoint", headers=admin)).json()["checkpoint"]
    assert checkpoint.count(".") == 2
