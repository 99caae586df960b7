"""What monitoring sees: metrics of all workers at an address of their own; rules and dashboards that fit them."""

import json
import re
import shutil
import subprocess
import time
from pathlib import Path

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families
from tests.served import AUTIONAL, Served, free_port, run

DEPLOY = Path(__file__).parents[2] / "deploy"
RULES = DEPLOY / "prometheus" / "alerts.yml"
DASHBOARDS = sorted((DEPLOY / "grafana").glob("*.json"))


def names_of(text: str) -> set[str]:
    """Every name under which the metrics of an answer can be asked for."""
    return {sample.name for family in text_string_to_metric_families(text) for sample in family.samples} | {
        family.name for family in text_string_to_metric_families(text)
    }


def asked_for(expression: str) -> set[str]:
    return set(re.findall(r"autional_\w+", expression))


@pytest.fixture(scope="module")
def metrics(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The metrics of a node with two workers that answered some requests."""
    data_dir = tmp_path_factory.mktemp("monitored")
    data_dir.chmod(0o700)
    address = f"127.0.0.1:{free_port()}"
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("AUTIONAL_METRICS_ADDRESS", address)
        with Served.with_tenant(data_dir, "--workers", "2") as service:
            key = service.autional("apikey", "create", "--name", "backend", "--tenant", "acme")
            for _ in range(20):  # each on a connection of its own: any worker may take it
                made = httpx.post(
                    f"{service.address}/internal/session/create",
                    headers={"X-API-Key": key.split()[-1]},
                    json={"auth_user_id": "usr_1"},
                )
                assert made.status_code == 201, made.text
            give_up = time.monotonic() + 20
            while True:
                text = httpx.get(f"http://{address}/metrics", timeout=10).text
                if created(text) == 20 or time.monotonic() > give_up:
                    break
                time.sleep(0.2)
            assert httpx.get(f"http://{address}/readyz").status_code == 200
            seen = json.loads(run(AUTIONAL, "doctor", "--url", service.address, "--json"))
            assert [(one["check"], one["result"]) for one in seen] == [
                (check, "ok") for check in ("reachable", "encryption", "ready", "tasks", "signing keys")
            ]
            assert httpx.get(f"http://{address}/admin/sessions/stats").status_code == 404
            assert httpx.get(f"{service.address}/metrics").status_code == 401
    return text


def created(text: str) -> float:
    """How many sessions the metrics say were created, by all workers."""
    return sum(
        sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.name == "autional_request_seconds_count"
        and (sample.labels["route"], sample.labels["status"]) == ("/internal/session/create", "201")
    )


def test_the_metrics_of_a_node_are_those_of_all_its_workers(metrics: str) -> None:
    assert created(metrics) == 20
    assert 'autional_sessions{device="other",status="active",tenant="acme"} 20.0' in metrics


def test_the_rules_ask_for_metrics_that_there_are(metrics: str) -> None:
    prometheus_accepts(RULES)
    assert asked_for(RULES.read_text()) - {"autional_"} <= names_of(metrics)


def prometheus_accepts(rules: Path) -> None:
    """Where Prometheus is installed, it has the word."""
    if (promtool := shutil.which("promtool")) is not None:
        done = subprocess.run([promtool, "check", "rules", rules], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("path", DASHBOARDS, ids=lambda path: path.stem)
def test_a_dashboard_asks_for_metrics_that_there_are(metrics: str, path: Path, tmp_path: Path) -> None:
    dashboard = json.loads(path.read_text())
    expressions = [target["expr"] for panel in dashboard["panels"] for target in panel.get("targets", ())]
    assert len(expressions) >= len(dashboard["panels"]) - 1 > 4
    assert set().union(*map(asked_for, expressions)) <= names_of(metrics)
    places = [tuple(panel["gridPos"].values()) for panel in dashboard["panels"]]
    assert len(set(places)) == len(places)
    rules = [{"record": f"dashboard:{number}", "expr": one} for number, one in enumerate(expressions)]
    (tmp_path / "rules.yml").write_text(json.dumps({"groups": [{"name": "dashboard", "rules": rules}]}))
    prometheus_accepts(tmp_path / "rules.yml")
