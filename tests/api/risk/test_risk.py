from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from mmdb_writer import MMDBWriter
from netaddr import IPSet
from tests.conftest import People

from autional.core.settings import SettingsError
from autional.risk.geoip import GeoIp
from autional.runtime.service import Service

CREATE = "/internal/session/create"
RISK = "/admin/sessions/risk-score"


@dataclass
class Somewhere:
    network: str
    country: str
    city: str
    latitude: float
    longitude: float


PLACES = (
    Somewhere("192.0.2.0/24", "GB", "London", 51.5, -0.1),
    Somewhere("198.51.100.0/24", "CN", "Beijing", 39.9, 116.4),
)


@pytest.fixture(scope="session")
def places_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    writer = MMDBWriter(database_type="Test-City")
    for place in PLACES:
        record = {
            "country": {"iso_code": place.country},
            "city": {"names": {"en": place.city}},
            "location": {"latitude": place.latitude, "longitude": place.longitude},
        }
        writer.insert_network(IPSet([place.network]), record)
    path = tmp_path_factory.mktemp("places") / "city.mmdb"
    writer.to_db_file(str(path))
    return path


@pytest.fixture
def service(service: Service, places_file: Path) -> Service:
    return service._replace(geoip=GeoIp(str(places_file)))


async def begin(http: httpx.AsyncClient, key: dict[str, str], **login: Any) -> dict[str, Any]:
    body = {"auth_user_id": "usr_1", "device_type": "desktop", "browser": "Firefox 128", "os": "Linux"} | login
    answer = await http.post(CREATE, headers=key, json=body)
    assert answer.status_code == 201, answer.text
    session: dict[str, Any] = answer.json()["data"]["session"]
    return session


async def test_a_session_says_where_it_began(http: httpx.AsyncClient, people: People) -> None:
    key = await people.api_key()
    assert (await begin(http, key, ip="198.51.100.7"))["geoip"] == "Beijing, CN"
    assert "geoip" not in await begin(http, key, ip="203.0.113.1")
    assert "geoip" not in await begin(http, key)


async def test_impossible_travel_is_told_factor_by_factor(http: httpx.AsyncClient, people: People) -> None:
    key, admin = await people.api_key(), await people.bearer()
    await begin(http, key, ip="192.0.2.1", device_fingerprint="fp-home")
    far = await begin(http, key, ip="198.51.100.7", device_fingerprint="fp-away")
    answer = (await http.get(RISK, headers=admin, params={"session_id": far["id"]})).json()
    assert (answer["risk_score"], answer["risk_level"], answer["recommended_action"]) == (100, "high", "revoke")
    types = [factor["type"] for factor in answer["factors"]]
    assert types == ["new_device", "unusual_location", "impossible_travel", "new_network"]
    assert answer["factors"][1]["description"] == "A country that this user has not come from before"
    assert (far["risk_score"], answer["session_id"]) == (100, far["id"])
    listed = (await http.get("/admin/sessions", headers=admin)).json()["items"]
    assert [session["risk_score"] for session in listed] == [100, 0]


async def test_a_tenant_sets_its_weights_and_goes_back(http: httpx.AsyncClient, people: People) -> None:
    key, admin = await people.api_key(), await people.bearer()
    bot = await begin(http, key, device_type="bot")
    path, asked = "/admin/sessions/risk-weights", {"headers": admin, "params": {"session_id": bot["id"]}}
    assert (await http.get(RISK, **asked)).json()["risk_score"] == 40  # type: ignore[arg-type]
    put = await http.put(path, headers=admin, json={"weights": {"bot_user_agent": 90}})
    assert (put.status_code, put.json()["weights"]["bot_user_agent"]) == (200, 90)
    assert (await http.get(RISK, **asked)).json()["risk_score"] == 90  # type: ignore[arg-type]
    assert (await http.get("/admin/sessions", headers=admin)).json()["items"][0]["risk_score"] == 90
    assert (await http.delete(path, headers=admin)).status_code == 200
    assert (await http.get(path, headers=admin)).json()["weights"]["bot_user_agent"] == 40
    for wrong in ({"weights": {"shoe_size": 1}}, {"weights": {"new_device": 101}}, {}):
        assert (await http.put(path, headers=admin, json=wrong)).status_code == 400


async def test_a_reused_refresh_token_raises_the_risk(http: httpx.AsyncClient, people: People) -> None:
    key, admin = await people.api_key(), await people.bearer()
    made = (await http.post(CREATE, headers=key, json={"auth_user_id": "usr_1", "device_id": "dev_1"})).json()["data"]
    first = made["tokens"]["refresh_token"]
    for _ in range(2):
        pair = await http.post("/sessions/refresh", json={"refresh_token": first})
        first, spent = pair.json()["refresh_token"], first
    await http.post("/sessions/refresh", json={"refresh_token": first})
    ended = await http.post("/sessions/refresh", json={"refresh_token": made["tokens"]["refresh_token"]})
    assert (ended.json()["code"], spent != first) == (30102007, True)
    risk = (await http.get(RISK, headers=admin, params={"session_id": made["session"]["id"]})).json()
    assert (risk["risk_score"], risk["factors"][0]["type"]) == (70, "token_reuse")
    device = (await http.get("/admin/devices/dev_1/risk", headers=admin)).json()
    assert (device["risk_score"], device["risk_factors"]) == (70, ["token_reuse"])
    assert (device["audit_failure_count"], device["revoked_sessions"]) == (1, 1)
    assert (device["total_sessions"], device["active_sessions"]) == (1, 0)
    assert (await http.get("/admin/devices/dev_2/risk", headers=admin)).status_code == 404


async def test_a_user_agent_that_changes_within_a_session_raises_the_risk(
    http: httpx.AsyncClient, people: People
) -> None:
    key, admin = await people.api_key(), await people.bearer()
    windows = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{} Safari/537.36"
    body = {"auth_user_id": "usr_1", "user_agent": windows.format("123.0")}
    session = (await http.post(CREATE, headers=key, json=body)).json()["data"]["session"]
    scores = []
    for agent in (windows.format("123.0"), windows.format("124.0"), "curl/8.5.0", windows.format("124.0")):
        path = f"/sessions/{session['id']}/activity"
        assert (await http.post(path, headers=admin, json={"user_agent": agent})).status_code == 200
        answer = (await http.get(RISK, headers=admin, params={"session_id": session["id"]})).json()
        scores.append((answer["risk_score"], answer["recommended_action"]))
    assert scores == [(0, "allow"), (0, "allow"), (40, "step_up"), (40, "step_up")]


async def test_the_device_of_a_session(http: httpx.AsyncClient, people: People) -> None:
    key, admin = await people.api_key(), await people.bearer()
    earlier = await begin(http, key, device_fingerprint="fp-1", ip="192.0.2.1")
    later = await begin(http, key, device_fingerprint="fp-1", ip="192.0.2.1")
    trust = {"device_fingerprint": "fp-1", "user_id": "usr_1"}
    trusted = (await http.post("/internal/session/trusted-devices", headers=key, json=trust)).json()
    path = "/admin/sessions/device-fingerprint"
    found = (await http.get(path, headers=admin, params={"session_id": later["id"]})).json()
    assert (found["first_seen_at"], found["is_trusted"]) == (earlier["created_at"], True)
    assert (found["location"], found["browser"], found["os"]) == ("London, GB", "Firefox 128", "Linux")
    assert found["device_hash"] == trusted["device_fingerprint"]
    assert "fp-1" not in str(found)
    by_device = (await http.get(f"/admin/devices/{trusted['id']}/risk", headers=admin)).json()
    assert by_device["total_sessions"] == 2
    assert (await http.get(path, headers=admin, params={"session_id": "sess_x"})).status_code == 404
    assert (await http.get(path, headers=await people.api_key())).status_code == 403


async def test_client_hints_say_what_a_frozen_user_agent_hides(http: httpx.AsyncClient, people: People) -> None:
    agent = "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.0.0 Mobile"
    hints = {
        "Sec-CH-UA": '"Chromium";v="124", "Google Chrome";v="124", "Not-A.Brand";v="99"',
        "Sec-CH-UA-Mobile": "?1",
        "Sec-CH-UA-Platform": '"Android"',
        "Sec-CH-UA-Platform-Version": '"14.0.0"',
        "Sec-CH-UA-Model": '"Pixel 8"',
    }
    key = await people.api_key()
    body = {"auth_user_id": "usr_1", "user_agent": agent, "client_hints": hints}
    session = (await http.post(CREATE, headers=key, json=body)).json()["data"]["session"]
    assert (session["device_type"], session["os"]) == ("mobile", "Android 14")
    assert session["device_model"] == "Pixel 8"
    wrong = await http.post(CREATE, headers=key, json=body | {"client_hints": {"Cookie": "x"}})
    assert wrong.status_code == 400


def test_a_file_that_is_no_database_of_places_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.mmdb").write_bytes(b"no")
    for path in ("x.mmdb", "absent.mmdb"):
        with pytest.raises(SettingsError):
            GeoIp(str(tmp_path / path))
