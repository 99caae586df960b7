"""What exists elsewhere takes as long to refuse as what never existed (median of many, asked in turn)."""

import time
from statistics import median

import httpx
from tests.conftest import CITUS_URL, People

from autional.tenancy import tenants

ROUNDS = 150


async def test_unknown_and_foreign_take_the_same_time(http: httpx.AsyncClient, people: People) -> None:
    await tenants.create_tenant(people.service.database, "other", "Other", None, key=b"t" * 32)
    key, theirs, admin = await people.api_key(), await people.api_key("other"), await people.bearer()
    made = (await http.post("/internal/session/create", headers=theirs, json={"auth_user_id": "u"})).json()["data"]
    session_id, refresh = made["session"]["id"], made["tokens"]["refresh_token"]
    never = session_id[:-6] + "000000"
    unknown = f"{refresh.partition('.')[0][:-6]}000000.{never}.{'a' * 43}.other"
    wrong_secret = key | {"X-API-Key": key["X-API-Key"][:-6] + "AAAAAA"}
    unknown_key = key | {"X-API-Key": f"key_{'0' * 26}.{key['X-API-Key'].partition('.')[2]}"}
    stats = "/internal/session/sessions/u/active"
    pairs: dict[str, list[tuple[str, str, dict[str, str], dict[str, str] | None]]] = {
        "session": [("GET", f"/sessions/{one}", admin, None) for one in (session_id, never)],
        "token": [("POST", "/oauth2/introspect", key, {"token": one}) for one in (refresh, unknown)],
        "key": [("GET", stats, one, None) for one in (wrong_secret, unknown_key)],
    }
    if CITUS_URL:
        del pairs["token"]  # what this service never issued is not asked of a second node
    for name, requests in pairs.items():
        took: tuple[list[float], list[float]] = ([], [])
        statuses: set[tuple[int, object, object]] = set()
        for number in range(2 * ROUNDS):
            method, path, headers, form = requests[number % 2]
            began = time.perf_counter()
            answer = await http.request(method, path, headers=headers, data=form)
            took[number % 2].append(time.perf_counter() - began)
            statuses.add((answer.status_code, answer.json().get("code"), answer.json().get("active")))
        known, strange = median(took[0]), median(took[1])
        assert len(statuses) == 1, name
        assert abs(known - strange) < 0.25 * strange + 0.0003, (name, known, strange)
