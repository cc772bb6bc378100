# Needs make and Python 3.11 or newer; everything else is installed into .venv.
# python3.11 comes first, because requirements.lock holds the exact versions for it.
SHELL = /bin/sh
PORT = 8501
PYTHON = $(shell for p in python3.11 python3 python3.14 python3.13 python3.12; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && { echo $$p; exit; }; done; \
	command -v python3)
BIN = .venv/bin
PIP = $(BIN)/python -m pip install --quiet --disable-pip-version-check

export GOAL = $(firstword $(MAKECMDGOALS))

.PHONY: help app test bench lint lock clean

help: ## say what can be made
	@grep -hE '^[a-z]+:.*## ' Makefile | sed -E 's/^([a-z]+):.*## /make \1\t/' | expand -t 14

app: .venv/runtime.stamp ## serve the app at http://localhost:8501 (PORT=, the first time TORCH_INDEX_URL=)
	@$(BIN)/python .ci/preflight.py port "$(PORT)"
	@exec $(BIN)/python -m streamlit run app.py --server.port $(PORT)

# A worker for every core and one for the browser; shared out by file, so that each home and model is made once.
test: .venv/dev.stamp ## run every test on every core (ARGS= for pytest, as in ARGS="tests/data -x" or ARGS="-n 0")
	@$(BIN)/python -m pytest -n auto --dist loadfile --no-loadscope-reorder $(ARGS)

bench: .venv/dev.stamp ## measure what is said about speed (ARGS= for some files, as in ARGS="what_if first_visit")
	@$(BIN)/python -m benchmarks $(ARGS)

lint: .venv/dev.stamp ## ruff, mypy and the rules of who may import whom
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

lock: ## write requirements.lock from a clean installation (Linux, Python 3.11)
	@sh .ci/lock "$(PYTHON)"

clean: ## remove the environment and the tools' caches; the home folder .crumbtrail stays
	rm -rf .venv .pytest_cache .ruff_cache .mypy_cache .import_linter_cache .hypothesis screenshots
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

.venv/bin/python:
	@command -v "$(PYTHON)" >/dev/null 2>&1 || { echo "Crumbtrail needs Python 3.11 or newer, and no python3 was found." \
		"Install it, or name it: make $(GOAL) PYTHON=/path/to/python3.11" >&2; exit 1; }
	@"$(PYTHON)" .ci/preflight.py python
	@"$(PYTHON)" .ci/preflight.py disk $(if $(TORCH_INDEX_URL),4,9)
	@"$(PYTHON)" -m venv .venv

# The lock is used as constraints: only what is asked for is installed, at the locked version. A build of
# torch from another index stays as it is, also in later installations; that is what torch-index is for.
.venv/constraints.txt: requirements.lock | .venv/bin/python
	@if [ -n "$(TORCH_INDEX_URL)" ] && [ ! -e .venv/torch-index ]; then \
		echo "Installing torch and torchvision from $(TORCH_INDEX_URL)"; \
		$(PIP) --index-url "$(TORCH_INDEX_URL)" $$(grep -E '^torch' requirements.txt) && touch .venv/torch-index; \
	fi
	@if ! $(BIN)/python -c 'import sys; sys.exit((sys.platform, sys.version_info[:2]) != ("linux", (3, 11)))'; then \
		: > $@; \
	elif [ -e .venv/torch-index ]; then \
		grep -vE '^(torch|torchvision|triton|nvidia-.*|cuda-.*)==' requirements.lock > $@; \
	else \
		cp requirements.lock $@; \
	fi

.venv/runtime.stamp: requirements.txt .venv/constraints.txt
	@echo "Installing what Crumbtrail needs; the first time this takes some minutes."
	@$(PIP) -r requirements.txt -c .venv/constraints.txt
	@touch $@

.venv/dev.stamp: requirements-dev.txt .venv/runtime.stamp
	@$(PIP) -r requirements-dev.txt -c .venv/constraints.txt
	@touch $@
