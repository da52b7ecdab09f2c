# Every target sets up what it needs by itself; a second run skips that.
# Needs make and Python 3.11 or newer with venv; PYTHON=... names another Python.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.SUFFIXES:

BIN := .venv/bin
# What does not depend on each other runs side by side: npm beside pip, the checks beside the rest of the installation.
MAKEFLAGS += -j2
export PYTHON
export GOAL := $(firstword $(MAKECMDGOALS))
# Many containers set it. Without bytecode, each of the hundreds of processes here would compile aws_cdk again.
unexport PYTHONDONTWRITEBYTECODE

# jsii and the CDK CLI take `node` from PATH: the one that pip installed comes first.
RUN := PATH="$(CURDIR)/$(BIN):$(CURDIR)/node_modules/.bin:$$PATH"

VENV := .venv/.made
SANDBOX := .venv/.sandbox-installed
DEV := .venv/.dev-installed
DOCS := .venv/.docs-installed
RELEASE := .venv/.release-installed
NODE := node_modules/.installed
COMPILED := .venv/.tests-compiled

PAGES := calls limits policy nag permissions operations contract recordings graph waits threat_model resources

$(VENV):
	@tools/setup.sh venv
	@touch $@

$(SANDBOX): $(VENV) requirements-sandbox.hashes pyproject.toml
	@tools/setup.sh packages requirements-sandbox.txt
	@touch $@

# After the sandbox's packages, so that two pips never work on one environment.
$(DEV): $(SANDBOX) requirements-dev.hashes
	@tools/setup.sh packages requirements-dev.txt
	@touch $@

$(DOCS): $(DEV) requirements-docs.hashes
	@tools/setup.sh packages requirements-docs.txt
	@touch $@

$(RELEASE): $(DOCS) requirements-release.hashes
	@tools/setup.sh packages requirements-release.txt
	@touch $@

$(NODE): $(SANDBOX) package.json package-lock.json
	@tools/setup.sh node
	@touch $@

# Or each of pytest's workers would compile every test for itself, all at the same time.
$(COMPILED): $(DOCS) $(NODE)
	@$(RUN) $(BIN)/python -m pytest -qq --collect-only >/dev/null 2>&1 || true
	@touch $@

.PHONY: docs lanes release-check help demo examples test check fix model pages lines limits limits-random contract faults soak mutants browser bench bench-check comparison fixtures clean static

help: ## This list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-13s %s\n", $$1, $$2 }' Makefile

demo: $(SANDBOX) $(NODE) ## Plan, deploy, update, fail, roll back and destroy the example on a local AWS, step by step
	@$(RUN) $(BIN)/python -m tools.walkthroughs.demo

examples: $(SANDBOX) $(NODE) ## Deploy both walkthroughs of examples/ on a local AWS, show their results, and destroy them in order
	@$(RUN) $(BIN)/python -m tools.walkthroughs.examples

test: static $(COMPILED) ## Everything: checks, unit, synth, protocol, emulator, sandbox, end-to-end and package tests
	@$(RUN) $(BIN)/python -m pytest -n 6 --dist loadfile --no-loadscope-reorder

check: static ## The quick part: formatting, lint, types, import walls, unit tests
	@$(RUN) $(BIN)/python -m pytest -q tests/unit

static: $(DEV)
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/lint-imports --no-logo
	@$(BIN)/mypy
	@# One by one: all of them are called app.
	@set -e; for app in examples/*/app.py examples/*/cdk_pipeline.py examples/around/*.py; do \
		MYPYPATH=$$(dirname $$app) $(BIN)/mypy --no-error-summary $$app; done

fix: $(DEV) ## Format, and fix what ruff can fix
	@$(BIN)/ruff format --quiet
	@$(BIN)/ruff check --fix
	@$(BIN)/ruff format

model: $(DEV) ## Refresh the reduced service models from the pinned botocore
	@$(BIN)/python -m tools.model.reduce_model

pages: $(DEV) ## Write the generated pages of docs: from the model, the rules, the specs and what cdk-nag finds
	@set -e; for page in $(PAGES); do $(RUN) $(BIN)/python -m tools.pages.$${page}_page; done

docs: $(DOCS) ## Build the documentation site in build/site; a warning is an error
	@$(BIN)/python -m tools.site.build

lanes: $(DEV) ## The unit and synth tests from the wheel: on each Python here, and on the oldest aws-cdk-lib (minutes)
	@$(RUN) $(BIN)/python -m tools.release.lanes $(if $(ONLY),--python $(ONLY))

release-check: $(RELEASE) ## Build wheel and sdist, and check them as the package index does
	@$(BIN)/python -m tools.release.check

lines: $(SANDBOX) ## Count the lines of code of each resource: its spec, at most 60, and its construct
	@$(BIN)/python -m tools.resource.lines_per_resource

limits: $(DEV) ## Count, per operation, the constraints of AWS's newest model and how many of them are refused
	@$(BIN)/python -m tools.limits_oracle.check_limits --newest

limits-random: $(DEV) ## Compare the checks with a JSON Schema on 20,000 random requests
	@RANDOM_REQUESTS=20000 $(BIN)/python -m pytest -q tools/limits_oracle/tests/test_random_requests.py

contract: $(DEV) $(NODE) ## The lifecycle contract, with a tick for each rule and kind
	@$(RUN) $(BIN)/python -m tools.contract.report

faults: $(DEV) ## Every fault at every operation, in every phase, on an AWS that lags and refuses; hard lifecycles; PART=1/8 (minutes)
	@$(BIN)/python -m tools.contract.faults $(if $(PART),--part $(PART)) $(if $(SEED),--seed $(SEED))

soak: $(DEV) ## Random lifecycles with random faults, STEPS=20000 in all, from three seeds or SEED="1 2 3" (minutes)
	@$(BIN)/python -m tools.contract.soak --steps $(or $(STEPS),20000) $(if $(SEED),--seed $(SEED))

mutants: $(DEV) $(NODE) ## Break the checks and the engine on purpose: each time a test has to fail
	@$(BIN)/python -m tools.mutation.mutants checks
	@$(RUN) $(BIN)/python -m tools.mutation.mutants engine
	@$(RUN) $(BIN)/python -m tools.mutation.mutants contract

browser: $(DEV) ## The sandbox's page, and a page that attacks the sandbox, in a real browser; needs Chromium or Chrome
	@$(BIN)/python -m tools.browser.sandbox_page
	@$(BIN)/python -m tools.security.browser_attack

bench: $(DEV) $(NODE) ## What this library costs in comparison with what you would take instead: all, or ONLY="imports synth" (minutes)
	@$(RUN) $(BIN)/python -m benchmarks.table $(if $(ONLY),--only $(ONLY)) $(KEEP)

bench-check: $(DEV) $(NODE) ## The same, and fail if a figure is worse than the committed one
	@$(RUN) $(BIN)/python -m benchmarks.bench_check $(if $(ONLY),--only $(ONLY))

comparison: $(DEV) ## The same faults through this library and through custom_resources.Provider, side by side
	@$(BIN)/python -m benchmarks.provider_comparison

fixtures: $(DEV) $(NODE) ## Keep this version's events and templates for the versions to come
	@$(RUN) $(BIN)/python -m tests.upgrade.record

clean: ## Remove everything that make and the tools create
	rm -rf .venv node_modules .cache cdk.out dist build .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
