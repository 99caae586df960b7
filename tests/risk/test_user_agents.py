import asyncio
import json
import random
import time
from importlib.resources import files

import pytest

from autional.risk import user_agents

SAMPLE = 300


def test_the_device_type_of_real_user_agents_is_right() -> None:
    lines = (files("fake_useragent") / "data" / "browsers.jsonl").read_text().splitlines()
    labelled = [json.loads(line) for line in random.Random(7).sample(lines, SAMPLE)]
    right = sum(user_agents.detect(row["useragent"]).device_type == row["type"] for row in labelled)
    assert right / SAMPLE >= 0.97


@pytest.mark.parametrize(
    ("user_agent", "device_type"),
    [
        ("Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", "bot"),
        ("Mozilla/5.0 (SMART-TV; Linux; Tizen 6.0) AppleWebKit/538.1 (KHTML, like Gecko) Version/6.0 TV", "tv"),
        ("curl/8.0", "other"),
    ],
)
def test_what_is_no_browser_on_a_computer(user_agent: str, device_type: str) -> None:
    assert user_agents.detect(user_agent).device_type == device_type


async def test_a_flood_of_new_strings_gets_a_guess_and_not_the_cpu(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def slow(text: str, hints: user_agents.Hints) -> user_agents.Device:
        asked.append(text)
        time.sleep(0.05)
        return user_agents.UNKNOWN

    monkeypatch.setattr(user_agents, "detect", slow)
    flood = (user_agents.describe(f"Mozilla/5.0 (Windows NT 10.0) flood/{number}") for number in range(100))
    found = await asyncio.gather(*flood)
    assert len(asked) == 8
    assert [device.device_type for device in found].count("desktop") == 92


async def test_no_user_agent_is_an_unknown_device() -> None:
    assert await user_agents.describe(None) == user_agents.UNKNOWN
