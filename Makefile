# make demo: set up and render the packaged pilot.   make test: set up and run the whole test suite.
PYTHON ?= $(shell command -v python3.11 || command -v python3.12 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt

.PHONY: demo test proof bench lint bake clean

demo: $(VENV)/.ready
	@$(BIN)/greenroom demo --out out/pilot

test: $(VENV)/.ready-test
	@$(BIN)/python -m pytest -m "not slow and not gpu"

proof: $(VENV)/.ready-test
	@$(BIN)/python -m pytest -m slow

bench: $(VENV)/.ready-test
	@$(BIN)/python -m tests.bench

lint: $(VENV)/.ready-test
	@$(BIN)/ruff check . && $(BIN)/ruff format --check .

# Makes the house performers anew from their recipes; needs anny and torch, which rendering does not.
bake: $(VENV)/.ready
	@$(INSTALL) -e ".[bake,voice]"
	@$(BIN)/python -m actors.bake

$(VENV)/bin/python:
	@echo "Setting up $(VENV) with $(PYTHON) ..."
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.ready: pyproject.toml constraints.txt | $(VENV)/bin/python
	@echo "Installing Greenroom and what it needs (a minute or two) ..."
	@$(INSTALL) -e .
	@touch $@

$(VENV)/.ready-test: pyproject.toml constraints.txt infra/test-setup.sh | $(VENV)/bin/python
	@echo "Installing Greenroom, what it needs and what its tests need ..."
	@$(INSTALL) -e ".[test]"
	@bash infra/test-setup.sh $(VENV)
	@touch $(VENV)/.ready $@

clean:
	rm -rf out build dist .pytest_cache .ruff_cache .hypothesis
