import pytest

from autional.risk import user_agents
from autional.risk.user_agent_process import WARM_UP


@pytest.fixture(scope="session", autouse=True)
def _rules_are_loaded() -> None:
    """The rules of user agents take seconds to load, on a thread of whoever asks first."""
    for text, _ in WARM_UP:
        user_agents.detect(text)
