"""No secret stands in the database, in a log line or in a problem (canaries of every kind)."""

import re

import httpx
from structlog.testing import capture_logs
from tests.api.users.test_persons import dump
from tests.conftest import People


async def test_no_canary_is_found_in_the_database_in_logs_or_in_problems(
    http: httpx.AsyncClient, people: People, url: str
) -> None:
    problems: list[str] = []

    async def sent(method: str, path: str, headers: dict[str, str], **body: object) -> httpx.Response:
        answer = await http.request(method, path, headers=headers, **body)  # type: ignore[arg-type]
        if answer.status_code >= 400:
            problems.append(answer.text + str(answer.headers))
        return answer

    key, admin = await people.api_key(), await people.bearer()
    with capture_logs() as lines:
        made = (await sent("POST", "/internal/session/create", key, json={"auth_user_id": "u"})).json()["data"][
            "tokens"
        ]
        access, refresh, api_key = made["access_token"], made["refresh_token"], key["X-API-Key"]
        device = {"user_id": "u", "device_fingerprint": "canary-fingerprint"}
        await sent("POST", "/internal/session/trusted-devices", key, json=device)
        second = (await sent("POST", "/sessions/refresh", {}, json={"refresh_token": refresh})).json()
        for secret in (access, refresh, api_key):
            for path in ("/tokens/blacklist/check", "/admin/sessions", "/nowhere"):
                await sent("GET", path, admin, params={"token": secret, "cursor": secret, "search": secret})
            await sent("GET", f"/admin/tokens/{secret[:120]}", admin)
            await sent("POST", "/admin/tokens/introspect", admin, json={"token": secret, "wrong": secret})
            await sent("POST", "/sessions/refresh", {}, json={"refresh_token": secret, secret[:90]: 1})
            await sent("POST", "/oauth2/revoke", {"X-API-Key": secret}, data={"token": secret})
            await sent("GET", "/admin/sessions/stats", {"Authorization": f"Bearer {secret}"})
            await sent("GET", "/healthz", {"X-Request-ID": secret, "traceparent": secret, "Idempotency-Key": secret})
            await sent("POST", "/sessions/refresh", {"Idempotency-Key": secret}, json={"refresh_token": refresh})
    everywhere = {"database": await dump(url), "logs": str(lines), "problems": "\n".join(problems)}
    assert len(problems) > 15
    canaries = [access, refresh, api_key, second["access_token"], second["refresh_token"], "canary-fingerprint"]
    secrets = [re.split(r"\.", canary, maxsplit=1)[-1] for canary in canaries] + [access.rpartition(".")[2]]
    for place, text in everywhere.items():
        for secret in secrets:
            assert secret not in text, (place, secret[:12], text[max(0, text.find(secret) - 200) :][:400])
