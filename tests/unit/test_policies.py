from datetime import UTC, datetime, timedelta

import pytest

from autional import policies
from autional.policies import Limits

NOW = datetime(2026, 4, 15, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("amr", "level"),
    [
        ([], 1),
        (["password"], 1),
        (["pwd", "pin"], 1),
        (["otp", "sms"], 1),
        (["password", "totp"], 2),
        (["Password", "TOTP"], 2),
        (["fpt", "swk"], 2),
        (["password", "anything"], 1),
        (["hwk"], 1),
        (["hwk", "user"], 3),
        (["hwk", "pin"], 3),
    ],
)
def test_the_level_follows_from_the_methods(amr: list[str], level: int) -> None:
    assert policies.assurance_level(amr) == level


def test_the_idle_deadline_is_never_past_the_absolute_one() -> None:
    limits = Limits(absolute=timedelta(minutes=10), idle=timedelta(hours=1))
    assert policies.deadlines(limits, NOW) == (NOW + timedelta(minutes=10), NOW + timedelta(minutes=10))


def test_the_defaults_are_those_of_nist_sp_800_63b_4() -> None:
    assert policies.DEFAULTS[1] == (timedelta(days=30), None)
    assert policies.DEFAULTS[2] == (timedelta(hours=24), timedelta(hours=1))
    assert policies.DEFAULTS[3] == (timedelta(hours=12), timedelta(minutes=15))
