"""The pages of docs/ that are generated from the source; `make docs` writes them."""

from pathlib import Path

import typer.main
from typer.cli import get_docs_for_click

from autional.api.operations import OPERATIONS
from autional.cli import app
from autional.core import i18n, settings
from autional.core.problems import CATALOGUE

DOCS = Path(__file__).parents[1] / "docs"


def commands() -> str:
    group = typer.main.get_command(app)
    text = get_docs_for_click(obj=group, ctx=typer.Context(group, info_name="autional"), name="autional")
    return text.replace("# `autional`", "# Command line", 1).rstrip() + "\n"


def problems() -> str:
    rows = [
        f"| {kind.code} | {kind.status} | {text['title']} | {text['detail']} | {text['remedy']} |"
        for kind in sorted(CATALOGUE.values(), key=lambda kind: kind.code)
        for text in [i18n.texts()[kind.slug]]
    ]
    head = [
        "# Problems",
        "",
        "Every answer other than success. `type` opens the page of a problem at `/problems/…`.",
        "",
    ]
    return "\n".join(
        [*head, "| code | status | title | detail | what to do |", "| --- | --- | --- | --- | --- |", *rows, ""]
    )


def operations() -> str:
    rows = [
        f"| `{row.method} {row.path}` | `{row.id}` | {(row.function.__doc__ or '').strip().partition(chr(10))[0]} |"
        for row in sorted(OPERATIONS, key=lambda row: (row.tag, row.path))
    ]
    head = [
        "# Operations",
        "",
        "Every operation of the API. `/docs` of a running service has parameters, schemas and examples.",
        "",
    ]
    return "\n".join([*head, "| operation | id | what it does |", "| --- | --- | --- |", *rows, ""])


PAGES = {
    "commands.md": commands,
    "operations.md": operations,
    "problems.md": problems,
    "settings.md": settings.settings_table,
}

if __name__ == "__main__":
    for name, page in PAGES.items():
        (DOCS / name).write_text(page())
