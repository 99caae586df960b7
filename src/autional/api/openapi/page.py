"""The human page of the API, from the same table as the document."""

import html
from collections.abc import Iterable
from itertools import groupby
from typing import Any

from autional.access.caller import Access
from autional.api.model import Operation
from autional.api.openapi.document import statuses, summary
from autional.core import i18n
from autional.core.problems import CATALOGUE

_STYLE = """
:root{color-scheme:light dark;--line:#8884;--soft:#8881}
body{font:16px/1.55 system-ui,sans-serif;max-width:60rem;margin:3rem auto;padding:0 1.2rem}
h1{margin-bottom:.2rem}h2{margin-top:2.6rem;border-bottom:1px solid var(--line)}
details{border:1px solid var(--line);border-radius:.5rem;margin:.5rem 0}
summary{padding:.55rem .8rem;cursor:pointer}summary:hover{background:var(--soft)}
details>div{padding:.2rem 1rem 1rem}code{font-size:.92em}
.method{display:inline-block;width:4.6rem;font-weight:700}.who{float:right;opacity:.65}
table{border-collapse:collapse;width:100%}
td,th{text-align:left;padding:.25rem .6rem;border-bottom:1px solid var(--line)}
"""


def docs_page(operations: Iterable[Operation], document: dict[str, Any]) -> str:
    """All operations by their first path segment, then every problem."""
    rows = sorted(operations, key=lambda row: (_section(row), row.path))
    sections = "".join(
        f"<h2>{html.escape(section)}</h2>{''.join(_operation(row, document) for row in members)}"
        for section, members in groupby(rows, key=_section)
    )
    problems = "".join(
        f'<tr><td>{kind.status}</td><td>{kind.code}</td><td><a href="/problems/{kind.slug}">'
        f"{html.escape(i18n.text(kind.slug, 'title'))}</a></td></tr>"
        for kind in CATALOGUE.values()
    )
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>Autional API</title><style>{_STYLE}</style><h1>Autional API</h1>"
        f'<p>Version {document["info"]["version"]} · <a href="/openapi.json">OpenAPI 3.1 document</a></p>'
        f"{sections}<h2>Problems</h2><table><tr><th>Status<th>Code<th>Title</tr>{problems}</table></html>"
    )


def _section(row: Operation) -> str:
    return "/" + row.path.split("/")[1]


def _callers(access: Access) -> str:
    said = [f"bearers: {', '.join(sorted(access.bearers))}"] if access.bearers else []
    said += [f"API keys: {', '.join(sorted(access.keys))}"] if access.keys else []
    said += ["clients with an API key"] if access.clients else []
    return "; ".join(said) or "anyone"


def _operation(row: Operation, document: dict[str, Any]) -> str:
    described = document["paths"][row.path][row.method.lower()]
    who = _callers(row.access)
    parameters = "".join(
        f"<tr><td><code>{html.escape(parameter['name'])}</code><td>{parameter['in']}"
        f"<td>{'required' if parameter['required'] else 'optional'}</tr>"
        for parameter in described["parameters"]
    )
    body = described.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
    fields = document["components"]["schemas"].get(body.get("$ref", "").rpartition("/")[2], {})
    body_rows = "".join(
        f"<tr><td><code>{html.escape(name)}</code><td>body"
        f"<td>{'required' if name in fields.get('required', []) else 'optional'}</tr>"
        for name in fields.get("properties", {})
    )
    table = f"<table>{parameters}{body_rows}</table>" if parameters or body_rows else ""
    return (
        f'<details><summary><span class="method">{row.method}</span><code>{html.escape(row.path)}</code>'
        f'<span class="who">{html.escape(who.replace("_", " "))}</span></summary>'
        f"<div><p>{html.escape(summary(row))}</p>"
        f"{table}<p>Answers {row.status}, else {', '.join(map(str, statuses(row)))}</p></div></details>"
    )
