# The commands of the project; `make` alone lists them.

UV_VERSION := 0.13.9
# uv is taken from the machine, or put into .tools where there is none.
UV := $(or $(shell command -v uv),.tools/bin/uv)
PYTHON := .venv/bin/python
PYTEST_ARGS ?=
# Tests run side by side, each worker with servers of its own; servers that are named are not shared.
# In the order of their folders: the long ones come first.
WORKERS ?= $(if $(ORDERVAULT_TEST_SERVERS),0,3)
PYTEST := $(PYTHON) -m pytest --numprocesses $(WORKERS) --dist loadfile --no-loadscope-reorder

.PHONY: help install demo test convergence fuzz planted-faults mutants faults lint bench build clean status

help:  ## This list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-15s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

install: .venv/.installed  ## Put everything the project needs into .venv

.venv/.installed: pyproject.toml uv.lock Makefile
	@command -v uv >/dev/null || test -x .tools/bin/uv || \
		(python3 -m venv .tools && .tools/bin/pip install --quiet uv==$(UV_VERSION))
	$(UV) sync --locked --all-extras
	@touch $@

demo: install  ## The main job on real servers, and what came of it (KEEP=1 leaves them up)
	@$(PYTHON) -m sandbox demo $(if $(KEEP),--keep)

test: install  ## All tests, with real servers; PYTEST_ARGS are handed on
	@$(PYTEST) $(PYTEST_ARGS)

convergence: install  ## 5,000 random histories and 200 sequences of dbt runs against the model (an hour and a half)
	@CONVERGENCE_HISTORIES=$${CONVERGENCE_HISTORIES:-5000} SAFETY_SEQUENCES=$${SAFETY_SEQUENCES:-200} \
		FULL_REFRESH_ORDERS=$${FULL_REFRESH_ORDERS:-25000} $(PYTHON) -m pytest tests/convergence $(PYTEST_ARGS)

fuzz: install  ## 1,000,000 messages through decode and enrich, 100,000 through the whole ingestor (half an hour)
	@FUZZ_DECODE=$${FUZZ_DECODE:-1000000} FUZZ_INGEST=$${FUZZ_INGEST:-100000} \
		$(PYTHON) -m pytest tests/unit/test_fuzz.py tests/integration/test_fuzz.py -s --timeout 7200 $(PYTEST_ARGS)

planted-faults: install  ## Faults planted in a copy of the project, and the test that notices each
	@$(PYTHON) -m tests.convergence.planted_faults

mutants: install  ## Mutants of the protocol in a copy of the project, and the test that notices each
	@$(PYTHON) -m tests.faults.mutants

faults: install  ## Exactly once under fire: every fault, as often as the guarantees ask for (an hour)
	@# The longest first.
	@FAULTS=full $(PYTEST) tests/faults/test_soak.py tests/faults/test_*.py $(PYTEST_ARGS)

lint: install  ## ruff, mypy, sqlfluff, yamllint, dbt parse
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/sqlfluff lint models ddl tests/dbt/assert_*.sql
	@# sqlfluff's jinja does not know the tag around a snapshot.
	@mkdir -p target/lint && for file in snapshots/dds/*.sql; do \
		sed 's/{% snapshot .*%}/{% if true %}/; s/{% endsnapshot %}/{% endif %}/' $$file > target/lint/$$(basename $$file); done
	.venv/bin/sqlfluff lint target/lint
	.venv/bin/yamllint --strict .
	.venv/bin/dbt parse --quiet --no-partial-parse

bench: install  ## How fast it is beside the bare calls (a quarter of an hour; BENCH=quick: two minutes)
	@$(PYTHON) -m bench $(if $(filter quick,$(BENCH)),--quick)

build: install  ## A wheel and a source distribution in dist/
	$(UV) build

status: install  ## What is loaded, what waits, and how far each step is behind
	@.venv/bin/ingest status

clean:  ## Remove what the other commands made
	rm -rf .venv .tools target logs dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
