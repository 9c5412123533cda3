# `make` alone says what there is. Everything is made inside this folder; nothing needs Docker but the container
# tests, which are skipped without it.

export GTO_ACTION_ORACLE_PYTHON := $(CURDIR)/.cache/oracle/bin/python

# More tests at once than there are cores, as many of them wait.
export PYTEST_XDIST_AUTO_NUM_WORKERS ?= $(shell expr $$(nproc) \* 2)

# Tests start thousands of processes, and what the first has compiled the others need not. Who uses them does not print
# unbuffered.
unexport PYTHONDONTWRITEBYTECODE PYTHONUNBUFFERED

BIN := .venv/bin
ARGS :=
MACHINES := all
MINUTES := 1
COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --upgrade
# What only those actions import that ask GitHub's API.
OF_THE_API := certifi cffi charset-normalizer cryptography idna pycparser pygithub pyjwt pynacl requests typing-extensions urllib3
# What only the command line imports.
OF_THE_CLI := click markdown-it-py mdurl pygments rich
SCRIPTS := $(shell grep --recursive --files-with-matches --extended-regexp --max-count 1 --exclude-dir __pycache__ --exclude '*.py' \
	'^\#!.*[/ ](ba)?sh$$' .ci native tools tests 2>/dev/null)

.DEFAULT_GOAL := help
.PHONY: help venv oracle peer coverage oracle-deep test-deep demo demo-page demo-serve picture pull node test test-packages test-machines test-future canary fuzz dist bench bench-cold bench-page bench-registry lint bench-service release-deep serve-deep format lock clean

help: ## Say what there is
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-14s %s\n", $$1, $$2 }' Makefile

venv: ## Make .venv, with everything the other targets need and the command gto-action
	@tools/make-venv.sh .venv requirements/dev.txt
	@test -x $(BIN)/gto-action || $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-input --no-index \
		--no-deps --no-build-isolation --editable .

oracle: ## Make .cache/oracle, with the real gto and dvc that the tests ask
	@tools/make-venv.sh .cache/oracle requirements/oracle.txt

peer: ## Make .cache/peer, with the gto and dvc of iterative/gto-action@v2
	@tools/make-venv.sh .cache/peer requirements/peer.txt

pull: venv ## Make .cache/pull, with DVC as the action installs it, and .cache/moto, with an S3 server
	@$(BIN)/python tools/install_dvc.py s3 ssh
	@tools/make-venv.sh .cache/moto requirements/moto.txt

node: ## Make .cache/node, with an npm and a Node 22 or later, unless this machine has them
	@command -v npm >/dev/null && node -e 'process.exit(+(parseInt(process.versions.node) < 22))' 2>/dev/null || \
		tools/make-venv.sh .cache/node requirements/node.txt

demo: ## Run the action on a sample registry and show what it says
	@tools/make-venv.sh .cache/demo requirements/runtime.txt
	@.cache/demo/bin/python tools/demo.py

demo-serve: venv ## Run the service between a Git server and a sink that prints, and push some tags
	@$(BIN)/python tools/demo_serve.py

demo-page: ## Make the page of a sample registry, serve it on the loopback and say where
	@tools/make-venv.sh .cache/demo requirements/runtime.txt
	@.cache/demo/bin/python tools/demo_page.py $(ARGS)

picture: venv ## Show a job summary as GitHub would: make picture SUMMARY=summary.md PICTURE=summary.png ARGS=--dark
	@$(BIN)/python tools/picture.py "$(SUMMARY)" "$(PICTURE)" $(ARGS)

test: venv oracle pull node ## Run the tests; options for pytest: make test ARGS="-k registry"
	@$(BIN)/python -m pytest --numprocesses auto --dist loadgroup --ignore tests/packages --ignore tests/machines $(ARGS)

coverage: ## Run the tests as `make test` does, in twice the time, and say what none of them reaches
	@$(MAKE) --no-print-directory test ARGS="--cov --cov-report term $(ARGS)"

oracle-deep: venv oracle ## Hold 2,000 generated registries, and the pages of 500, against the real gto; prints the seeds and what it found
	@GTO_ACTION_ORACLE_COUNT=2000 $(BIN)/python -m pytest --numprocesses auto tests/gto/test_gto_oracle.py -k generated
	@GTO_ACTION_PAGE_COUNT=500 $(BIN)/python -m pytest tests/page/test_numbers.py

test-deep: venv pull ## Hold `pull` against 500 generated workspaces, catch-up against 1,000 histories, deployments against 1,000 lives, the wire against 300 clones, memory against gigabytes; prints the seeds
	@GTO_ACTION_PULL_COUNT=500 GTO_ACTION_CATCH_UP_COUNT=1000 GTO_ACTION_DEPLOYMENTS_COUNT=1000 $(BIN)/python -m pytest --numprocesses auto \
		tests/pull/test_model.py tests/catch_up/test_model.py tests/deployments/test_model.py
	@GTO_ACTION_WAYS_COUNT=300 $(BIN)/python -m pytest --numprocesses auto tests/git/wire/test_both_ways.py
	@GTO_ACTION_BOUNDED_DEEP=1 $(BIN)/python -m pytest tests/git/test_bounded.py

bench: venv peer ## Measure whole runs, beside git and the peer; options: make bench ARGS="--sizes 30 1000 --no-peer"
	@$(BIN)/python benchmarks/bench.py $(ARGS)

bench-cold: venv ## Measure the first step on a machine that has nothing (as root; needs docker-registry): build, pull, without Docker, the peer
	@folder=$$(mktemp -d); trap 'tools/container/engine stop $$folder/engine; rm -rf $$folder' EXIT; \
		tools/container/images make base job machine-bookworm && tools/container/engine start $$folder/engine && \
		export DOCKER_HOST=unix://$$folder/engine/docker.sock && tools/container/images load >/dev/null && \
		$(BIN)/python benchmarks/cold.py $(ARGS)

release-deep: venv ## Release the candidate twice, with faults and without, and the image for arm64 in emulation (as root; needs docker-registry, qemu-user-static)
	@folder=$$(mktemp -d); trap 'tools/container/engine stop $$folder/engine; rm -rf $$folder' EXIT; \
		tools/container/images make base job && tools/container/engine start $$folder/engine && \
		export DOCKER_HOST=unix://$$folder/engine/docker.sock && tools/container/images load >/dev/null && \
		GTO_ACTION_RELEASE_DEEP=1 $(BIN)/python -m pytest tests/e2e/test_release_deep.py $(ARGS)

bench-page: venv ## Measure the page: 1,000 tags, 100,000, one artifact changed; options: make bench-page ARGS="--sizes 1000"
	@$(BIN)/python benchmarks/page.py $(ARGS)

serve-deep: venv ## Kill the service 20 times over 2,000 events, and replicas on PostgreSQL over 10,000; prints the seed and what it found
	@GTO_ACTION_SERVE_SQLITE=2000 GTO_ACTION_SERVE_POSTGRES=10000 GTO_ACTION_SERVE_STORM=10000 $(BIN)/python -m pytest -s tests/service/test_proofs.py

bench-service: venv ## Measure the service; options: make bench-service ARGS="--postgres --events 10000"
	@$(BIN)/python benchmarks/service.py $(ARGS)

bench-registry: venv oracle ## Measure the registry; options: make bench-registry ARGS="--sizes 1000 10000 --no-gto"
	@$(BIN)/python benchmarks/registry.py $(ARGS)

fuzz: ## Throw what atheris makes up at each parser of git's protocol: make fuzz MINUTES=10 ARGS="--seed 7 pack deltas"
	@tools/make-venv.sh .cache/fuzz requirements/fuzz.txt
	@.cache/fuzz/bin/python tools/fuzz.py --minutes $(MINUTES) $(ARGS)

dist: ## Build dist/*.whl and dist/*.tar.gz, and check what a package index would show of them
	@tools/make-venv.sh .cache/dist requirements/dist.txt
	@rm -rf dist
	@.cache/dist/bin/python -m build --no-isolation --outdir dist
	@.cache/dist/bin/python -m twine check --strict dist/*

test-machines: venv ## Run the two commands of the README on bare machines of every kind (as root): prints a table
	@GTO_ACTION_MACHINES=$(MACHINES) $(BIN)/python -m pytest --numprocesses 2 tests/machines $(ARGS)

test-packages: venv dist ## Test the locks and the package as they are installed, with three pips; needs a package index
	@$(BIN)/python -m pytest --numprocesses auto tests/packages $(ARGS)

canary: venv ## Run the tests with the newest releases instead of the locked ones, and say what is newer
	@$(BIN)/python tools/canary.py $(ARGS)

test-future: venv oracle ## Run the tests where dates matter a year and five years from now, elsewhere on earth
	@tools/test-future.sh $(BIN)/python $(ARGS)

lint: venv ## Check the code, the workflows, the Dockerfile and the scripts, and change nothing
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/zizmor --offline --quiet --persona pedantic --strict-collection .
	$(BIN)/zizmor --offline --quiet --persona pedantic --strict-collection --config tools/zizmor-examples.yml examples/*.yml
	$(BIN)/actionlint -shellcheck $(BIN)/shellcheck .github/workflows/*.yml examples/*.yml
	$(BIN)/check-jsonschema --quiet --builtin-schema vendor.github-workflows .github/workflows/*.yml examples/*.yml
	$(BIN)/check-jsonschema --quiet --builtin-schema vendor.github-actions action.yml */action.yml native/*/action.yml
	$(BIN)/check-jsonschema --quiet --builtin-schema vendor.dependabot .github/dependabot.yml
	$(BIN)/check-jsonschema --quiet --builtin-schema vendor.gitlab-ci --data-transform gitlab-ci examples/ci/gitlab-*.yml
	$(BIN)/check-jsonschema --quiet --builtin-schema vendor.azure-pipelines --data-transform azure-pipelines \
		--regex-variant python examples/ci/azure-pipelines.yml
	$(BIN)/check-jsonschema --quiet --builtin-schema vendor.bitbucket-pipelines examples/ci/bitbucket-pipelines.yml
	$(BIN)/check-jsonschema --quiet --builtin-schema vendor.circle-ci examples/ci/circleci.yml
	$(BIN)/check-jsonschema --quiet --builtin-schema vendor.buildkite examples/ci/buildkite.yml
	$(BIN)/check-jsonschema --quiet --builtin-schema vendor.woodpecker-ci examples/ci/woodpecker.yml
	$(BIN)/check-jsonschema --quiet --builtin-schema vendor.drone-ci examples/ci/drone.yml
	$(BIN)/check-jsonschema --quiet --builtin-schema vendor.cloudbuild examples/ci/cloudbuild.yaml
	$(BIN)/check-jsonschema --quiet --builtin-schema vendor.compose-spec examples/service/compose*.yaml
	$(BIN)/python tools/ci_files.py --check
	$(BIN)/python tools/tables.py --check
	$(BIN)/python tools/twins.py --check
	$(BIN)/hadolint Dockerfile tools/container/variants.Dockerfile tools/container/service.Dockerfile
	$(BIN)/shellcheck $(SCRIPTS)

format: venv ## Put the code in form
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

lock: venv ## Write requirements/*.txt and gto_action/pull/locks/*.txt anew, with the newest versions
	UV_CUSTOM_COMPILE_COMMAND="make lock" $(COMPILE) pyproject.toml --extra page --output-file requirements/runtime.txt
	UV_CUSTOM_COMPILE_COMMAND="make lock" $(COMPILE) pyproject.toml requirements/dev.in --extra cli --extra page --extra serve \
		--constraint requirements/runtime.txt --output-file requirements/dev.txt
	UV_CUSTOM_COMPILE_COMMAND="make lock" $(COMPILE) pyproject.toml --extra page $(addprefix --no-emit-package ,cryptography $(OF_THE_CLI)) \
		--constraint requirements/runtime.txt --output-file requirements/action.txt
	UV_CUSTOM_COMPILE_COMMAND="make lock" $(COMPILE) pyproject.toml --extra page --no-emit-package cryptography \
		--constraint requirements/runtime.txt --output-file requirements/cli.txt
	UV_CUSTOM_COMPILE_COMMAND="make lock" $(COMPILE) pyproject.toml $(addprefix --no-emit-package ,$(OF_THE_API) $(OF_THE_CLI)) \
		--constraint requirements/runtime.txt --output-file requirements/answer.txt
	UV_CUSTOM_COMPILE_COMMAND="make lock" $(COMPILE) pyproject.toml --extra serve \
		--constraint requirements/dev.txt --output-file requirements/serve.txt
	UV_CUSTOM_COMPILE_COMMAND="make lock" $(COMPILE) requirements/dist.in \
		--constraint requirements/dev.txt --output-file requirements/dist.txt
	UV_CUSTOM_COMPILE_COMMAND="make lock" $(COMPILE) requirements/release.in --output-file requirements/release.txt
	UV_CUSTOM_COMPILE_COMMAND="make lock" $(COMPILE) requirements/oracle.in --output-file requirements/oracle.txt
	UV_CUSTOM_COMPILE_COMMAND="make lock" $(COMPILE) requirements/peer.in --output-file requirements/peer.txt
	UV_CUSTOM_COMPILE_COMMAND="make lock" $(COMPILE) requirements/moto.in --output-file requirements/moto.txt
	UV_CUSTOM_COMPILE_COMMAND="make lock" $(COMPILE) requirements/fuzz.in --output-file requirements/fuzz.txt
	UV_CUSTOM_COMPILE_COMMAND="make lock" $(COMPILE) requirements/node.in --output-file requirements/node.txt
	tools/lock-dvc.sh $(BIN)/uv

clean: ## Remove everything that was made
	rm -rf .venv .cache .coverage .coverage.* .hypothesis .mypy_cache .pytest_cache .ruff_cache dist
	find . -name __pycache__ -prune -exec rm -rf {} +
