"""Statistics polled around a real deadline: the session expires in the very moment, though nothing wrote."""

import asyncio
from datetime import datetime

import httpx
from tests.conftest import People

POLL_SECONDS = 0.02


async def test_polling_sees_the_deadline_and_never_a_wrong_sum(http: httpx.AsyncClient, people: People) -> None:
    key, admin = await people.api_key(), await people.bearer()
    await http.put("/admin/sessions/policy", headers=admin, json={"absolute_timeout": "1s"})
    made = (await http.post("/internal/session/create", headers=key, json={"auth_user_id": "u"})).json()["data"]
    deadline = datetime.fromisoformat(made["session"]["expires_at"])
    seen = []
    for _ in range(80):
        told = (await http.get("/admin/sessions/stats", headers=admin)).json()
        seen.append((datetime.fromisoformat(told["updated_at"]), told["active_sessions"], told["expired_sessions"]))
        await asyncio.sleep(POLL_SECONDS)
    assert all((active, expired) == ((1, 0) if at < deadline else (0, 1)) for at, active, expired in seen)
    assert seen[0][0] < deadline < seen[-1][0]
    me = {"Authorization": f"Bearer {made['tokens']['access_token']}"}
    assert (await http.get("/sessions?auth_user_id=u", headers=me)).status_code == 401
