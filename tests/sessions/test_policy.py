from datetime import timedelta

import pytest

from autional.sessions.assurance import assurance_level
from autional.sessions.policy import DEFAULT_TIMEOUTS, LevelPolicy, Policy, effective_timeouts


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
        (["pwd", "mfa"], 2),
        (["hwk"], 1),
        (["hwk", "user"], 3),
        (["hwk", "pin"], 3),
    ],
)
def test_the_level_follows_from_the_methods(amr: list[str], level: int) -> None:
    assert assurance_level(amr) == level


def test_a_top_level_value_caps_every_level_and_a_level_has_its_own() -> None:
    policy = Policy(
        absolute=timedelta(hours=20),
        idle=timedelta(minutes=30),
        levels={1: LevelPolicy(timedelta(days=1)), 3: LevelPolicy(idle=timedelta(minutes=5))},
    )
    assert effective_timeouts(policy) == {
        1: (timedelta(hours=20), timedelta(minutes=30)),
        2: (timedelta(hours=20), timedelta(minutes=30)),
        3: (timedelta(hours=12), timedelta(minutes=5)),
    }


def test_no_policy_is_the_defaults() -> None:
    assert effective_timeouts(Policy()) == DEFAULT_TIMEOUTS


def test_the_defaults_are_those_of_nist_sp_800_63b_4() -> None:
    assert DEFAULT_TIMEOUTS[1] == (timedelta(days=30), None)
    assert DEFAULT_TIMEOUTS[2] == (timedelta(hours=24), timedelta(hours=1))
    assert DEFAULT_TIMEOUTS[3] == (timedelta(hours=12), timedelta(minutes=15))
