# Every way to work on Revenge. `make` alone lists them.
.DEFAULT_GOAL := help
.PHONY: run demo test bench fix gen db setup dist help

XTASK := cargo run --quiet -p xtask --
DEMO ?= .demo

run: ## Build and start the server. MEDIA=/path offers a folder, DATA=/path keeps the data there
	@scripts/setup.sh run
	@scripts/run.sh

demo: ## Make a small media folder to try everything with. DEMO=folder
	@scripts/setup.sh run
	@$(XTASK) demo "$(DEMO)"

test: ## Check everything: format, lints, all tests, browser journeys. ONLY=rust runs one step
	@scripts/setup.sh test
	@$(XTASK) test $(if $(ONLY),--only $(ONLY))

bench: ## Measure what bench/ measures
	@scripts/setup.sh bench
	@$(XTASK) bench

fix: ## Format, and mend what the lints can mend
	@scripts/setup.sh run
	@$(XTASK) fix

gen: ## Write again what is generated: checked SQL, OpenAPI document, its TypeScript
	@scripts/setup.sh run
	@$(XTASK) gen

db: ## Start a development database with all migrations and print its DATABASE_URL
	@scripts/setup.sh run
	@$(XTASK) db

setup: ## Install by name what building and testing needs
	@scripts/setup.sh test

dist: ## Build the small, fast program for packaging: target/dist/revenge
	@scripts/setup.sh run
	@scripts/build-web.sh
	@cargo build --profile dist -p revenge

help:
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-6s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
