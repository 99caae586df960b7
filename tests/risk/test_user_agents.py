import asyncio
import json
import os
import random
import signal
import time
from importlib.resources import files
from pathlib import Path

import pytest

from autional.core.formats import UserAgent
from autional.risk import user_agent_process, user_agents
from autional.risk.device import UNKNOWN, Device, Hints

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

    def slow(text: str, hints: Hints) -> Device:
        asked.append(text)
        time.sleep(0.05)
        return UNKNOWN

    monkeypatch.setattr(user_agents, "parsed", slow)
    flood = (user_agents.describe(f"Mozilla/5.0 (Windows NT 10.0) flood/{number}") for number in range(100))
    found = await asyncio.gather(*flood)
    assert len(asked) == 8
    assert [device.device_type for device in found].count("desktop") == 92


async def test_no_user_agent_is_an_unknown_device() -> None:
    assert await user_agents.describe(None) == UNKNOWN


async def test_the_process_parses_starts_again_when_it_is_killed_and_a_guess_stands_in_for_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(user_agents, "_PATIENCE", 30)  # what is parsed late would be a guess
    chrome = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/126.0.0.0 Safari/537.36"
    async with user_agent_process.running() as path, user_agents.parsed_by(path):

        async def closely(text: str) -> Device:
            async with asyncio.timeout(30):
                while (found := await user_agents.describe(text)).is_guess:
                    await asyncio.sleep(0.05)
            return found

        assert (await user_agents.describe(f"{chrome} before-it-listens")).is_guess
        expected = Device("desktop", "Chrome 126", "Windows 10")
        assert await closely(f"{chrome} first") == expected
        [child] = [pid for pid in children(os.getpid()) if path in Path(f"/proc/{pid}/cmdline").read_text()]
        os.kill(child, signal.SIGKILL)
        assert await closely(f"{chrome} second") == expected
        strings = [f"{chrome} {number}" for number in range(8)]
        assert await asyncio.gather(*map(user_agents.describe, strings)) == [expected] * 8
        frozen = "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.0.0 Mobile"
        hints = {"Sec-CH-UA-Platform": UserAgent('"Android"'), "Sec-CH-UA-Model": UserAgent('"Pixel 8"')}
        hinted, bot = await asyncio.gather(
            user_agents.describe(frozen, hints),
            user_agents.describe("Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"),
        )
        assert (hinted.device_type, hinted.model, bot.device_type) == ("mobile", "Pixel 8", "bot")
        found = await asyncio.gather(*(user_agents.describe(f"{chrome} flood/{number}") for number in range(100)))
        assert sum(device == expected for device in found) == 8
    assert not Path(path).exists()


def children(pid: int) -> list[int]:
    return [int(one) for task in Path(f"/proc/{pid}/task").iterdir() for one in (task / "children").read_text().split()]
