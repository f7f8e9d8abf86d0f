# Everything a developer does, by name. `make help` lists it.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
WEB := noc/web/assets
ASSETS := noc/web/static/manifest.json

ARGS ?=

# A machine that keeps Python from writing compiled modules would have every run of the tests compile them all again.
unit parts slow test: export PYTHONDONTWRITEBYTECODE :=
# Thousands of small databases are made and thrown away; what the disk does when the power fails is for tests/live.
unit parts: export PYTEST_DEBUG_TEMPROOT := $(shell test "$$(df --output=avail -m /dev/shm 2>/dev/null | tail -1)" -gt 500 2>/dev/null && echo /dev/shm)

.PHONY: help demo venv assets check test unit parts lint types layers servers slow bench docs screenshots lock clean

help:  ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

demo: venv  ## a simulated world and the whole of noc on it; ARGS="--port 9000 --devices 20303" for more
	@exec $(BIN)/noc demo $(ARGS)

venv: $(VENV)/.done $(ASSETS)  ## make the virtual environment from the lock file

# The install would build the pages' files too, and must not do it beside this Makefile.
$(VENV)/.done: requirements-dev.lock pyproject.toml | $(ASSETS)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "noc needs Python 3.11 or newer; set PYTHON=/path/to/python3.11" >&2; exit 2; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || { echo "no virtual environment: apt-get install python3-venv" >&2; exit 2; }
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

assets: $(ASSETS)  ## build the scripts and styles of the pages (npm, Node 20)

$(ASSETS): $(WEB)/node_modules/.done $(wildcard $(WEB)/src/* $(WEB)/*.mjs $(WEB)/tsconfig.json noc/web/templates/*.html)
	cd $(WEB) && npm run --silent types && npm run --silent build

$(WEB)/node_modules/.done: $(WEB)/package.json $(WEB)/package-lock.json
	@command -v npm >/dev/null || { echo "the pages are built by npm: install Node 20 or newer (as root: apt-get install npm)" >&2; exit 2; }
	cd $(WEB) && npm ci --no-audit --no-fund --loglevel=error
	@touch $@

check: lint types layers  ## style, types and layers, in seconds

lint: venv
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: venv
	$(BIN)/mypy

layers: venv
	$(BIN)/lint-imports

unit: venv  ## the tests of units: no database, no server, no other process (tests/units.py tells them)
	HYPOTHESIS_PROFILE=quick $(BIN)/python -m tests.side_by_side $(ARGS)

parts: venv  ## all tests that need no installed server: units, units together, contracts, whole stories in virtual time
	$(BIN)/pytest -m 'not slow' -n auto tests/unit tests/contracts tests/flows

servers: venv  ## the real servers that the tests talk to (root, Debian packages; else says what is missing)
	tests/live/servers

test: servers check parts  ## everything that CI runs: real servers, style, types, layers, all tests but the slow ones
	$(BIN)/pytest -m 'not slow' -n 4 --dist loadfile --no-loadscope-reorder tests/live  # those with few tests are the long ones: not last

slow: venv  ## soaks and large matrices, by hand
	HYPOTHESIS_PROFILE=thorough $(BIN)/pytest -n auto --timeout 900 tests/unit
	$(BIN)/pytest -m slow --timeout 900 tests/live

bench: venv  ## the benchmarks whose figures stand in docs/performance.md
	@for b in bench/bench_*.py; do echo "== $$b"; $(BIN)/python $$b || exit 1; done

docs: venv  ## write the reference pages anew from the code
	$(BIN)/python docs/make_reference.py

screenshots: venv  ## pictures of every page, in three languages, on three screens, light and dark; needs chromium
	$(BIN)/python docs/make_screenshots.py $(ARGS)

lock: venv  ## write the lock files anew from pyproject.toml
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --python-version 3.11 --no-header pyproject.toml -o requirements.lock
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --python-version 3.11 --no-header pyproject.toml --group dev -o requirements-dev.lock

clean:  ## remove what the targets made
	rm -rf $(VENV) noc/web/static $(WEB)/node_modules .cache .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache dist build
	find noc collectors alerts bench docs tests -name node_modules -prune -o -name __pycache__ -prune -exec rm -rf {} +
