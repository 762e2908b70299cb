# The verbs of the house: thin calls of CMake presets and of the scripts in tools/.
# T=NAME narrows a verb to one module (test, asan, tsan), fuzz target or test file (e2e).
.DEFAULT_GOAL := help
T ?=
SECONDS_EACH ?= 60
ctest = ctest --test-dir build/$(1) --output-on-failure -j2 $(if $(T),-R '^$(T)$$')
python = build/venv/bin/python
export PYTHONPYCACHEPREFIX = $(CURDIR)/build/cache/python

.PHONY: setup build test check check-fast fmt lint asan tsan clang fuzz coverage bench e2e run \
  python docs package ci help

setup:  ## install the packages and the Python environment that the other verbs need
	tools/setup.sh build test
	tools/venv.sh build/venv tests/requirements.txt

build: build/dev/build.ninja  ## compile everything for development, in build/dev
	ninja -C build/dev

test: build  ## run the unit tests (T=ws: one module)
	$(call ctest,dev)

check: check-fast build  ## every rule a machine can see: run before a push
	ninja -C build/dev all_verify_interface_header_sets
	tools/lint.sh --changed

check-fast:  ## the part of check that takes seconds (the pre-commit hook)
	python3 tools/check_layers.py
	python3 tools/check_tidy.py
	python3 tools/check_docs.py
	tools/format.sh --check
	$(python) -m ruff check --quiet tools tests bench
	$(python) -m pytest --quiet tools

fmt:  ## lay out the C++ and Python files
	tools/format.sh
	$(python) -m ruff check --quiet --fix tools tests bench

lint: build/dev/build.ninja  ## clang-tidy over all sources
	tools/lint.sh

asan tsan clang:  ## unit tests under a sanitizer, or built by the other compiler
	@test -f build/$@/build.ninja || cmake --preset $@
	ninja -C build/$@
	$(call ctest,$@)

fuzz:  ## fuzz each target for a minute (T=frame_parser SECONDS_EACH=600)
	tools/fuzz.sh --seconds $(SECONDS_EACH) $(T)

coverage:  ## lines of the codecs that the committed fuzz corpus reaches
	tools/corpus_coverage.sh

bench: build/release/build.ninja  ## measure beside the floor, in one run
	ninja -C build/release
	python3 bench/run.py

e2e: build/release/build.ninja  ## the tests that start the program and talk to it (T=path)
	ninja -C build/release
	CARILLON_BIN=$(CURDIR)/build/release/carillon $(python) -m pytest \
	  $(or $(T),tests/integration tests/interop tests/package)

python: build/release/build.ninja  ## check, build and test clients/python (T=4.2: that Django)
	ninja -C build/release carillon
	tools/python_package.sh $(or $(T),newest)

run:  ## build the release and serve the demonstration
	./run

docs:  ## write the generated tables of the documentation, and check its links
	python3 tools/close_codes.py
	python3 tools/check_docs.py

package:  ## a tar archive of the program, the library and its headers, in build/packages
	cmake --workflow --preset package

ci:  ## what the build machine runs
	.ci/run

help:  ## this list
	@sed -n 's/^\([a-z][a-z0-9 -]*\):[^#]*## \(.*\)/\1\t\2/p' $(MAKEFILE_LIST) | expand -t 18

build/%/build.ninja:
	cmake --preset $*
