# `make` builds the decks, `make test` runs all tests; both set up .venv first.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet --constraint requirements.txt

.PHONY: decks test soak bench lint docs screenshots clean

decks: $(VENV)/installed
	$(BIN)/cards build

# How much the tests try: short takes a minute and a half, long is for CI. As many run at a time as
# there are cores.
PROFILE ?= short
test: $(VENV)/installed-test decks
	$(BIN)/pytest --numprocesses auto --dist worksteal --hypothesis-profile $(PROFILE)

# How long to try to break upgrades: make soak SECONDS=3600
SECONDS ?= 600
soak: $(VENV)/installed-test
	$(BIN)/python -m tests.soak $(SECONDS)

# How fast a build is, against a script written by hand; half an hour. Prints what belongs in
# benchmarks/RESULTS.md.
bench: $(VENV)/installed
	$(BIN)/python -m benchmarks

# The tables in docs/ that are written from the code.
docs: $(VENV)/installed
	$(BIN)/python -m scripts.reference

# The pictures in the README; needs Chromium.
screenshots: $(VENV)/installed-test
	$(BIN)/python -m scripts.screenshots

lint: $(VENV)/installed-test
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

$(VENV)/bin/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; name one: make PYTHON=python3.12")'
	$(PYTHON) -m venv $(VENV)

$(VENV)/installed: $(VENV)/bin/python requirements.txt pyproject.toml
	$(PIP) --editable .
	touch $@

$(VENV)/installed-test: $(VENV)/installed
	$(PIP) --editable '.[test,lint]'
	touch $@

clean:
	rm -rf $(VENV) build dist *.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find builder tests -name __pycache__ -prune -exec rm -rf {} +
