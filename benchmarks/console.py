"""The pages of the console over many sessions, in Chromium (`make bench-console`)."""

import asyncio
import os
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

from playwright.async_api import Page, async_playwright
from tests.console.chromium import executable
from tests.served import Served

from benchmarks.report import write_section

SESSIONS = int(os.environ.get("CONSOLE_SESSIONS", "1000000"))
ROUNDS = 5
GOAL_FIRST_BYTE, GOAL_INTERACTIVE, GOAL_BYTES = 150, 1000, 150_000
PAGES = {
    "overview": "",
    "sessions, active": "/sessions",
    "sessions by user": "/sessions?sort=user_id",
    "sessions by risk": "/sessions?sort=-risk_score",
    "sessions by expiry": "/sessions?sort=expires_at",
    "sessions, ended": "/sessions?status=ended&sort=-ended_at",
    "sessions, all": "/sessions?status=all",
    "sessions of an app": "/sessions?app_id=web",
    "sessions of a country": "/sessions?country=GB",
    "sessions by a filter that matches nothing": "/sessions?app_id=nothing",
    "users": "/users",
    "one user": "/user?user_id=usr_001000",
    "the user with the most sessions": "/user?user_id=usr_000000",
    "tokens": "/tokens",
    "blacklist": "/blacklist",
    "trusted devices": "/devices?user_id=usr_001000",
    "policies": "/policies",
    "audit log": "/audit",
    "jobs": "/jobs",
    "tenants": "/tenants",
    "API keys": "/api-keys",
    "signing keys": "/signing-keys",
}
_TIMES = """() => {
  const [page] = performance.getEntriesByType("navigation");
  return [page.responseStart - page.requestStart, page.domContentLoadedEventEnd - page.startTime];
}"""


async def main() -> None:
    """Load a tenant, sign in, and look at every page several times."""
    with tempfile.TemporaryDirectory() as folder:
        served = Served(Path(folder) / "data")
        served.autional("tenant", "create", "big", "--name", "Big")
        served.autional("load", "--tenant", "big", "--sessions", str(SESSIONS), timeout=3600)
        served.start()
        try:
            lines = await _measured(served)
        finally:
            served.stop()
    written = (
        f"`make bench-console`, {datetime.now(UTC):%Y-%m-%d}: {SESSIONS:,} sessions of one tenant, Chromium, 2 cores."
    )
    write_section("console", ["", written, "", *lines, ""])


async def _measured(served: Served) -> list[str]:
    options = ("--tenant", "big", "--user", "boss", "--role", "platform_admin", "--address", served.address)
    link = served.autional("console", "login", *options)
    async with async_playwright() as playing:
        browser = await playing.chromium.launch(executable_path=executable(), args=["--no-sandbox"])
        page = await browser.new_page()
        sizes: list[int] = []
        page.on("response", lambda answer: sizes.append(int(answer.headers.get("content-length", 0))))
        await page.goto(link)
        await page.click("button.primary")
        await page.wait_for_url("**/t/big")
        first = sum(sizes)
        rows = [await _row(page, name, f"{served.address}/console/t/big{path}") for name, path in PAGES.items()]
        await browser.close()
    return [
        f"Signing in and the first page weigh {first / 1000:.0f} kB, all told (goal: {GOAL_BYTES / 1000:.0f} kB).",
        "",
        f"| page | first byte, ms (goal: {GOAL_FIRST_BYTE}) | interactive, ms (goal: {GOAL_INTERACTIVE}) |",
        "| --- | --- | --- |",
        *rows,
    ]


async def _row(page: Page, name: str, address: str) -> str:
    times: list[list[float]] = []
    for _ in range(ROUNDS):
        await page.goto(address)
        times.append(await page.evaluate(_TIMES))
    first_byte, interactive = (median(one[part] for one in times) for part in (0, 1))
    return f"| {name} | {first_byte:.0f} | {interactive:.0f} |"


if __name__ == "__main__":
    asyncio.run(main())
