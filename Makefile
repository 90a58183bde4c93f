# `make chat` and `make test` are all a newcomer needs; see README.md.
.PHONY: setup chat serve test test-slow lint bench reproduce-default clean
.DEFAULT_GOAL := help

BIN := .venv/bin
# Set up again when what is installed changes, and only then.
USER_STAMP := .venv/.installed
DEV_STAMP := .venv/.installed-dev
INPUTS := pyproject.toml constraints.txt install.sh

help:
	@echo "make chat               talk in the terminal (sets up on first use)"
	@echo "make serve              open the web page"
	@echo "make test               run all tests but the slow ones"
	@echo "make test-slow          fuzzing and the like"
	@echo "make lint               ruff and pyright"
	@echo "make bench              the figures behind the README's claims"
	@echo "make reproduce-default  train the default policy again"

$(USER_STAMP): $(INPUTS)
	@./install.sh
	@touch $@

$(DEV_STAMP): $(INPUTS) tests/browser/install_chromium.sh tests/scale/install_nginx.sh
	@./install.sh dev
	@touch $(USER_STAMP) $@

setup: $(USER_STAMP)

chat: $(USER_STAMP)
	@$(BIN)/pericles chat

serve: $(USER_STAMP)
	@$(BIN)/pericles serve

test: $(DEV_STAMP) lint
	$(BIN)/python -m pytest -m "not slow"

test-slow: $(DEV_STAMP)
	$(BIN)/python -m pytest -m slow

lint: $(DEV_STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/pyright --threads

bench: $(DEV_STAMP)
	@missed=; for script in benchmarks/*.py; do $(BIN)/python $$script || missed="$$missed $$script"; done; \
	if [ -n "$$missed" ]; then echo "missed a target:$$missed"; exit 1; fi

reproduce-default: $(DEV_STAMP)
	$(BIN)/pericles train recipes/default.yaml

clean:
	rm -rf .venv build dist *.egg-info
