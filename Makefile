# The two commands of a newcomer are `make run` and `make test`; everything else is what CI calls.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.ready

.PHONY: setup run sandbox test servers lint types rooms bench oracle clean

setup: $(STAMP)

$(STAMP): requirements.lock pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

run: setup
	@$(BIN)/eventyard run examples/quickstart

# The services of docker-compose.yml; where no container engine answers, the same servers as processes of this machine.
sandbox: setup
	@if docker compose version >/dev/null 2>&1 && docker info >/dev/null 2>&1; then docker compose up --build; \
	else $(BIN)/python -m tests.servers nats kafka mosquitto moto && $(BIN)/python -m tests.servers.sandbox; fi

test: setup
	$(BIN)/python -m pytest

# Real servers that tests use, installed into $EVENTYARD_SERVERS (default ~/.cache/eventyard-servers) if they are missing.
servers: setup
	@$(BIN)/python -m tests.servers

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: setup
	$(BIN)/mypy

rooms: setup
	$(BIN)/lint-imports

bench: setup
	$(BIN)/python -m benchmarks

# Recorded answers of Argo Events: make oracle ORACLE=DIR
ORACLE ?= oracle
oracle: setup
	$(BIN)/python -m tests.oracle $(ORACLE)

clean:
	rm -rf $(VENV) dist build .mypy_cache .ruff_cache .pytest_cache .hypothesis .eventyard
