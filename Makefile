.DEFAULT_GOAL := help
.PHONY: help package site demo setup check fix test docs pictures bench bench-growth bench-split bench-client bench-events bench-console bench-peers profile fuzz soak release-dump lock clean

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
RELEASE := $(VENV)/release/bin
DATA_DIR ?= .autional

help: ## List the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 16

demo: $(VENV)/installed ## Install, fill a demo tenant, serve; Ctrl-C stops
	@$(BIN)/autional demo --data-dir $(DATA_DIR)/demo

setup: $(VENV)/installed-dev ## Install what a developer needs into .venv

check: $(VENV)/installed-dev ## Format, lint, strict types, import rules
	$(BIN)/ruff format --check src tests benchmarks clients
	$(BIN)/ruff check src tests benchmarks clients
	$(BIN)/mypy
	$(BIN)/lint-imports

fix: $(VENV)/installed-dev ## Format, and fix what ruff can fix
	$(BIN)/ruff format src tests benchmarks clients
	$(BIN)/ruff check --fix src tests benchmarks clients

test: $(VENV)/installed-dev ## Run every test on a real PostgreSQL
	@printf '%s\n' "$(TESTS_ONE)" "$(TESTS_TWO)" "$(TESTS_REST)" | xargs -P 3 -I {} sh -c '$(BIN)/pytest -q {}'
# Three parts at once, each with a PostgreSQL of its own.
TESTS_ONE := tests/matrix/ tests/events/ tests/clients/ tests/crashes/
TESTS_TWO := tests/journeys/ tests/console/ tests/nodes/
TESTS_REST = $(filter-out $(TESTS_ONE) $(TESTS_TWO) tests/__pycache__/,$(wildcard tests/*/))

docs: $(VENV)/installed-dev ## Write the pages of docs/ and the parts of the client that come from the source
	$(BIN)/python -m tests.documentation
	$(BIN)/python -m tests.client_source

pictures: $(VENV)/installed-dev ## Take the pictures of the README and docs from a demo (needs Chromium)
	$(BIN)/python -m tests.pictures

bench: $(VENV)/installed-dev ## Measure (needs wrk); docs/benchmarks.md has the latest figures
	$(BIN)/python -m benchmarks

bench-growth: $(VENV)/installed-dev ## Measure what grows with sessions and tenants; GROWTH_SIZES=10000,1000000,10000000
	$(BIN)/python -m benchmarks.growth

bench-split: $(VENV)/installed-dev ## Measure one very large tenant, split; SPLIT_DATABASE_URL names a database to be filled
	$(BIN)/python -m benchmarks.split

bench-client: $(VENV)/installed-dev ## Measure the verifier of the Python client, with a million revocations
	$(BIN)/python -m benchmarks.verifier

bench-events: $(VENV)/installed-dev ## Measure how soon everybody hears of a revocation, with a thousand listeners
	$(BIN)/python -m benchmarks.events

bench-console: $(VENV)/installed-dev ## Measure the pages of the console in Chromium; CONSOLE_SESSIONS=1000000
	$(BIN)/python -m benchmarks.console

bench-peers: $(VENV)/installed-dev ## Measure in turn with Keycloak (needs java, mvn) and Ory Hydra (needs go), fetched now
	$(BIN)/python -m benchmarks.peers

scaling: $(VENV)/installed-dev ## Reckon what 10, 100 and 1,000 million daily users need; docs/scaling.md
	$(BIN)/python -m benchmarks.scaling

profile: $(VENV)/installed-dev ## Profile each hot operation by function (needs wrk); docs/profiles.md has the latest
	$(BIN)/python -m benchmarks.profile

fuzz: $(VENV)/installed-dev ## Send many more requests by the OpenAPI document, within an hour
	FUZZ_EXAMPLES=300 FUZZ_PHASES=examples,coverage,fuzzing,stateful timeout 3600 $(BIN)/pytest tests/journeys/test_fuzz.py

soak: $(VENV)/installed-dev ## Run many more kills, random steps and pairs of writes, within an hour
	NODE_ROUNDS=60 OVERLOAD_SECONDS=10 FLOOD_SECONDS=10 RESUMPTIONS=1000 BULK=2000 BACKLOG=20000 HOSTILE_EVERYTHING=1 ERASED_MENTIONS=1000000 CUTS=1000 PROBE_ROUNDS=75 PAIR_ROUNDS=50 KILLS=50 RACED_TOKENS=3000 RANDOM_OPERATIONS=100000 STATE_MACHINE_EXAMPLES=3000 timeout 3600 $(BIN)/pytest tests/crashes tests/nodes tests/clients tests/events tests/sessions/test_state_machine.py tests/sessions/test_statistics.py tests/races tests/matrix tests/console tests/runtime tests/api/users/test_erasure.py

failover: $(VENV)/installed-dev $(VENV)/installed-failover ## Kill, stop and cut off the primary of a Patroni pair under load (root, etcd); docs/nodes.md has the figures
	PATRONI=$(VENV)/failover/bin/patroni FAILOVERS=$(or $(FAILOVERS),20) timeout 3600 $(BIN)/pytest -q -s tests/nodes/test_failover.py

package: $(VENV)/installed-release ## Build wheel and sdist twice, compare their hashes; SBOM, licences and known flaws: all in dist/
	@rm -rf dist && mkdir dist
	@for one in first second; do SOURCE_DATE_EPOCH=$$(git log -1 --format=%ct) $(RELEASE)/python -m build --no-isolation --outdir dist/$$one . > dist/$$one.log 2>&1 || { cat dist/$$one.log; exit 1; }; done
	@cd dist/first && sha256sum * > ../SHA256SUMS && cd ../second && sha256sum --check --quiet ../SHA256SUMS && echo "two builds, the same hashes:" && cat ../SHA256SUMS
	@mv dist/first/* dist/ && rm -r dist/first dist/second dist/first.log dist/second.log
	@$(RELEASE)/cyclonedx-py requirements --pyproject pyproject.toml --output-reproducible --of JSON -o dist/autional.cdx.json requirements.txt
	@$(RELEASE)/pip-licenses --python $(BIN)/python --format=markdown --order=license --packages $$($(RELEASE)/python -c 'import re; print(*re.findall(r"^([A-Za-z0-9_.-]+)==", open("requirements.txt").read(), re.M))') > dist/LICENSES.md
	@$(RELEASE)/pip-audit --require-hashes --disable-pip --requirement requirements.txt --format=markdown > dist/AUDIT.md || cat dist/AUDIT.md
	@ls -l dist

site: $(VENV)/installed-release ## Build the documentation as pages in site/, without the network
	@$(RELEASE)/zensical build

release-dump: $(VENV)/installed-dev ## Write the dump of a filled database of this release to tests/data, once a release
	$(BIN)/pytest -q tests/postgres/release_dump.py

lock: ## Update the lock files from pyproject.toml (needs uv)
	uv pip compile pyproject.toml --group build --group dev $(LOCK) -o requirements-dev.txt
	uv pip compile pyproject.toml --group build -c requirements-dev.txt $(LOCK) -o requirements.txt
	uv pip compile pyproject.toml --group release $(LOCK) -o requirements-release.txt
	uv pip compile --group failover $(LOCK) -o requirements-failover.txt
LOCK := --upgrade --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header

clean: ## Remove the virtual environment and caches; data stays
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "autional needs Python 3.11 or newer")'
	@echo "creating the virtual environment in $(VENV)"
	@$(PYTHON) -m venv $(VENV)

$(VENV)/installed: requirements.txt pyproject.toml | $(VENV)/bin/python
	@echo "installing what runs the service"
	@$(PIP) install --quiet --progress-bar on --require-hashes -r requirements.txt
	@$(PIP) install --quiet --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/installed-dev: requirements-dev.txt pyproject.toml clients/python/pyproject.toml | $(VENV)/bin/python
	@echo "installing what runs and tests the service"
	@$(PIP) install --quiet --progress-bar on --require-hashes -r requirements-dev.txt
	@$(PIP) install --quiet --no-deps --no-build-isolation -e . -e clients/python
	@touch $@ $(VENV)/installed

$(VENV)/installed-release: requirements-release.txt $(VENV)/installed
	@echo "installing what builds a release"
	@$(PYTHON) -m venv $(VENV)/release
	@$(RELEASE)/python -m pip --disable-pip-version-check install --quiet --progress-bar on --require-hashes -r requirements-release.txt
	@touch $@

$(VENV)/installed-failover: requirements-failover.txt | $(VENV)/bin/python
	@echo "installing Patroni"
	@$(PYTHON) -m venv $(VENV)/failover
	@$(VENV)/failover/bin/python -m pip --disable-pip-version-check install --quiet --progress-bar on --require-hashes -r requirements-failover.txt
	@touch $@
