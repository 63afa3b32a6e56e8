# Commands for people and for .ci/run; README.md and CONTRIBUTING.md say when to use which.
# Needs make and Python 3.11 or newer; everything else is installed under .venv from requirements-dev.txt.

ifndef PYTHON # the first on PATH that is new enough; where none is, python3, for a clear refusal below
PYTHON := $(firstword $(shell for python in python3 python3.14 python3.13 python3.12 python3.11; do \
  $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$python; done) python3)
endif
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.setup-done

# What pytest is told beyond pyproject.toml: two processes by default; or make test PYTEST_ARGS=tests/flows
PYTEST_ARGS ?= -n 2

export PIP_DISABLE_PIP_VERSION_CHECK := 1
# Where this is set, each of the hundreds of processes that tests start would compile everything anew.
unexport PYTHONDONTWRITEBYTECODE
export CUSTOM_COMPILE_COMMAND := make lock

.DEFAULT_GOAL := help
.PHONY: help setup run test chaos demo conformance bench check fmt lint types imports fuzz audit lock clean

help:
	@echo "make run      set up, then serve in sandbox mode on http://127.0.0.1:8080"
	@echo "make demo     play a whole booking between a BPP, a gateway and a buyer app"
	@echo "make conformance  prove our own server over the wire; the reports go to build/conformance"
	@echo "make bench    measure round trips, searches and catalogs against their bars; the figures go to build/bench.json"
	@echo "make test     the whole test suite"
	@echo "make chaos    hours of kills and other faults under load; the report goes to build/chaos (docs/chaos.md)"
	@echo "make check    formatting, lint, types, import rules, tests"
	@echo "make setup    only .venv with the locked dependencies and the bpp program"
	@echo "make fmt      format the sources;  make lint | types | imports: one check each"
	@echo "make fuzz     feed the parsers what breaks promises, FUZZ_SECONDS=60 each (installs atheris)"
	@echo "make audit    look for published advisories on what the locks list"
	@echo "make lock     write requirements.txt and requirements-dev.txt anew from pyproject.toml"
	@echo "make clean    remove .venv and caches; the data under var/ stays"

setup: $(STAMP)

# Installs only what the lock lists, each file checked against its hash; our own package then needs no index at all.
# --no-deps, because the lock is complete (pip check says so): a resolver that looked for itself would stumble over
# "coverage[toml]>=7" as soon as there is a newer coverage than the pinned one.
# The stamp is written last, so a set-up that broke off is done again.
$(STAMP): pyproject.toml requirements-dev.txt Makefile
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "Python 3.11 or newer is needed; '$(PYTHON)' is $$($(PYTHON) --version 2>&1)." >&2; \
	  echo "Name another one: make $(MAKECMDGOALS) PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' || { \
	  echo "'$(PYTHON)' has no venv module (on Debian: apt-get install python3-venv)." >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --no-deps --require-hashes -r requirements-dev.txt
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	$(BIN)/python -m pip check
	touch $(STAMP)

run: setup
	$(BIN)/bpp serve

test: setup
	$(BIN)/pytest $(PYTEST_ARGS)

# Such as CHAOS_ARGS="--kills 50 --orders 5000 --seed 7"; goes on with what an earlier run of the same seed has left.
CHAOS_ARGS ?=

chaos: setup
	$(BIN)/python -m tests.chaos $(CHAOS_ARGS)

demo: setup
	$(BIN)/bpp demo

conformance: setup
	$(BIN)/bpp conformance --flows all --out build/conformance

# About a quarter of an hour; make bench BENCH_ARGS="--scenario select --rounds 3" is a minute of it.
BENCH_ARGS ?=

bench: setup
	$(BIN)/bpp bench --out build/bench.json $(BENCH_ARGS)

check: setup
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(MAKE) --no-print-directory test

fmt: setup
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix-only --quiet .

lint: setup
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

types: setup
	$(BIN)/mypy

imports: setup
	$(BIN)/lint-imports

# The fuzzer is in no lock: it has no wheels for some machines and Pythons that everything else runs on.
FUZZ_SECONDS ?= 60
fuzz: setup
	$(BIN)/python -m pip install --quiet --no-build-isolation --editable '.[fuzz]'
	for target in header reading deciding families; do \
	  $(BIN)/python -m tests.hostile.fuzz $$target build/fuzz -max_total_time=$(FUZZ_SECONDS) || exit 1; done

# A finding fails. That there is no tool, or no advisories to be had from here, is said and fails nothing: it says nothing
# about what the locks list. With --strict, pip-audit writes its report only where it has looked up every one of them.
AUDIT := build/audit/bin/pip-audit --progress-spinner off --strict --disable-pip --no-deps --timeout 15
audit:
	@rm -rf build/audit build/advisories.json
	@$(PYTHON) -m venv build/audit && build/audit/bin/python -m pip install --quiet 'pip-audit>=2.9' || { \
	  echo "NOT AUDITED: pip-audit cannot be installed here."; exit 0; }; \
	$(AUDIT) --requirement requirements-dev.txt --format json --output build/advisories.json 2> build/audit.log \
	  && { echo "No published advisory on what the locks list."; exit 0; }; \
	test -s build/advisories.json || { \
	  echo "NOT AUDITED: no advisories to be had from here: $$(tail -n 1 build/audit.log | cut -c -200)"; exit 0; }; \
	cat build/audit.log build/advisories.json; exit 1

# pip-tools lives apart, so that the lock of the product does not carry its own tool. Pins that still fit are kept;
# make lock LOCK_ARGS=--upgrade takes the newest versions. The options keep index addresses and paths out of the files.
LOCK_ARGS ?=
PIP_COMPILE := build/lock/bin/pip-compile --quiet --generate-hashes --strip-extras --allow-unsafe \
  --no-emit-index-url --no-emit-trusted-host --no-emit-find-links --no-emit-options $(LOCK_ARGS)

lock:
	$(PYTHON) -m venv build/lock
	build/lock/bin/python -m pip install --quiet 'pip-tools>=7.5'
	$(PIP_COMPILE) --extra pdf --output-file requirements.txt pyproject.toml
	$(PIP_COMPILE) --extra dev --build-deps-for editable --constraint requirements.txt \
	  --output-file requirements-dev.txt pyproject.toml

clean:
	rm -rf $(VENV) build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis .coverage
	find bpp catalog beckn_schemas signing tests -name __pycache__ -type d -prune -exec rm -rf {} +
