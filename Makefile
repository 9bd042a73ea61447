# Every target does its own set-up; on a fresh machine only Swift itself must be there.
PREFIX ?= /usr/local
DATA ?=
# With MPI=1 train runs on several ranks under mpirun; it needs Open MPI.
MPI ?=
export MPI
# CI builds without debug information, which nobody reads there.
DEBUGGING = $(if $(CI),-debug-info-format none)
SWIFT_FORMAT = swift format
SOURCES = Package.swift Sources Tests Benchmarks

.PHONY: all build release test lint format bench demo demo-check check-pages install package \
	check-package clean bootstrap help

all: build

help:
	@echo "make demo [DATA=DIR]       from photographs to figures, on drawn faces or on DIR"
	@echo "make test                  every test"
	@echo "make build | release       the tools, for debugging or for speed"
	@echo "make lint | format         check or set the layout of the code"
	@echo "make check-pages           the pages in a browser; needs chromium"
	@echo "make bench                 this project beside its peers"
	@echo "make install PREFIX=DIR    the tools, their manifests and completions; MPI=1 adds training"
	@echo "                           on several machines, over Open MPI"
	@echo "make package               a Debian package that needs no Swift"
	@echo "make check-package         install the package in a new Debian 12 and try the tools"
	@echo "make clean                 remove what was built"

bootstrap:
	@scripts/bootstrap

build: bootstrap
	swift build $$(scripts/traits)

release: bootstrap
	swift build -c release $(DEBUGGING) $(if $(filter-out 0,$(MPI)),--traits MPI)

test:
	@scripts/bootstrap --test
	swift build --build-tests $(DEBUGGING) $$(scripts/traits)
	@scripts/test --skip-build $$(scripts/traits)
	@scripts/test-avx2

lint:
	$(SWIFT_FORMAT) lint --strict --recursive --parallel $(SOURCES)
	@scripts/check-names

format:
	$(SWIFT_FORMAT) format --in-place --recursive --parallel $(SOURCES)

bench: release
	@Benchmarks/run

demo: release
	@scripts/demo $(if $(DATA),"$(DATA)")

# The demonstration on drawn faces, and whether its figures are what they must be.
demo-check:
	@$(MAKE) --no-print-directory demo DATA=
	@scripts/demo-check

# The pages of both tools in headless Chromium; not part of CI.
check-pages: release
	@scripts/check-pages .build/release

install: release
	@scripts/install "$(PREFIX)"

package: bootstrap
	@scripts/package

check-package:
	@scripts/check-package

clean:
	rm -rf .build .build-package demo
