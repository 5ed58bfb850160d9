# The two commands of a newcomer are `make run` and `make test`; everything else is what CI calls.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.ready

.PHONY: setup run test servers lint types rooms bench oracle clean

setup: $(STAMP)

$(STAMP): requirements.lock pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

run: setup
	@$(BIN)/eventyard run examples/quickstart

test: setup
	$(BIN)/python -m pytest

# Real servers that tests use are installed into a cache outside the clone; none is needed yet.
servers: setup
	@echo "no servers needed"

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
