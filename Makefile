# jacobian.h is one header: there is nothing to build but its examples and tests.

CC ?= cc
CXX ?= c++
CFLAGS ?= -O2
WARNINGS = -Wall -Wextra -Wpedantic -Wconversion -Wshadow
PREFIX ?= /usr/local
VERSION = $(shell sed -n 's/^.define JAC_VERSION "\(.*\)"/\1/p' jacobian.h)
EXAMPLES = $(filter-out mpi_batch,$(basename $(notdir $(wildcard examples/*.c))))

all: $(EXAMPLES:%=build/%)          ## build the examples (the default)

build/%: examples/%.c $(wildcard examples/*.h) jacobian.h | build
	$(CC) -std=c99 $(CFLAGS) $(WARNINGS) -I. $< -o $@ -lm $(if $(filter threads,$*),-pthread)

build:
	mkdir -p build

run: build/quickstart build/notebook        ## the quickstart and the notebook
	./build/quickstart
	./build/notebook

test:                               ## build and run every test; the last line says how many passed
	@CC='$(CC)' CXX='$(CXX)' CFLAGS='$(CFLAGS) $(WARNINGS)' sh tests/run.sh

accuracy: jacobian.h | build        ## worst errors against high-precision references, by class of net
	$(CC) -std=c99 $(CFLAGS) -I. tests/test_accuracy.c -o build/accuracy -lm && ./build/accuracy

bench:                              ## time over floor, beside textbook C and what peers are installed (ARGS=--quick ...)
	sh tests/bench/bench.sh $(ARGS)

bench-plot:                         ## the benchmark's chart, tests/bench/bench.svg
	sh tests/bench/bench.sh --csv build/bench/bench.csv $(ARGS)
	python3 tests/bench/plot.py build/bench/bench.csv tests/bench/bench.svg

# The heavy stages need other compilers, emulators, provers: `make tools` installs them by name on Debian.
tools matrix sanitize coverage mutants prove fuzz machines embedded docs-check export-check:
	sh tests/ci/$@.sh

mpi:                                ## the MPI example on two processes
	sh tests/ci/mpi.sh

install:                            ## header and pkg-config file under $(DESTDIR)$(PREFIX)
	install -d '$(DESTDIR)$(PREFIX)/include' '$(DESTDIR)$(PREFIX)/share/pkgconfig'
	install -m 644 jacobian.h '$(DESTDIR)$(PREFIX)/include/jacobian.h'
	printf 'prefix=%s\nincludedir=$${prefix}/include\n\nName: jacobian\nDescription: The exact Jacobian of a neural network, in one C header\nVersion: %s\nCflags: -I$${includedir}\nLibs: -lm\n' \
	  '$(PREFIX)' '$(VERSION)' > '$(DESTDIR)$(PREFIX)/share/pkgconfig/jacobian.pc'

uninstall:                          ## take them away again
	rm -f '$(DESTDIR)$(PREFIX)/include/jacobian.h' '$(DESTDIR)$(PREFIX)/share/pkgconfig/jacobian.pc'

clean:                              ## remove build/
	rm -rf build

help:                               ## this list
	@sed -n 's/^\([a-z][a-z -]*\):.*## /\1|/p' Makefile | awk -F'|' '{ printf "  make %-12s %s\n", $$1, $$2 }'
	@echo "  heavy stages: make tools matrix sanitize coverage mutants prove fuzz machines embedded docs-check export-check"

.PHONY: all run test accuracy bench bench-plot mpi install uninstall clean help tools matrix sanitize coverage mutants prove fuzz machines embedded docs-check export-check
