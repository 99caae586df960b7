"""Scenarios: what a security team would say to a login, and what the score says."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autional.risk import scoring
from autional.risk.scoring import DEFAULT_WEIGHTS, FACTS, Fact, History, Location

NOW = datetime(2026, 4, 15, 10, 0, tzinfo=UTC)
BEIJING = Location("CN", "Beijing", 39.9, 116.4)
LONDON = Location("GB", "London", 51.5, -0.1)
AT_HOME = History(
    sessions=20,
    device_known=True,
    country_known=True,
    countries=20,
    network_known=True,
    networks=20,
    active_sessions=1,
    revoked_lately=0,
    token_reused=False,
    hours=[8, 9, 10, 11] * 5,
    last_latitude=51.5,
    last_longitude=-0.1,
    last_placed_at=NOW - timedelta(hours=12),
)
NEVER_SEEN = History(0, False, False, 0, False, 0, 0, 0, False, [], None, None, None)


def facts(
    history: History, location: Location = LONDON, device_type: str = "desktop", now: datetime = NOW
) -> dict[Fact, float]:
    return scoring.login_facts(history, location, device_type, now)


def test_the_usual_login_has_nothing_to_say() -> None:
    assert facts(AT_HOME) == {}
    assert scoring.assess({}, {}) == scoring.Assessment(0, "low", "allow", [], {})


def test_nothing_is_new_to_a_first_login() -> None:
    assert facts(NEVER_SEEN, BEIJING) == {}


def test_a_new_laptop_at_home_is_low() -> None:
    found = facts(AT_HOME._replace(device_known=False))
    assert found == {"new_device": 1.0}
    assert scoring.assess(found, {}).action == "allow"


def test_a_new_phone_on_holiday_asks_for_more() -> None:
    away = AT_HOME._replace(device_known=False, country_known=False, network_known=False)
    found = facts(away, BEIJING)
    assert found.keys() == {"new_device", "unusual_location", "new_network"}
    assert scoring.assess(found, {}).action == "step_up"


@pytest.mark.parametrize(("hours", "impossible"), [(0, True), (7, True), (9, False), (24, False)])
def test_london_to_beijing_takes_more_than_eight_hours(hours: int, impossible: bool) -> None:
    history = AT_HOME._replace(last_placed_at=NOW - timedelta(hours=hours))
    assert ("impossible_travel" in facts(history, BEIJING)) is impossible


def test_travelling_too_fast_on_an_unknown_device_ends_the_session() -> None:
    history = AT_HOME._replace(device_known=False, country_known=False, last_placed_at=NOW - timedelta(hours=1))
    assessment = scoring.assess(facts(history, BEIJING), {})
    assert (assessment.score, assessment.level, assessment.action) == (95, "high", "revoke")
    assert [factor.fact for factor in assessment.factors] == ["new_device", "unusual_location", "impossible_travel"]


def test_a_night_login_is_unusual_only_for_who_has_habits() -> None:
    night = NOW.replace(hour=3)
    assert "unusual_hour" in facts(AT_HOME, now=night)
    assert "unusual_hour" not in facts(AT_HOME._replace(hours=[10] * 9), now=night)
    assert "unusual_hour" not in facts(AT_HOME._replace(hours=[1] * 10), now=NOW.replace(hour=23))


def test_counts_weigh_by_how_much_there_is() -> None:
    assert facts(AT_HOME._replace(revoked_lately=2))["many_revocations"] == 0.4
    assert facts(AT_HOME._replace(revoked_lately=50))["many_revocations"] == 1.0
    assert "concurrency" not in facts(AT_HOME._replace(active_sessions=5))
    assert facts(AT_HOME._replace(active_sessions=10))["concurrency"] == 0.5


def test_bots_and_reused_tokens_count() -> None:
    assert facts(AT_HOME._replace(token_reused=True), device_type="bot").keys() == {"token_reuse", "bot_user_agent"}
    assert scoring.assess({"token_reuse": 1.0}, {}).action == "revoke"


def test_a_tenant_weighs_by_its_own_measure() -> None:
    assert scoring.assess({"new_device": 1.0}, {"new_device": 80}).action == "revoke"
    assert scoring.assess({"new_device": 1.0}, {"new_device": 0}).factors == []


@given(
    st.dictionaries(st.sampled_from(FACTS), st.floats(0.01, 1)),
    st.dictionaries(st.sampled_from(FACTS), st.integers(0, 100)),
)
def test_a_score_is_the_sum_of_its_factors_up_to_a_hundred(found: dict[Fact, float], weights: dict[Fact, int]) -> None:
    assessment = scoring.assess(found, weights)
    assert assessment.score == min(100, sum(factor.score for factor in assessment.factors))
    assert all(0 < factor.score <= factor.weight for factor in assessment.factors)
    assert all(factor.weight == weights.get(factor.fact, DEFAULT_WEIGHTS[factor.fact]) for factor in assessment.factors)


def test_distances_are_those_of_the_globe() -> None:
    assert scoring.distance(51.5, -0.1, 39.9, 116.4) == pytest.approx(8140, rel=0.01)
    assert scoring.distance(0, 179.9, 0, -179.9) == pytest.approx(22, rel=0.02)
    assert scoring.distance(1, 2, 1, 2) == 0
