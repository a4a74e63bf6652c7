# Everything a newcomer types. `make run` and `make test` set up what is missing and need only Python >= 3.11 and git.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready
TESTS  ?= tests

export PYTHONDONTWRITEBYTECODE =

.DEFAULT_GOAL := help
.PHONY: help reference run test up check setup lock clean format test-unit test-contracts test-flows test-architecture test-docs

help:            ## what can be made
	@grep -hE '^[a-z-]+: .*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 26

run: $(READY)    ## run the main job: events to a registered risk model, prompts to a verdict
	@$(BIN)/matria demo

test: $(READY)   ## run every test
	@$(BIN)/pytest -n auto --dist loadfile --no-loadscope-reorder --max-worker-restart 1 $(TESTS)

up: $(READY)     ## serve Prefect, MLflow and the pages of this project; Ctrl-C stops them
	@exec $(BIN)/matria up

check: $(READY)  ## format, lint, types, import order
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache

format: $(READY) ## rewrite the files as `make check` wants them
	@$(BIN)/ruff check --fix-only -q .
	@$(BIN)/ruff format .

test-unit test-contracts test-flows test-architecture test-docs: $(READY)
	@$(BIN)/pytest tests/$(@:test-%=%)

setup: $(READY)  ## make the virtual environment from requirements.lock

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or newer is needed; '$(PYTHON)' is older or missing. Name another: make PYTHON=python3.12"; exit 1; }
	@[ -x $(BIN)/python ] || $(PYTHON) -m venv $(VENV) || \
	  { echo "Python could not make a virtual environment; on Debian: apt-get install python3-venv"; exit 1; }
	@echo "Setting up $(VENV) from requirements.lock (about a minute the first time)"
	@awk '/^[a-z]/ {uv = /^uv==/} uv' requirements.lock > $(VENV)/uv.txt
	@[ -x $(BIN)/uv ] || $(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r $(VENV)/uv.txt
	@$(BIN)/uv pip sync -q --python $(BIN)/python --require-hashes requirements.lock
	@$(BIN)/uv pip install -q --python $(BIN)/python --no-deps --no-build-isolation -e .
	@touch $@

reference: $(READY) ## write docs/reference/ from the code again
	@$(BIN)/python -m flows.reference

lock:            ## resolve again: writes requirements.lock, with hashes and without index addresses
	$(BIN)/uv pip compile -q --universal --generate-hashes --no-emit-index-url --no-header \
	  --python-version 3.11 pyproject.toml --group dev -o requirements.lock

clean:           ## remove the environment and all state under var/
	rm -rf $(VENV) var
