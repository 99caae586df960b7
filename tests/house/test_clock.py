"""No decision is made by a node's clock, nor by the start of a transaction."""

import ast
import re
from importlib.resources import files
from pathlib import Path

from autional.postgres.queries import named_parts, named_queries, sql_files

SOURCE = Path(str(files("autional")))
MAY_READ_ITS_NODE_CLOCK = {
    "api/dispatch.py",  # the timestamp of an answer
    "api/problem_response.py",  # the timestamp of an answer
    "core/ids.py",  # keeps new rows together in an index
}


def test_the_clock_of_a_node_is_read_in_one_place_and_for_no_decision() -> None:
    read: set[str] = set()
    for path in SOURCE.rglob("*.py"):
        name = path.relative_to(SOURCE).as_posix()
        for call in (node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)):
            said = ast.unparse(call.func)
            if said == "clock.now":
                assert name in MAY_READ_ITS_NODE_CLOCK, name
                read.add(name)
            elif re.fullmatch(r"(datetime|date|time)\.(now|utcnow|today|time|time_ns)", said):
                assert name == "core/clock.py", f"{name}: {said}"
    assert read == MAY_READ_ITS_NODE_CLOCK


def test_no_statement_takes_the_start_of_its_transaction_for_the_time() -> None:
    functions = "\n".join(text for _, text in sql_files("functions"))
    for name, text in (
        {name: query.text for name, query in named_queries().items()} | named_parts() | {"functions": functions}
    ).items():
        code = re.sub(r"--.*", "", text)
        found = re.search(r"\b(now\s*\(|current_timestamp|localtimestamp|transaction_timestamp)", code, re.IGNORECASE)
        assert found is None, name
