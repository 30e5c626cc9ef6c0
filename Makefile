# Heed: two commands for everyone, the rest for those who work on it.
#
#   make demo      set up, build, compile the kernels for this CPU, run the model, write the heat map page
#   make test      set up, build, run every test
#
#   make build     set up and build, nothing more        make bench    attention figures of this machine
#   make format    clang-format every source             make compare  attention beside other runtimes (installs them, 4 GB)
#   make compare-model   MiniLM beside ONNX Runtime      COMPARE="--cases gpt1k --threads 2": compare's flags; --help lists them
#   make test-gpu, bench-gpu   CUDA kernels on this machine's GPU; without one they say so
#   make install   library, headers and tools (PREFIX=/usr/local)
#   make clean     remove build/ (.deps/ with the downloads stays; make distclean removes both)

BUILD  ?= build
PREFIX ?= /usr/local
JOBS   ?= $(shell nproc)

.PHONY: demo test build setup setup-test setup-peers format bench compare compare-model test-gpu bench-gpu install clean distclean
.DEFAULT_GOAL := build

setup:
	@scripts/setup.sh packages halide model

setup-test:
	@scripts/setup.sh packages halide model test-tools

setup-peers:
	@scripts/setup.sh packages peers

build: setup
	@scripts/build.sh $(BUILD) $(JOBS)

demo: build
	@scripts/demo.sh $(BUILD)

test: setup-test
	@scripts/build.sh $(BUILD) $(JOBS) tests
	@scripts/test.sh $(BUILD) $(JOBS)

bench: build
	@$(BUILD)/tools/heed-bench --threads 1

compare: build setup-peers
	@scripts/compare.sh $(BUILD) $(COMPARE)

compare-model: setup-test build
	@scripts/compare-model.sh $(BUILD)

test-gpu: setup-test build
	@.deps/venv/bin/python scripts/gpu/run.py $(BUILD)

bench-gpu: setup-test build
	@.deps/venv/bin/python scripts/gpu/run.py $(BUILD) --bench

install: build
	@cmake --install $(BUILD) --prefix $(PREFIX)

format:
	@scripts/setup.sh format
	@git ls-files '*.h' '*.cpp' | xargs clang-format-22 -i

clean:
	rm -rf $(BUILD)

distclean: clean
	rm -rf .deps
