# SPDX-License-Identifier: Apache-2.0
#
# What a person does here every day. "make" alone lists it.

MVN ?= mvn -B
MODULE ?=

.DEFAULT_GOAL := help
.PHONY: help build test verify demo demo-services demo-reviews migrate add-migration dev-up dev-status dev-down bench format clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
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

demo-services: ## two services on one database, a schema and migrations each
	./anabranch demo services

demo-reviews: ## reviews in a database of their own with replicas: routing, and reading what was written
	./anabranch demo reviews

migrate: ## brings a service's schema to head on each of its databases: make migrate svc=billing
	@test -n "$(svc)" || { echo 'Say which service: make migrate svc=billing' >&2; exit 2; }
	./anabranch migrate apply --service $(svc) --yes

add-migration: ## writes the next file from the desired state: make add-migration svc=billing msg="add plan"
	@test -n "$(svc)" && test -n "$(msg)" || { echo 'Say which service, and what for: make add-migration svc=billing msg="add plan"' >&2; exit 2; }
	./anabranch migrate new --service $(svc) -m "$(msg)"

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
