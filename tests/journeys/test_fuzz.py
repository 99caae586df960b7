"""Schemathesis over the OpenAPI document of a served tenant: no 5xx, no answer outside its schema."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.served import BIN, Served, run

EXAMPLES = os.environ.get("FUZZ_EXAMPLES", "2")
PHASES = os.environ.get("FUZZ_PHASES", "examples,fuzzing,stateful")
# A span of time that ends before it begins, a session that a policy ended at once: right answers that no schema says.
EXCLUDED = "positive_data_acceptance,ensure_resource_availability,use_after_free"


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    with Served.with_tenant(tmp_path / "data") as service:
        yield service


def test_no_input_leads_to_a_5xx_or_outside_the_document(served: Served) -> None:
    key = served.autional("apikey", "create", "--name", "fuzz", "--all-tenants", "--role", "platform_admin")
    environment = {
        "FUZZ_KEY": key,
        "FUZZ_ADDRESS": served.address,
        "SCHEMATHESIS_HOOKS": "tests.journeys.schemathesis_hooks",
    }
    said = run(
        str(BIN / "schemathesis"),
        "--config-file",
        str(Path(__file__).with_name("schemathesis.toml")),
        "run",
        f"{served.address}/openapi.json",
        *("--phases", PHASES, "--max-examples", EXAMPLES, "--exclude-checks", EXCLUDED, "--no-color"),
        timeout=3000,
        environment=environment,
    )
    assert "WARNINGS" not in said or "coverage" not in PHASES, said  # a few examples may all miss what there is
    served.autional("stats", "verify")
