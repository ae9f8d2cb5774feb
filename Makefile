# The one door to building, running and testing. `make help` lists what it opens.
.DEFAULT_GOAL := help
.PHONY: help run test check asan tsan tidy kill simulation bench fuzz revocations differential format format-check deps clean

# Inputs tried and seconds spent per target by `make fuzz`; `make check` spends the same.
FUZZ_SECONDS ?= 120
# Times that `make kill` kills the node.
LOOPS ?= 100
# Seeds that `make simulation` plays, from the first one on.
SEEDS ?= 10000
FIRST ?= 1
# What `make differential` sends in all, and the number that its chance comes from.
MESSAGES ?= 100000
SEED ?= 1

help: ## List these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: ## Install what is needed, build the release and start the demo on loopback (Ctrl-C ends it)
	@tools/install-deps build
	@tools/build release
	@exec build/release/counterfoil demo

test: ## Install what is needed, build and run every test; ends with "N passed, N failed"
	@tools/install-deps test
	@tools/run-tests

check: ## What is due before a change is done: every test, sanitizers, clang-tidy, long fuzzing
	@tools/install-deps test
	@tools/run-tests --suites ctest,sdk,oidc
	@tools/run-tests --suites ctest --preset asan
	@tools/run-tests --suites ctest --preset tsan
	@tools/tidy
	@tools/run-tests --suites fuzz --fuzz-runs -1 --fuzz-seconds $(FUZZ_SECONDS)

asan: ## Run the C++ tests with the address and undefined-behaviour sanitizers
	@tools/run-tests --suites ctest --preset asan

tsan: ## Run the C++ tests with the thread sanitizer
	@tools/run-tests --suites ctest --preset tsan

tidy: ## Run clang-tidy 19 over every source (SINCE=<revision>: only over what changed since)
	@tools/tidy $(if $(SINCE),--since $(SINCE))

kill: ## Kill a serving node LOOPS times (default 100) in the middle of writes; KEYS=100000: with that many keys in the store
	@tools/install-deps bench
	@tools/build bench counterfoil bench_fill
	@python3 -B tests/kill/kill_test.py build/bench/counterfoil --rounds $(LOOPS) $(if $(KEYS),--keys $(KEYS) --fill build/bench/bin/bench_fill)

simulation: ## Play SEEDS seeds (default 10000; FIRST=<seed>) of the revocation protocol on every core; TRACE=<seed>: that one, step by step
	@tools/install-deps test
	@tools/build dev revocation_simulation
	@$(if $(TRACE),build/dev/tests/simulation/revocation_simulation --trace $(TRACE),tests/simulation/play build/dev/tests/simulation/revocation_simulation $(FIRST) $(SEEDS))

bench: ## Install what is needed, build, and measure the gateway beside its peers (about 15 minutes)
	@tools/install-deps bench
	@bench/run

fuzz: ## Fuzz every target for FUZZ_SECONDS each (default 120; TARGET=<name>: only that one)
	@tools/run-tests --suites fuzz --fuzz-runs -1 --fuzz-seconds $(FUZZ_SECONDS) $(if $(TARGET),--fuzz-target $(TARGET))

revocations: ## Revoke KEYS API keys (default 1000) under load and look whether anything of them is accepted after the answer
	@tools/install-deps test
	@tools/build release
	@python3 -B tests/revocation/promise_test.py --keys $(or $(KEYS),1000) --clients 6 build/release/counterfoil

differential: ## Send MESSAGES mutated requests (default 100000; SEED=<number>) through the gateway to three foreign parsers
	@tools/install-deps test
	@tools/build release
	@python3 -B tests/differential/differential_test.py --binary build/release/counterfoil --messages $(MESSAGES) --seed $(SEED)

format: ## Rewrite every source in the house's format
	@tools/format

format-check: ## Say which sources are not in the house's format
	@tools/format --check

deps: ## Install everything that building, testing and measuring need
	@tools/install-deps test
	@tools/install-deps bench

clean: ## Remove what was built; .deps/ and installed packages stay
	rm -rf build
