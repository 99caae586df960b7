import ast
from importlib.resources import files
from operator import itemgetter
from pathlib import Path
from typing import Any

import msgspec
import pytest
from cachetools import FIFOCache
from tests.tokens.test_signing_keys import CLAIMS

from autional.risk import user_agents
from autional.risk.device import UNKNOWN
from autional.tokens.jwt import Issuer

SOURCE = Path(str(files("autional")))
# What is not bounded in bytes: over what the source itself contains, or over a fixed number of short texts.
FIXED = {
    "postgres/queries.py: named_queries",
    "postgres/queries.py: _functions_of_tenants",
    "postgres/queries.py: named_parts",
    "api/openapi/examples.py: fields",
    "api/openapi/routes.py: _content",
    "api/openapi/routes.py: _document",
    "console/openid.py: _client",
    "console/rendering.py: texts",
    "console/rendering.py: assets",
    "console/rendering.py: asset_version",
    "console/rendering.py: environment",
    "tokens/status_lists.py: _rounds",
    "core/i18n.py: texts",
    "core/i18n.py: _negotiated",
    "postgres/migrations.py: step_names",
    "demo/sample_data.py: _addresses",
    "demo/sample_data.py: _user_agents",
    "demo/loader.py: _score",
}


def test_the_cache_of_user_agents_holds_no_more_than_its_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    small: FIFOCache[Any, tuple[Any, int]] = FIFOCache(50_000, itemgetter(1))
    monkeypatch.setattr(user_agents, "_known", small)
    monkeypatch.setattr(user_agents, "parsed", lambda *_: UNKNOWN)
    for number in range(200):
        user_agents.detect(f"{number}" + "x" * 1000)
    assert 40_000 < small.currsize <= 50_000
    assert len(small) < 50


def test_the_cache_of_verified_tokens_holds_no_more_than_its_bytes(
    issuer: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    small: FIFOCache[Any, tuple[Any, int]] = FIFOCache(20_000, itemgetter(1))
    monkeypatch.setattr(issuer.ring, "_verified", small)
    for number in range(30):
        issuer.ring.verify(issuer.ring.sign(msgspec.structs.replace(CLAIMS, jti=f"tok_{number}")))
    assert 15_000 < small.currsize <= 20_000


def test_every_function_that_remembers_its_answers_is_known() -> None:
    found = {
        f"{path.relative_to(SOURCE).as_posix()}: {function.name}"
        for path in SOURCE.rglob("*.py")
        for function in ast.walk(ast.parse(path.read_text()))
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        for decorator in function.decorator_list
        if "cache" in ast.unparse(decorator)
    }
    assert found == FIXED
