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

.PHONY: help install demo test convergence fuzz planted-faults mutants faults lint lint-chart lint-workflows bench docs build image clean status

help:  ## This list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-15s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

install: .venv/.installed  ## Put everything the project needs into .venv

.venv/.installed: pyproject.toml uv.lock Makefile
	@command -v uv >/dev/null || test -x .tools/bin/uv || \
		(python3 -m venv .tools && .tools/bin/pip install --quiet uv==$(UV_VERSION))
	@# Compiled once: dbt alone has seconds of it, and where nothing may be written each start pays.
	$(UV) sync --locked --all-extras --compile-bytecode
	@touch $@

demo: install  ## Real servers, killed and sent everything twice, and what came of it (KEEP=1 leaves them up)
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

faults: install  ## Exactly once under fire: every fault, as often as the guarantees ask for (40 minutes)
	@# The longest first.
	@FAULTS=full $(PYTEST) tests/faults/test_soak.py tests/faults/test_*.py $(PYTEST_ARGS)

lint: install  ## ruff, mypy, sqlfluff, yamllint, dbt parse, hadolint, the schema of the compose file
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/sqlfluff lint models ddl tests/dbt/assert_*.sql
	.venv/bin/yamllint --strict .
	.venv/bin/dbt parse --quiet --no-partial-parse
	.venv/bin/check-jsonschema --quiet --builtin-schema vendor.compose-spec docker-compose.yaml
	.venv/bin/check-jsonschema --quiet --builtin-schema vendor.dependabot .github/dependabot.yml
	.venv/bin/check-jsonschema --quiet --builtin-schema vendor.github-workflows .github/workflows/*.yaml
	@# Its wheels are not for every machine.
	! test -x .venv/bin/hadolint || .venv/bin/hadolint Dockerfile

# Tools for the chart and the workflows, built once by Go: name, module, version.
GO_TOOLS := actionlint=github.com/rhysd/actionlint/cmd/actionlint@v1.7.12 \
	helm=helm.sh/helm/v4/cmd/helm@v4.3.2 \
	kube-score=github.com/zegl/kube-score/cmd/kube-score@v1.20.0

define go_tool
.tools/go/$(firstword $(subst =, ,$(1))): Makefile
	GOBIN=$$(CURDIR)/.tools/go go install $(lastword $(subst =, ,$(1)))
	@touch $$@
endef
$(foreach tool,$(GO_TOOLS),$(eval $(call go_tool,$(tool))))

.tools/chart: pyproject.toml uv.lock | install
	UV_PROJECT_ENVIRONMENT=$@ $(UV) sync --quiet --locked --only-group chart
	@touch $@

lint-chart: .tools/chart .tools/go/helm .tools/go/kube-score  ## The Helm chart: helm lint, all schemas, kube-score (needs Go; the first time 5 minutes)
	PATH=$(CURDIR)/.tools/go:$$PATH .tools/chart/bin/python charts/check.py

lint-workflows: .tools/go/actionlint  ## The workflows of GitHub Actions: actionlint (needs Go)
	.tools/go/actionlint

bench: install  ## How fast it is beside the bare calls (half an hour; BENCH=quick: two minutes)
	@$(PYTHON) -m bench $(if $(filter quick,$(BENCH)),--quick)

docs: install  ## The models as one file, target/docs/static_index.html: what each row and column is, and its lineage
	@# No warehouse is asked: the models' files have it all.
	@.venv/bin/dbt parse --quiet --vars 'docs: true' --target-path target/docs
	@# Of a column dbt's page shows the type that a catalogue tells.
	@sed -i 's/"data_type": \("[^"]*"\)/"type": \1, &/g' target/docs/manifest.json
	@.venv/bin/dbt docs generate --quiet --vars 'docs: true' --static --empty-catalog --no-compile --target-path target/docs
	@echo "$(CURDIR)/target/docs/static_index.html"

build: install  ## A wheel, a source distribution and an SBOM of what they need, in dist/
	@mkdir -p target
	$(UV) export --quiet --locked --only-group build --output-file target/build.txt
	$(UV) build --build-constraints target/build.txt --require-hashes
	$(UV) export --quiet --locked --no-dev --format cyclonedx1.5 --output-file dist/ordervault.cdx.json

image:  ## The image ordervault:latest (needs Docker or Podman)
	$(or $(shell command -v docker),podman) build --tag ordervault:latest .

status: install  ## What stands still, since when, and what to do; what is loaded, what waits
	@.venv/bin/ingest status

clean:  ## Remove what the other commands made
	rm -rf .venv .tools target logs dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
