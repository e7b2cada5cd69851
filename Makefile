# One command list; `make help` explains it.
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
DEMO := demo
NATIVE := CMakeLists.txt $(wildcard native/*.cpp native/*.hpp native/*.h)
INSTALL = $(PIP) install --no-deps --no-build-isolation -e .

.PHONY: help demo test quick lint types native sanitize wheel bench lock clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: .venv/run ## import, analyse, balance, grade and export the example company
	$(BIN)/contrapeso demo --folder $(DEMO)

test: .venv/dev ## the whole test suite
	$(BIN)/python -m pytest -n auto --dist loadfile

quick: .venv/dev ## the test suite without the slow tests
	$(BIN)/python -m pytest -m "not slow"

lint: .venv/dev ## style, formatting, import directions
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports

types: .venv/dev ## mypy --strict
	$(BIN)/mypy

native: .venv/dev ## compile the native kernels again; a failure is an error here
	CONTRAPESO_NATIVE=1 $(INSTALL)
	$(BIN)/contrapeso doctor

sanitize: .venv/dev ## the C++ tests: sanitizers, a processor without AVX, one with NEON
	sh scripts/check_native.sh

wheel: .venv/dev ## build sdist and wheels, and test the installed wheels
	sh scripts/check_wheel.sh

bench: .venv/dev ## run the benchmarks and rewrite docs/benchmarks.md
	$(BIN)/python -m benchmarks

lock: ## resolve the locks anew (needs uv)
	sh scripts/lock.sh

clean: ## remove what these commands made
	rm -rf .venv $(DEMO) dist build .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache .coverage htmlcov
	find src tests benchmarks -name __pycache__ -type d -exec rm -rf {} +

.venv/bin/python:
	@test -n "$(PYTHON)" || { echo "Python >= 3.11 is needed and was not found; set PYTHON=/path/to/python3.11." >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
		echo "$(PYTHON) lacks the venv module (Debian and Ubuntu: apt-get install python3-venv)." >&2; exit 1; }
	$(PYTHON) -m venv .venv

# Either mark means: this environment matches its lock. The development lock holds the same run-time versions.
# Where the native kernels cannot be compiled the pure ones serve; the build folder goes, so that the next try starts anew.
define SAY_IF_PURE
@if grep -qs 'none-any' .venv/lib/python*/site-packages/contrapeso-*.dist-info/WHEEL; then rm -rf build/editable-*; \
	echo "The native kernels were not compiled: everything works, some of it slower. With a C++ compiler: make native"; fi
endef

.venv/run: requirements.lock pyproject.toml $(NATIVE) | .venv/bin/python
	$(PIP) install --require-hashes -r requirements.lock
	$(INSTALL)
	$(SAY_IF_PURE)
	@touch $@

.venv/dev: requirements-dev.lock requirements-torch.txt pyproject.toml $(NATIVE) | .venv/bin/python
	$(PIP) install --require-hashes --no-deps -r requirements-dev.lock
	$(PIP) install --no-deps -r requirements-torch.txt
	$(BIN)/python scripts/check_torch.py
	$(INSTALL)
	$(SAY_IF_PURE)
	@touch $@ .venv/run
