# The two commands of a newcomer are `make run` and `make test`; both do their own set-up.
JOBS ?= $(shell nproc)
PRESET ?= release

.PHONY: help setup build run test fuzz bench compat kube-tools format clean

help:
	@echo 'make run        build, start a demo shop behind the gateway, print what to try (ONCE=1: check it and exit)'
	@echo 'make test       build, run all tests'
	@echo 'make build      release programs in build/release/bin'
	@echo 'make fuzz       every parser against made-up input, FUZZ_SECONDS=300 each'
	@echo 'make bench      CPU per request beside nginx, HAProxy and Envoy'
	@echo 'make compat     play cases on a KrakenD (KRAKEND=path) and here, print each difference (CASES=folder: your own)'
	@echo 'make kube-tools the API server, kubectl and Helm that the tests use (needs Go, once, about 10 minutes)'
	@echo 'make setup      install missing Debian packages'

setup:
	@scripts/setup.sh

build: setup
	@cmake --preset $(PRESET) --log-level=WARNING
	@cmake --build --preset $(PRESET) -j $(JOBS) --target bin/ropewalk bin/ropewalk-controller
	@echo 'built build/$(PRESET)/bin/ropewalk and build/$(PRESET)/bin/ropewalk-controller'

run: build
	@/usr/bin/python3 scripts/demo.py --binaries build/$(PRESET)/bin $(if $(ONCE),--once)

test: setup kube-tools
	cmake --preset $(PRESET) --log-level=WARNING
	cmake --build --preset $(PRESET) -j $(JOBS)
	ctest --test-dir build/$(PRESET) -j $(JOBS) --output-on-failure

FUZZ_SECONDS ?= 300
fuzz: setup
	cmake --preset fuzz --log-level=WARNING -DROPEWALK_FUZZ_SECONDS=$(FUZZ_SECONDS)
	cmake --build --preset fuzz -j $(JOBS) --target fuzz
	ctest --test-dir build/fuzz -L fuzz -j $(JOBS) --output-on-failure

# Without Go the tests that need these programs say that they are skipped.
kube-tools:
	@if [ -n "$$KUBEBUILDER_ASSETS" ]; then echo "kube-tools: programs of KUBEBUILDER_ASSETS"; \
	elif command -v go >/dev/null; then tests/kube/build.sh; \
	else echo 'kube-tools: no Go here; the tests with a real Kubernetes API server will be skipped'; fi

bench: setup build
	@/usr/bin/python3 tests/bench/run.py --binaries build/$(PRESET)/bin

KRAKEND ?=
GATEWAY ?= build/$(PRESET)/bin/ropewalk
compat: $(if $(filter build/%,$(GATEWAY)),build)
	@if [ -z "$(KRAKEND)" ]; then echo 'make compat: give KRAKEND=path/to/krakend (and CASES=folder for your own cases)'; exit 2; fi
	@/usr/bin/python3 tests/conformance/krakend/compat.py --krakend "$(KRAKEND)" --gateway "$(GATEWAY)" $(CASES)

format:
	git ls-files '*.h' '*.cc' | xargs clang-format-19 -i

clean:
	rm -rf build
