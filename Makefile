# Everything that is done with this repository, from a fresh clone. `make help` lists it.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

NAME ?= DigitsTraining
CONFIG ?=

# Debian packages. What a consumer of Core, OneLogger and the exporters alone needs is none of them.
BUILD_PACKAGES := libyaml-dev libcurl4-openssl-dev zlib1g-dev pkg-config
TEST_PACKAGES := $(BUILD_PACKAGES) jq python3 python3-venv nginx-light openssl prometheus prometheus-node-exporter
BENCH_PACKAGES := $(BUILD_PACKAGES) python3 python3-venv gcc libc6-dev binutils util-linux valgrind libc6-dbg

DOC_MODULES := OneLoggerCore OneLogger OneLoggerConsole OneLoggerJSONL OneLoggerOTLP OneLoggerPrometheus OneLoggerConfig OneLoggerBootstrap OneLoggerTesting ResourceTelemetry RLMTelemetry TrainingTelemetry WorkflowTelemetry

.PHONY: help set-up demo example test bench lint docs tsan asan clean

help: ## this list
	@sed -nE 's/^([a-z-]+):[^#]*## (.*)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 18

set-up: ## install every Debian package that anything here needs
	@Scripts/set-up.sh $(sort $(TEST_PACKAGES) $(BENCH_PACKAGES))

demo: ## train a classifier on real data, recorded; CONFIG=FILE chooses another configuration
	@$(MAKE) --no-print-directory example NAME=DigitsTraining CONFIG='$(CONFIG)'

example: ## run one of Examples/ from here: make example NAME=DigitsTraining [CONFIG=FILE]
	@Scripts/set-up.sh $(BUILD_PACKAGES)
	@Scripts/run-example.sh '$(NAME)' $(if $(CONFIG),--config '$(CONFIG)')

test: ## install what is missing, then run all tests, those of the examples too
	@Scripts/set-up.sh $(TEST_PACKAGES)
	@Scripts/set-up-python.sh
	@Scripts/run-tests.sh
	@Scripts/test-examples.sh

bench: ## measure time, instructions and allocations; prints a table, writes .build/bench.json
	@Scripts/set-up.sh $(BENCH_PACKAGES)
	@python3 Scripts/bench.py
	@Scripts/check-idle.py
	@"$$(Scripts/build.sh Benchmarks Load -c release)"
	@Scripts/set-up-python.sh
	@.build/venv/bin/python Benchmarks/Peers/generate.py "$$(Scripts/build.sh Benchmarks/Peers protoc-gen-swift -c release)"
	@"$$(Scripts/build.sh Benchmarks/Peers Peers -c release)"

lint: ## layout, documentation rules, file lengths, forbidden words
	@Scripts/lint.sh

docs: ## documentation of all modules, into .build/docs
	@Scripts/set-up.sh $(BUILD_PACKAGES)
	@mkdir -p .build/docs
	ONELOGGER_DOCS=1 swift package --scratch-path .build/documentation --allow-writing-to-directory .build/docs \
	  generate-documentation --enable-experimental-combined-documentation $(addprefix --target ,$(DOC_MODULES)) \
	  --warnings-as-errors --transform-for-static-hosting --output-path .build/docs

# ThreadSanitizer refuses, or hangs, when a forked child of a process with several threads starts threads.
tsan: ## all tests but those of fork under ThreadSanitizer
	@Scripts/set-up.sh $(TEST_PACKAGES)
	@Scripts/set-up-python.sh
	@TEST_OPTIONS='--skip ForkTests' SWIFT_BACKTRACE=enable=no Scripts/run-tests.sh -c release --scratch-path .build/tsan --sanitize=thread -Xswiftc -DTHREAD_SANITIZER -Xswiftc -enable-testing

# A recorder's core is never freed, by design, so leaks are not asked for.
asan: ## all tests under AddressSanitizer
	@Scripts/set-up.sh $(TEST_PACKAGES)
	@Scripts/set-up-python.sh
	@ASAN_OPTIONS=detect_leaks=0 SWIFT_BACKTRACE=enable=no Scripts/run-tests.sh --scratch-path .build/asan --sanitize=address

clean: ## remove everything that was built
	rm -rf .build Benchmarks/.build Benchmarks/Peers/.build Benchmarks/Peers/Sources/Peers/Schema Examples/*/.build
