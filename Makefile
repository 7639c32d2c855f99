# GNU make 4 and a plain sh. On Windows use the commands in CONTRIBUTING.md.
PYTHON ?= python3
# A file stays with one process, so that a server or a batch is started once for all its tests.
PYTEST_ARGS ?= -n auto --maxprocesses 8 --dist loadfile
# `make lock` keeps what still fits; `make lock UPGRADE=1` takes the newest release of everything.
UPGRADE ?=

VENV := .venv
BIN := $(VENV)/bin
PYODIDE := $(VENV)/pyodide/node_modules/pyodide
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
COMPILE := $(BIN)/uv pip compile --quiet --universal --generate-hashes --python-version 3.11 \
	--no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" $(if $(UPGRADE),--upgrade)

# What a kernel in a browser brings along, replaces, or never imports; see citygrow_nb/site/wheels.py.
UNWANTED := jedi jupyterlab-widgets markupsafe parso widgetsnbextension

# pip says nothing for a while; a line every twenty seconds says that it is still at work.
QUIETLY := & pid=$$!; seconds=0; while kill -0 $$pid 2>/dev/null; do sleep 1; seconds=$$((seconds + 1)); \
	[ $$((seconds % 20)) -ne 0 ] || echo "  still installing, $$seconds s"; done; wait $$pid

.DEFAULT_GOAL := help
.PHONY: help demo test test-browser check docs bench bench-browser lock pictures site clean

help: ## Say what there is
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1	\2/p' Makefile

demo: $(VENV)/.runtime ## Make the reports of the example cities in outputs/
	$(BIN)/citygrow batch examples --out outputs

test: $(VENV)/.dev ## Run all tests that need no browser (PYTEST_ARGS="-m 'not slow and not browser'" leaves out the slow ones)
	$(BIN)/python -m pytest -m "not browser" $(PYTEST_ARGS)

test-browser: $(VENV)/.dev ## Run the tests that need a browser: real JupyterLab, pages, the site (some minutes)
	$(BIN)/python -m pytest -m browser $(PYTEST_ARGS)

check: $(VENV)/.dev ## Check style, types, layers, benchmark and workbooks
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy --strict citygrow_nb
	$(BIN)/lint-imports
	$(BIN)/citygrow benchmark check
	$(BIN)/citygrow workbooks check

docs: $(VENV)/docs/.ready ## Build the docs site into docs/_site, strictly
	$(VENV)/docs/bin/sphinx-build -W --keep-going -q -b html docs docs/_site
	@echo "The site is in docs/_site; open docs/_site/index.html"

bench: $(VENV)/bench/.ready ## Measure how long reports take, in our way and in others' (ARGS=--quick: in a minute or two)
	$(VENV)/bench/bin/python -m bench.batch $(ARGS)

bench-browser: site ## Measure JupyterLab, large portfolios and the site, in a browser (ARGS=--write: into the docs)
	$(BIN)/python -m bench.answering $(ARGS)
	$(BIN)/python -m bench.portfolio $(ARGS)
	$(BIN)/python -m bench.visiting $(ARGS)

lock: $(VENV)/.dev ## Resolve the dependencies of pyproject.toml anew (UPGRADE=1: newest of everything)
	$(COMPILE) --all-extras --group dev --group build --output-file requirements-dev.lock pyproject.toml
	$(COMPILE) --extra mentoring --group build --constraints requirements-dev.lock --output-file requirements.lock pyproject.toml
	$(COMPILE) --constraints requirements-dev.lock --group bench --group build --output-file requirements-bench.lock pyproject.toml
	$(COMPILE) --group docs --output-file requirements-docs.lock
	$(subst --universal,,$(subst 3.11,3.14,$(COMPILE))) --python-platform wasm32-pyodide2025 --constraints requirements-dev.lock \
		--no-annotate --group browser $(foreach name,$(UNWANTED),--no-emit-package $(name)) --output-file citygrow_nb/site/wheels.lock
	@{ sed '/^  - pip:/q' environment.yml; \
	   sed -n 's/^\([A-Za-z0-9].*==.*[^ ]\) *\\$$/      - \1/p' requirements.lock; } > environment.yml.new
	@mv environment.yml.new environment.yml

pictures: $(VENV)/.dev ## Take the pictures in docs/pictures anew (needs a browser, takes minutes)
	$(BIN)/python docs/pictures.py

site: $(VENV)/.dev $(PYODIDE) ## Build the site of workbooks that run in a browser, into build/site (needs npm)
	$(BIN)/citygrow site build/site --pyodide $(PYODIDE)

clean: ## Remove .venv, caches and builds; never answers, never reports
	rm -rf $(VENV) build dist .pytest_cache .ruff_cache .mypy_cache .import_linter_cache .grimp_cache .hypothesis
	find citygrow_nb tests -name __pycache__ -type d -prune -exec rm -rf {} +

# The environment. A stamp file stands for each finished set-up, so nothing is done twice.

$(VENV)/.runtime: requirements.lock pyproject.toml | $(BIN)/python
	@echo "2 of 3: installing what citygrow needs into $(VENV) (requirements.lock): a minute or two, once."
	@$(PIP) install --require-hashes -r requirements.lock $(QUIETLY)
	@echo "3 of 3: installing citygrow itself: a few seconds."
	@$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.dev: requirements-dev.lock pyproject.toml | $(BIN)/python
	@echo "2 of 3: installing citygrow's libraries and tools into $(VENV) (requirements-dev.lock): two minutes or so, once."
	@$(PIP) install --require-hashes -r requirements-dev.lock $(QUIETLY)
	@echo "3 of 3: installing citygrow itself: a few seconds."
	@$(PIP) install --no-deps --no-build-isolation -e .
	@touch $(VENV)/.runtime $@

$(PYODIDE): citygrow_nb/site/npm/package-lock.json | $(BIN)/python
	@command -v npm >/dev/null 2>&1 || { echo "There is no npm here, which fetches Pyodide. On Debian or Ubuntu: apt-get install npm"; exit 1; }
	@mkdir -p $(VENV)/pyodide && cp citygrow_nb/site/npm/*.json $(VENV)/pyodide/
	@npm ci --prefix $(VENV)/pyodide --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

$(VENV)/docs/.ready: requirements-docs.lock | $(BIN)/python
	@echo "Setting up $(VENV)/docs from requirements-docs.lock: half a minute, once."
	@$(BIN)/python -m venv $(VENV)/docs
	@$(VENV)/docs/bin/python -m pip --disable-pip-version-check --quiet install --require-hashes -r requirements-docs.lock
	@touch $@

# What is measured against has an environment of its own.
$(VENV)/bench/.ready: requirements-bench.lock pyproject.toml | $(BIN)/python
	@echo "Setting up $(VENV)/bench from requirements-bench.lock; this takes a minute or two, once."
	$(BIN)/python -m venv $(VENV)/bench
	$(VENV)/bench/bin/python -m pip --disable-pip-version-check --quiet install --require-hashes -r requirements-bench.lock
	$(VENV)/bench/bin/python -m pip --disable-pip-version-check --quiet install --no-deps --no-build-isolation -e .
	@touch $@

$(BIN)/python:
	@command -v "$(PYTHON)" >/dev/null 2>&1 || { \
	  echo "There is no $(PYTHON) here. Install Python 3.11 or newer, or name one: make PYTHON=/path/to/python"; exit 1; }
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "citygrow needs Python 3.11 or newer and $(PYTHON) is older. Name another: make PYTHON=python3.12"; exit 1; }
	@"$(PYTHON)" -c 'import ensurepip, venv' 2>/dev/null || { \
	  echo "$(PYTHON) cannot make virtual environments. On Debian or Ubuntu: apt-get install python3-venv"; exit 1; }
	@echo "1 of 3: making a virtual environment in $(VENV): a few seconds."
	@"$(PYTHON)" -m venv $(VENV)
