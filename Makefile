# `make help` says what there is. On a fresh machine only Python 3.11 or newer (with venv) and make are needed; all else
# comes from the package index into .venv and node_modules.

VENV := .venv
BIN := $(VENV)/bin
NODE := node_modules/.bin

# Which Python makes .venv; name another with `make demo PYTHON=/path/to/python3.11`.
PYTHON ?= $(shell for name in python3.11 python3.12 python3.13 python3 python; do \
	if "$$name" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null; \
	then echo "$$name"; break; fi; done)

# What is installed is marked by stamps, so that only a changed lock file costs time again.
PIP_STAMP := $(VENV)/.uv-installed
SYNC_STAMP := $(VENV)/.synced
PROJECT_STAMP := $(VENV)/.project-installed
NODE_STAMP := node_modules/.installed

# uv does not read pip's settings. Whoever told pip where packages come from has told us: it is handed on, except where
# uv has been told something itself. Files are checked against the hashes of the lock, wherever they come from.
define UV
pip_says() { "$(BIN)/python" -m pip config list | \
	sed -n -e "s/^global\.$$1='\(.*\)'/\1/p" -e "s/^install\.$$1='\(.*\)'/\1/p" | tail -n 1 | sed 's/\\n/ /g'; }; \
if [ -z "$${UV_DEFAULT_INDEX:-}$${UV_INDEX_URL:-}" ]; then \
	index="$${PIP_INDEX_URL:-$$(pip_says index-url)}"; \
	if [ -n "$$index" ]; then export UV_DEFAULT_INDEX="$$index"; fi; \
fi; \
if [ -z "$${UV_INDEX:-}$${UV_EXTRA_INDEX_URL:-}" ]; then \
	more="$$(echo $${PIP_EXTRA_INDEX_URL:-$$(pip_says extra-index-url)})"; \
	if [ -n "$$more" ]; then export UV_EXTRA_INDEX_URL="$$more" UV_INDEX_STRATEGY="$${UV_INDEX_STRATEGY:-unsafe-best-match}"; fi; \
fi; \
if [ -z "$${SSL_CERT_FILE:-}" ]; then \
	certificates="$${PIP_CERT:-$$(pip_says cert)}"; \
	if [ -n "$$certificates" ]; then export SSL_CERT_FILE="$$certificates"; fi; \
fi; \
VIRTUAL_ENV="$(abspath $(VENV))" "$(BIN)/uv"
endef

# Prompts have long lines, and each file holds one document.
YAML_RULES := {extends: default, rules: {line-length: disable, document-start: disable}}

.PHONY: help demo serve test lint gen bench setup lock

help: ## Say what there is (the default).
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-7s %s\n", $$1, $$2}' Makefile

demo: $(PROJECT_STAMP) ## See it work: a service of its own, three requests to it, and what to try next.
	@"$(BIN)/vaiven" demo

serve: $(PROJECT_STAMP) ## Run the service; settings come from vaiven.toml and the environment.
	@"$(BIN)/vaiven" serve

test: $(PROJECT_STAMP) $(NODE_STAMP) ## Run all tests; narrow them with ARGS, e.g. make test ARGS="tests/unit -k routing".
	"$(BIN)/python" -m pytest -n auto --maxprocesses 4 --dist worksteal $(ARGS)

lint: $(PROJECT_STAMP) $(NODE_STAMP) ## Check style, types, borders between parts, protos, dependencies and the image.
	"$(BIN)/ruff" check .
	"$(BIN)/ruff" format --check .
	"$(BIN)/mypy"
	"$(BIN)/lint-imports"
	PATH="$(abspath $(BIN)):$$PATH" $(NODE)/pyright
	PATH="$(abspath $(BIN)):$$PATH" $(NODE)/buf lint
	PATH="$(abspath $(BIN)):$$PATH" $(NODE)/buf format --diff --exit-code
	"$(BIN)/python" protos/generate.py --check
	"$(BIN)/deptry" .
	git ls-files -z '*.yaml' '*.yml' | xargs -0 "$(BIN)/yamllint" --strict -d "$(YAML_RULES)"
	"$(BIN)/hadolint" infra/Dockerfile

gen: $(PROJECT_STAMP) ## Generate the code of the contract from protos/.
	"$(BIN)/python" protos/generate.py

bench: $(PROJECT_STAMP) ## Measure speed, the event loop's lag and the way to a cloud model, on this machine (minutes).
	"$(BIN)/python" -m bench.throughput
	"$(BIN)/python" -m bench.loop_lag
	"$(BIN)/python" -m bench.gateway

setup: $(PROJECT_STAMP) ## Only install; the others do so as they need.

lock: $(PIP_STAMP) ## Choose the newest versions that pyproject.toml allows, and write the lock files.
	@$(UV) pip compile --upgrade --universal --generate-hashes --python-version 3.11 --no-header --no-annotate --quiet \
		--extra cpu -o requirements.lock pyproject.toml
	@$(UV) pip compile --upgrade --universal --generate-hashes --python-version 3.11 --no-header --no-annotate --quiet \
		--extra cpu --group dev --constraints requirements.lock -o requirements-dev.lock pyproject.toml
	@sed -n 's/^\(uv==[^ ]*\).*/\1/p' requirements-dev.lock | { $(UV) pip compile --universal --generate-hashes \
		--python-version 3.11 --no-header --no-annotate --quiet -o requirements-bootstrap.lock -; }

$(PIP_STAMP): requirements-bootstrap.lock
	@if [ -z "$(PYTHON)" ]; then \
		echo "vaiven needs Python 3.11, 3.12 or 3.13, and none was found. Install one, or name it:" >&2; \
		echo "  make $(firstword $(MAKECMDGOALS)) PYTHON=/path/to/python3.11" >&2; exit 1; fi
	@"$(PYTHON)" -c 'import sys; v = sys.version_info; \
		sys.exit(0 if (3, 11) <= v < (3, 14) else f"vaiven needs Python 3.11, 3.12 or 3.13; $(PYTHON) is {v[0]}.{v[1]}.")'
	@echo "Making $(VENV) with $(PYTHON) ..."
	@"$(PYTHON)" -m venv "$(VENV)"
	@"$(BIN)/python" -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-bootstrap.lock
	@touch $@

$(SYNC_STAMP): requirements-dev.lock $(PIP_STAMP)
	@echo "Installing what requirements-dev.lock names ..."
	@$(UV) pip sync --quiet --require-hashes requirements-dev.lock
	@touch $@

$(PROJECT_STAMP): pyproject.toml $(SYNC_STAMP)
	@$(UV) pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

$(NODE_STAMP): package-lock.json $(SYNC_STAMP)
	@echo "Installing what package-lock.json names ..."
	@PATH="$(abspath $(BIN)):$$PATH" npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@
