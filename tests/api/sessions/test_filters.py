"""What the filters of the list find, against a list that is filtered by hand."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address, ip_network
from typing import Any

import httpx
import pytest
from tests.conftest import People

from autional.core.authority import operator_authority, whole_tenant
from autional.core.formats import IpAddress, Network
from autional.demo import loader
from autional.postgres import queries
from autional.postgres.database import Database
from autional.risk.scoring import Location
from autional.sessions.assurance import assurance_level
from autional.sessions.creation import create_session
from autional.sessions.filters import SessionFilter, of_tenant, selection
from autional.sessions.lifecycle import revoke_session
from autional.sessions.model import Login
from autional.tokens.jwt import Issuer

LIST = "/admin/sessions"
NOW = datetime.now(UTC).replace(microsecond=0)
Item = dict[str, Any]


@pytest.fixture
async def crowd(database: Database, issuer: Issuer, tenant: str) -> None:
    """Sixty sessions that differ in everything; some are over."""
    for number in range(60):
        login = Login(
            user_id=f"usr_{number % 7}" if number % 2 else f"bot%_{number % 5}",
            amr=[["pwd"], ["pwd", "otp"], ["hwk", "user"]][number % 3],
            app_id=f"app_{number % 4}",
            device_id=f"dev_{number % 6}",
            device_type=("desktop", "mobile", "bot")[number % 3],
            browser=f"B {number % 2}",
            os="Linux",
            ip=IpAddress(f"10.0.{number % 8}.{number}" if number % 5 else f"2001:db8::{number:x}"),
        )
        country = Location(("GB", "CN")[number % 2], None, None, None)
        begun = NOW - timedelta(minutes=20 * (60 - number))
        made = await create_session(database, issuer, operator_authority(tenant), login, begun, location=country)
        if number % 9 == 0:
            await revoke_session(
                database, whole_tenant(tenant), made.session.session_id, "test", begun + timedelta(minutes=1)
            )


async def everything(http: httpx.AsyncClient, admin: dict[str, str], **asked: Any) -> list[Item]:
    """All items, walked by cursor; the total of each part is their number."""
    found: list[Item] = []
    cursor: dict[str, str] = {}
    while True:
        answer = await http.get(LIST, headers=admin, params={"page_size": 7} | asked | cursor)
        assert answer.status_code == 200, answer.text
        part = answer.json()
        found += part["items"]
        if "next_cursor" not in part["pagination"]:
            assert part["total"] == len(found), asked
            return found
        cursor = {"cursor": part["pagination"]["next_cursor"]}


@pytest.mark.usefixtures("crowd")
async def test_filters_find_what_a_filter_by_hand_finds(http: httpx.AsyncClient, people: People) -> None:
    admin = await people.bearer()
    every = await everything(http, admin, status="all")
    assert len(every) == 60
    half, hour = (NOW - timedelta(hours=10)).isoformat(), timedelta(hours=1)
    cases: list[tuple[dict[str, Any], Callable[[Item], bool]]] = [
        ({"user_id": "usr_3"}, lambda item: item["user_id"] == "usr_3"),
        ({"search": "usr_"}, lambda item: item["user_id"].startswith("usr_")),
        ({"search": "bot%_1"}, lambda item: item["user_id"] == "bot%_1"),
        ({"search": every[5]["id"][:30]}, lambda item: item["id"].startswith(every[5]["id"][:30])),
        ({"device_type": "mobile"}, lambda item: item["device_type"] == "mobile"),
        ({"device_id": "dev_2"}, lambda item: item["device_id"] == "dev_2"),
        ({"app_id": "app_1", "country": "CN"}, lambda item: item["app_id"] == "app_1" and item["geoip"] == "CN"),
        ({"ip": "10.0.2.0/23"}, lambda item: ip_address(item["ip"]) in ip_network("10.0.2.0/23")),
        ({"ip": "2001:db8::a"}, lambda item: item["ip"] == "2001:db8::a"),
        ({"amr": "otp"}, lambda item: "otp" in item["amr"].split(",")),
        ({"aal": 3}, lambda item: assurance_level(item["amr"].split(",")) == 3),
        ({"min_risk": 40}, lambda item: item["risk_score"] >= 40),
        ({"max_risk": 0}, lambda item: item["risk_score"] == 0),
        ({"created_from": half}, lambda item: datetime.fromisoformat(item["created_at"]) >= NOW - 10 * hour),
        ({"created_to": half}, lambda item: datetime.fromisoformat(item["created_at"]) < NOW - 10 * hour),
        ({"active_from": half, "aal": 2}, lambda item: item["last_active_at"] >= half[:19] and item["aal"] == 2),
    ]
    for asked, holds in cases:
        found = await everything(http, admin, status="all", **asked)
        assert [item["id"] for item in found] == [item["id"] for item in every if holds(item)], asked
        assert 0 < len(found) < 60, asked
    for status in ("active", "expired", "revoked"):
        found = await everything(http, admin, status=status, device_type="mobile")
        wanted = [item["id"] for item in every if item["status"] == status and item["device_type"] == "mobile"]
        assert [item["id"] for item in found] == wanted


@pytest.mark.usefixtures("crowd")
async def test_lists_are_sorted_by_creation_and_by_risk(http: httpx.AsyncClient, people: People) -> None:
    admin = await people.bearer()
    newest = await everything(http, admin, status="all")
    assert await everything(http, admin, status="all", sort="created_at") == newest[::-1]
    risky = await everything(http, admin, status="all", sort="-risk_score")
    assert [item["risk_score"] for item in risky] == sorted((item["risk_score"] for item in risky), reverse=True)
    assert {item["id"] for item in risky} == {item["id"] for item in newest if item["risk_score"]}
    assert len(risky) > 20


async def test_bad_filters_are_refused_and_cursors_are_bound_to_theirs(
    http: httpx.AsyncClient, people: People, crowd: None
) -> None:
    admin = await people.bearer()
    wrong = ({"ip": "10.0.0"}, {"country": "gb"}, {"aal": 4}, {"min_risk": 101}, {"sort": "user"}, {"ips": "::1"})
    for asked in (*wrong, {"created_from": "yesterday"}, {"active_to": "2026-01-01T00:00:00"}, {"search": ""}):
        answer = await http.get(LIST, headers=admin, params=asked)
        assert (answer.status_code, answer.json()["code"]) == (400, 30101001), asked
    first = (await http.get(LIST, headers=admin, params={"status": "all", "page_size": 1})).json()
    cursor = first["pagination"]["next_cursor"]
    other = await http.get(LIST, headers=admin, params={"status": "all", "app_id": "app_1", "cursor": cursor})
    assert other.status_code == 400


async def test_a_prefix_and_an_address_are_found_by_an_index(database: Database, tenant: str) -> None:
    await loader.load_sessions(database, tenant, 5000, NOW)
    async with database.transaction() as queries:
        for wanted, index in (
            (SessionFilter(status="all", user_id="usr_000100"), "sessions_by_user"),
            (SessionFilter(status="all", search="usr_00001"), "sessions_by_user"),
            (SessionFilter(status="all", search="sess_01ZZ"), "sessions_pkey"),
            (SessionFilter(status="all", device_id="d"), "sessions_by_device"),
            (SessionFilter(status="all", ip=Network("10.0.0.1")), "sessions_by_ip"),
        ):
            chosen = selection(of_tenant(tenant), wanted, NOW)
            text = chosen.statement("selected_count", limit="10")
            plan = await queries.composed(f"explain {text}", *chosen.arguments)
            assert any(index in row[0] for row in plan), plan
        chosen = selection(of_tenant(tenant), SessionFilter(status="all", min_risk=1), NOW)
        text = chosen.statement(
            "selected_sessions",
            sessions="sessions",
            moment="now()",
            order="risk_score desc, session_id desc",
            limit="20",
            skip="0",
        )
        plan = await queries.composed(f"explain {text}", *chosen.arguments)
        assert any("sessions_by_risk" in row[0] for row in plan), plan


def test_every_filter_has_its_part() -> None:
    parts = {name.removeprefix("filter ") for name in queries.named_parts() if name.startswith("filter ")}
    assert set(SessionFilter.__struct_fields__) - {"status"} <= parts
