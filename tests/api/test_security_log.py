"""The security log: who was refused what, and what clients did to tokens; no user ids, no secrets, no flood."""

import httpx
import pytest
from structlog.testing import capture_logs
from tests.conftest import People

from autional.audit.personal_values import person_hash
from autional.core.security_log import SecurityLog


async def test_refusals_reuse_and_what_clients_do_stand_in_the_security_log(
    http: httpx.AsyncClient, people: People
) -> None:
    key, user = await people.api_key(), {"auth_user_id": "ann@example.org"}
    made = (await http.post("/internal/session/create", headers=key, json=user)).json()["data"]
    me = {"Authorization": f"Bearer {made['tokens']['access_token']}"}
    token = {"refresh_token": made["tokens"]["refresh_token"]}
    exchange = {
        "grant_type": "urn:ietf:params:oauth:grant-type:token-exchange",
        "subject_token_type": "urn:ietf:params:oauth:token-type:access_token",
        "subject_token": made["tokens"]["access_token"],
    }
    with capture_logs() as lines:
        await http.get("/admin/sessions/stats", headers={"Authorization": "Bearer x.y.z"})
        await http.get("/admin/sessions/stats", headers=me)
        await http.get("/sessions?auth_user_id=somebody", headers=me)
        await http.post("/oauth2/token", headers=key, data=exchange)
        await http.post("/oauth2/revoke", headers=key, data={"token": made["tokens"]["access_token"]})
        second = (await http.post("/sessions/refresh", json=token)).json()
        await http.post("/sessions/refresh", json={"refresh_token": second["refresh_token"]})
        await http.post("/sessions/refresh", json=token)
    security = [line for line in lines if line["event"] == "security"]
    assert [line["kind"] for line in security] == [
        "invalid-token",
        "missing-role",
        "foreign-user",
        "token.exchange",
        "token.revoke",
        "refresh-token-reused",
    ]
    assert security[2]["subject"] == person_hash(people.service.subject_key, "acme", "ann@example.org").hex()
    assert security[3]["key_id"] == key["X-API-Key"].partition(".")[0]
    assert {line["address"] for line in security} == {"127.0.0.1"}
    assert all(line["request_id"].startswith("req_") for line in security)
    said = str(lines)
    for secret in ("ann@example.org", key["X-API-Key"], *made["tokens"].values()):
        assert str(secret) not in said or secret == "Bearer" or isinstance(secret, int)


def test_a_flood_is_counted_and_not_written(monkeypatch: pytest.MonkeyPatch) -> None:
    moment = [100.0]
    monkeypatch.setattr("autional.core.security_log.time.monotonic", lambda: moment[0])
    log = SecurityLog()
    with capture_logs() as lines:
        for _ in range(5000):
            log.note("invalid-token", "acme")
        for number in range(5000):
            log.note("invalid-token", f"tenant_{number}")
        moment[0] = 101.5
        log.note("invalid-token", "acme")
    assert len(lines) < 250
    assert {"kind": "invalid-token", "tenant": "acme", "left_out": 4980}.items() <= lines[-2].items()
