# make demo [PORT=8000] [DIRISHA_VAR=folder] [FRESH=1] [CORE=fineract]   everything from a bare clone: install, database, demo, web, worker
# make test [PYTEST="-k word"]                           lint and all tests
# make test-fineract FINERACT_URL=… FINERACT_USER=…      the contract of a core, on a Fineract at an address
# make soak [SEEDS=10] [ACTS=1000]                       money in front of a hostile core, killed fifty times a seed
# make goldens [GOLDENS=folder]                          our arithmetic against recordings of the reference core
# make lint | bench | promises | lock | clean
PYTHON ?= python3
PORT ?= 8000
PYTEST ?=
INSTALL := $(PYTHON) -I tools/install.py

MAKEFLAGS += --no-print-directory
.PHONY: demo test lint pytest test-fineract bench soak goldens promises lock clean python

demo: python
	@place=$$($(INSTALL)) && DIRISHA_PORT=$(PORT) exec "$$place/bin/dirisha" up --demo --with-parent $(if $(CORE),--core $(CORE)) $(if $(FRESH),--fresh)

test: lint pytest

lint: python
	@place=$$($(INSTALL) --with-tests) && PATH="$$place/bin:$$PATH" && export PYTHONPATH=src \
	&& ruff check . && ruff format --check . && mypy src/dirisha tools

pytest: python
	@place=$$($(INSTALL) --with-tests) && exec "$$place/bin/pytest" -n 2 --durations=15 $(PYTEST)

bench: python
	@place=$$($(INSTALL) --with-tests) && exec "$$place/bin/python" -m bench

test-fineract: python
	@test -n "$(FINERACT_URL)" || { echo "Skipped: FINERACT_URL is not set. What it needs: tests/contracts/core/served.py"; exit 0; } \
	&& place=$$($(INSTALL) --with-tests) && exec "$$place/bin/pytest" tests/contracts/core -k address $(PYTEST)

soak: python
	@place=$$($(INSTALL) --with-tests) && SEEDS=$(or $(SEEDS),10) ACTS=$(or $(ACTS),1000) \
	exec "$$place/bin/pytest" -s tests/books/test_far_soak.py $(PYTEST)

goldens: python
	@place=$$($(INSTALL) --with-tests) && export GOLDENS="$(GOLDENS)" && exec "$$place/bin/python" -m tests.contracts.goldens

promises: python
	@place=$$($(INSTALL) --with-tests) && exec "$$place/bin/python" -m tests.promises

lock: python
	@scratch=$$(mktemp -d) && trap 'rm -rf "$$scratch"' EXIT \
	&& $(PYTHON) -m venv "$$scratch" && "$$scratch/bin/pip" install --quiet uv \
	&& "$$scratch/bin/python" -m tools.lock

clean: python
	@$(INSTALL) --remove
	@rm -rf .mypy_cache .ruff_cache .import_linter_cache .hypothesis dist

python:
	@command -v $(PYTHON) >/dev/null || { echo "Python 3.11 or newer is needed: apt-get install python3 python3-venv" >&2; exit 1; }
