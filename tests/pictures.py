"""The pictures of the README and docs, taken in Chromium from a demo (`make pictures`)."""

import re
import subprocess
import tempfile
import time
from pathlib import Path

import typer
from playwright.sync_api import Page, sync_playwright

from tests.console.chromium import executable
from tests.served import AUTIONAL

IMAGES = Path(__file__).parents[1] / "docs" / "images"
WIDE, PHONE = {"width": 1280, "height": 800}, {"width": 390, "height": 844}
SETTLED = 75
"""Seconds after which the demo has read its statistics and counted what they consist of."""


def main() -> None:
    """Run a demo, sign in by its link, and take a picture of each page."""
    with tempfile.TemporaryDirectory() as folder:
        command = [AUTIONAL, "demo", "--port", "0", "--data-dir", f"{folder}/demo"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as demo:
            assert demo.stdout
            link = next(found[1] for line in demo.stdout if (found := re.search(r"(http\S+/console/\S+)", line)))
            try:
                _take(link)
            finally:
                demo.terminate()


def _take(link: str) -> None:
    with sync_playwright() as playing:
        browser = playing.chromium.launch(executable_path=executable(), args=["--no-sandbox"])
        page = browser.new_page(viewport=WIDE, locale="en")  # type: ignore[arg-type]
        page.goto(link)
        page.click("button.primary")
        page.wait_for_url("**/t/demo")
        time.sleep(SETTLED)
        base = page.url
        page.reload()
        _save(page, "console-overview")
        page.goto(f"{base}/sessions")
        _save(page, "console-sessions")
        page.goto(f"{base}/sessions?sort=-risk_score")
        user = page.locator("tbody a[href*='user_id=']").first.get_attribute("href")
        page.locator("a[data-panel]").first.click()
        page.wait_for_selector("dialog[open]")
        _save(page, "console-session")
        page.goto(f"{base}/user?{str(user).rpartition('?')[2]}")
        _save(page, "console-user")
        page.goto(f"{base}/sessions/revoke?app_id=backoffice")
        page.click("main button.primary")
        page.wait_for_selector("#confirmation")
        _save(page, "console-revoke")
        page.set_viewport_size(PHONE)  # type: ignore[arg-type]
        page.emulate_media(color_scheme="dark")
        page.goto(base)
        _save(page, "console-phone")
        browser.close()


def _save(page: Page, name: str) -> None:
    page.wait_for_timeout(1000)
    page.screenshot(path=IMAGES / f"{name}.png")
    typer.echo(f"docs/images/{name}.png")


if __name__ == "__main__":
    main()
