"""The pages of docs/ that are generated from the source; `make docs` writes them."""

from pathlib import Path

import typer.main
from typer.cli import get_docs_for_click

from autional.access.caller import Access
from autional.api.model import Operation
from autional.api.operations import OPERATIONS
from autional.cli import app
from autional.core import configuration, i18n
from autional.core.authority import ROLES
from autional.core.problems import CATALOGUE

DOCS = Path(__file__).parents[1] / "docs"


def commands() -> str:
    group = typer.main.get_group(app())
    group.commands = {name: command for name, command in group.commands.items() if not command.hidden}
    text = get_docs_for_click(obj=group, ctx=typer.Context(group, info_name="autional"), name="autional")
    return text.replace("# `autional`", "# Command line", 1).rstrip() + "\n"


def problems() -> str:
    rows = [
        f"| {kind.code} | {kind.status} | `{kind.slug}` | {text['title']} | {text['detail']} | {text['remedy']} |"
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
        [
            *head,
            "| code | status | slug | title | detail | what to do |",
            "| --- | --- | --- | --- | --- | --- |",
            *rows,
            "",
        ]
    )


def summary(row: Operation) -> str:
    return (row.function.__doc__ or "").strip().partition("\n")[0].rstrip(".")


def callers(access: Access) -> str:
    """The roles of bearers and of API keys that may call, lowest first."""
    bearers = [role for role in ROLES if role in access.bearers]
    keys = [role for role in ("service", *ROLES) if role in access.keys]
    said = [f"bearers: {', '.join(bearers)}"] if bearers else []
    said += [f"API keys: {', '.join(keys)}"] if keys else []
    said += ["clients with any API key"] if access.clients else []
    return "; ".join(said) or "everybody"


def operations() -> str:
    rows = [
        f"| `{row.method} {row.path}` | `{row.id}` | {summary(row)} | {callers(row.access)} |"
        for row in sorted(OPERATIONS, key=lambda row: (row.tag, row.path))
    ]
    head = [
        "# Operations",
        "",
        "Every operation of the API. `/docs` of a running service has parameters, schemas and examples.",
        "",
    ]
    return "\n".join(
        [*head, "| operation | id | what it does | who may call |", "| --- | --- | --- | --- |", *rows, ""]
    )


PAGES = {
    "commands.md": commands,
    "operations.md": operations,
    "problems.md": problems,
    "settings.md": configuration.settings_table,
}

if __name__ == "__main__":
    for name, page in PAGES.items():
        (DOCS / name).write_text(page())
