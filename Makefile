# SPDX-License-Identifier: Apache-2.0
#
# What a person does here every day. "make" alone lists it.

MVN ?= mvn -B
MODULE ?=

.DEFAULT_GOAL := help
.PHONY: help build test verify demo dev-up dev-status dev-down bench format clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@echo
	@echo '  One module and what it needs: make test MODULE=core'

build: ## all jars, without tests
	$(MVN) -q -DskipTests $(if $(MODULE),-pl $(MODULE) -am) package

test: ## the tests (MODULE=core for one module)
	$(MVN) $(if $(MODULE),-pl $(MODULE) -am) verify

verify: ## all that CI checks, from clean
	$(MVN) clean verify

demo: ## the main job: three shards, the directory, a service, thousands of requests, counted
	./anabranch demo

dev-up: ## database servers to develop against, until dev-down
	./anabranch dev up

dev-status: ## which of them run, and where
	./anabranch dev status

dev-down: ## stop them and remove their data
	./anabranch dev down

bench: ## JMH: the routed DataSource beside a bare pool
	$(MVN) -q -B -DskipTests -pl benchmarks -am -Pbench verify

format: ## put licence headers, imports and line ends in order
	$(MVN) -q spotless:apply

clean: ## remove everything that was built
	$(MVN) -q clean
