# Every command a developer needs. A fresh machine needs git, make and Python 3.11 or newer, nothing else.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: setup source demo test test-all check bench clean

setup: .venv/.ready ## install exactly what uv.lock names into .venv

.venv/.ready: pyproject.toml uv.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "The hub needs Python 3.11 or newer; $(PYTHON) is older. Run make PYTHON=/path/to/python3.11"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@test -x $(BIN)/uv || $(BIN)/python -m pip install --quiet --disable-pip-version-check "uv==0.13.9"
	UV_COMPILE_BYTECODE=1 $(BIN)/uv sync --frozen --quiet
	$(BIN)/python -m partners setup
	@touch $@

source: ## the source agent alone, for an authority's own machine: no Airflow, no database
	test -x .venv-source/bin/uv || { $(PYTHON) -m venv .venv-source && .venv-source/bin/python -m pip install --quiet --disable-pip-version-check "uv==0.13.9"; }
	UV_PROJECT_ENVIRONMENT=.venv-source .venv-source/bin/uv sync --frozen --quiet --inexact --only-group source
	.venv-source/bin/python -m cli source --help

demo: setup ## run the whole hub on a synthetic borough, through a real Airflow, and print what came out
	$(BIN)/hub demo

PYTEST := $(BIN)/pytest -n 3 --dist loadscope --no-loadscope-reorder # they wait for servers more than they compute

test: setup ## every test, of random cases a tenth at most; a thread each, since the tests run side by side
	POLARS_MAX_THREADS=1 $(PYTEST)

test-all: setup ## every test with all of its random cases, and branch coverage: half an hour
	HUB_TEST_ALL_CASES=1 $(PYTEST) --cov --cov-report=term:skip-covered

check: setup ## format, lint, types, import contracts
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: setup ## speed and scale, side by side with peers
	$(BIN)/uv sync --frozen --quiet --group bench
	$(BIN)/python -m benchmarks
	$(BIN)/uv sync --frozen --quiet

clean: ## remove what the demo and the tools made; asks nothing
	@if test -x $(BIN)/hub; then $(BIN)/hub down --quiet; fi
	rm -rf .hub .partners partners/mesh/.venv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis .coverage htmlcov
