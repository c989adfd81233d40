# Every way into the house; `make` alone prints the list. Needs Python 3.11 or newer with
# venv, and a package registry; everything is installed under $(VENV), nothing else.

PYTHON ?= python3
VENV ?= .venv
LAB ?= .venv-lab
PORT ?= 8000

PIP = $(VENV)/bin/python -m pip --disable-pip-version-check
INSTALL = install --quiet --require-hashes --only-binary :all:
RUN = $(VENV)/.installed-run
DEV = $(VENV)/.installed-dev
EDITABLE = $(VENV)/.installed-workbench
LOCK = $(VENV)/bin/uv pip compile --quiet --universal --fork-strategy fewest \
	--python-version 3.11 --generate-hashes --no-header --no-annotate $(UPGRADE)

.DELETE_ON_ERROR:
.PHONY: help demo test check serve lab sins soak lock bench simulate clean

help: ## print this list
	@sed -n 's/^\([a-z]*\):.*## /make \1	/p' Makefile | expand -t 14

demo: $(EDITABLE) ## run the shipped studies on real data and build the site
	$(VENV)/bin/workbench data add --all
	$(VENV)/bin/workbench run --all
	$(VENV)/bin/workbench backfill --all --from 1997-04-01 --to 1998-07-01 --every month --rehearse
	$(VENV)/bin/workbench publish
	@echo "The site is in build/current/; \`make serve\` shows it on this machine."

test: $(EDITABLE) $(DEV) ## every check and every test
	$(VENV)/bin/ruff format --check
	$(VENV)/bin/ruff check
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports
	$(VENV)/bin/pytest

check: $(EDITABLE) $(DEV) ## the fast loop: the same without what is slow
	$(VENV)/bin/ruff format --check
	$(VENV)/bin/ruff check
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports
	$(VENV)/bin/pytest -m "not kernel and not browser and not site and not slow"

serve: ## show the built site at http://localhost:8000 (PORT=... for another port)
	@test -e build/current || { echo "There is no site yet; run \`make demo\`."; exit 2; }
	@echo "http://localhost:$(PORT)/ (Ctrl-C stops it)"
	@$(PYTHON) -m http.server --bind 127.0.0.1 --directory build/current $(PORT)

lab: $(EDITABLE) $(LAB)/.installed ## open JupyterLab, from an environment of its own
	$(VENV)/bin/workbench lab

sins: $(EDITABLE) $(DEV) ## break each promise on purpose and see its test fail
	$(VENV)/bin/python tests/sins/run.py

soak: $(EDITABLE) $(DEV) ## cut the power, kill and fill the disk, far more often than `make test`
	$(VENV)/bin/pytest -m fault --soak --timeout 14400

bench: $(EDITABLE) $(DEV) ## print the performance ratios
	$(VENV)/bin/python -m benchmarks.run
	$(VENV)/bin/python -m benchmarks.rendering
	$(VENV)/bin/python -m benchmarks.site
	$(VENV)/bin/python -m benchmarks.growth

simulate: $(EDITABLE) $(DEV) ## run every simulation and write its table into the handbook
	$(VENV)/bin/python -m benchmarks.simulations.run

lock: $(DEV) ## compile the locks from pyproject.toml (UPGRADE=--upgrade for newer versions)
	$(LOCK) pyproject.toml -o requirements/run.txt
	$(LOCK) --group build -c requirements/run.txt -o requirements/build.txt
	$(LOCK) --group dev -c requirements/run.txt -c requirements/build.txt -o requirements/dev.txt
	$(LOCK) --group lab -o requirements/lab.txt

clean: ## remove environments, ingested data, runs and builds; sources and ledgers stay
	rm -rf $(VENV) $(LAB) .workbench build dist .mypy_cache .ruff_cache .pytest_cache \
		.hypothesis .import_linter_cache

# The stamps: a second call installs nothing while locks and pyproject.toml are as they were.

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
		echo "$(PYTHON) must be Python 3.11 or newer with venv (Debian: apt-get install python3-venv);"; \
		echo "another one can be named: make PYTHON=/path/to/python3.12"; exit 2; }
	$(PYTHON) -m venv $(VENV)

$(RUN): requirements/run.txt requirements/build.txt | $(VENV)/bin/python
	$(PIP) $(INSTALL) -r requirements/run.txt -r requirements/build.txt
	@touch $@

$(DEV): requirements/dev.txt | $(RUN)
	$(PIP) $(INSTALL) -r requirements/dev.txt
	@touch $@

$(EDITABLE): pyproject.toml $(RUN)
	$(PIP) install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

# Its kernel is $(VENV)'s, through a kernelspec that `workbench lab` writes.
$(LAB)/.installed: requirements/lab.txt | $(RUN)
	$(PYTHON) -m venv $(LAB)
	$(LAB)/bin/python -m pip --disable-pip-version-check $(INSTALL) -r requirements/lab.txt
	@touch $@
