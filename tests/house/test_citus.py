"""Every hot statement goes to the node of its tenant by construction, also where there is no cluster to ask."""

import re

import pytest
from tests.house.test_tenants import TENANT_TABLES
from tests.nodes.test_citus import HOT

from autional.postgres import citus
from autional.postgres.queries import named_queries, sql_files


def functions() -> dict[str, str]:
    text = "\n".join(text for _, text in sql_files("functions"))
    found = re.findall(r"create or replace function (\w+)\((.*?)\$\$;", text, re.DOTALL)
    return dict(found)


@pytest.mark.parametrize("name", HOT)
def test_a_hot_statement_names_the_tenant_once_and_for_all(name: str) -> None:
    query = named_queries()[name]
    statement = re.sub(r"--.*", "", query.on_citus)
    tables = re.findall(rf"(?:from|join)\s+(?:{TENANT_TABLES}|session_rows)", statement)
    if query.is_routed:
        last = max(int(number) for number in re.findall(r"\$(\d+)", statement))
        assert len(re.findall(rf"home = \${last}::bigint", statement)) >= len(tables) > 0
        assert "call.home" not in statement
        return
    called = re.search(r"(?:from|select) (\w+)\(\$1", statement)
    assert called
    assert not tables
    body = functions()[called[1]]
    assert body.lstrip().startswith("_home bigint")
    assert "language plpgsql" in body
    assert not re.search(r"\b(immutable|stable)\b", body.partition("$$")[0])
    assert called[1] not in citus.ON_THE_COORDINATOR


def test_a_hot_statement_says_where_it_goes_for_a_split_tenant() -> None:
    queries = named_queries()
    of_batches = {query.batched_by for query in queries.values()}
    assert [name for name in HOT if queries[name].place is None and name not in of_batches] == []
