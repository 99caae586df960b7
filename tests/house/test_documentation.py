import re
from pathlib import Path

import pytest
from tests.documentation import DOCS, PAGES

ROOT = DOCS.parent
WRITTEN = [path for path in (*ROOT.glob("*.md"), *DOCS.rglob("*.md")) if path.name not in PAGES]


@pytest.mark.parametrize("name", PAGES)
def test_a_generated_page_is_that_of_this_source(name: str) -> None:
    assert (DOCS / name).read_text() == PAGES[name](), "make docs"


@pytest.mark.parametrize("path", WRITTEN, ids=lambda path: path.name)
def test_what_a_page_names_exists(path: Path) -> None:
    text = path.read_text()
    for target in re.findall(r"\]\((?!http)([^)#]+)", text):
        assert (path.parent / target).exists(), target
    for name in re.findall(r"`((?:tests|src|docs)/[\w./-]+)`", text):
        assert (ROOT / name).exists(), name
    for name in re.findall(
        r"`((?:core|postgres|risk|tenancy|audit|tokens|sessions|access|runtime|demo|api|cli)/[\w./]+)`", text
    ):
        assert (ROOT / "src/autional" / name).exists(), name


def test_every_page_is_reached_from_the_readme() -> None:
    text = (ROOT / "README.md").read_text()
    for path in DOCS.glob("*.md"):
        assert f"docs/{path.name}" in text, path.name
