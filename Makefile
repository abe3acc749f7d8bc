# The only commands a developer needs. Each sets the machine up first; that is quick when nothing has changed.
PYTHON := .venv/bin/python
SETUP := bash scripts/setup.sh
DISPLAYED := bash scripts/displayed.sh
export LIBGL_ALWAYS_SOFTWARE ?= 1

.PHONY: demo test check style format bench docs fuzz torture setup clean

setup:            ## system packages, .venv, pinned dependencies, editable install; idempotent
	@$(SETUP)

demo: setup       ## open the sample city; without a display: a picture and the audit
	@LIBGL_ALWAYS_SOFTWARE= $(PYTHON) -m ui demo

check: style      ## ruff, format, import contracts, mypy
	@.venv/bin/mypy

style: setup
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check --quiet .
	@.venv/bin/lint-imports --no-timing 2>/dev/null || .venv/bin/lint-imports

test: style       ## all that check does, and every test (no network, software GL)
	@bash scripts/halves.sh

format: setup
	@.venv/bin/ruff check --fix .
	@.venv/bin/ruff format .

bench: setup      ## measurements as ratios to bare programs of the same run
	@$(DISPLAYED) $(PYTHON) -m pytest tests/bench --benchmark-enable -s -o addopts="--strict-markers --strict-config"

docs: setup       ## write the manual from the declarations
	@$(PYTHON) scripts/make_manual.py

fuzz: setup       ## 500 mutations per loader
	@$(PYTHON) -m tests.fuzz --mutations 500

torture: setup    ## kill -9 while a project is saved, 50 times
	@$(PYTHON) -m tests.torture --rounds 50

clean:
	rm -rf .venv .setup-stamp .mypy_cache .ruff_cache .pytest_cache .hypothesis *.egg-info
