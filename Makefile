# jacobian.h is one file: copy it and go. This Makefile builds its examples and puts it to the test.
#
#   make                the examples, into build/
#   make run            the README's program and the notebook's net
#   make test           every test, in one to five minutes; the last line is `N passed, N failed`
#   make install        the header and its pkg-config file, into DESTDIR and PREFIX (default /usr/local)
#   make uninstall      takes them away
#   make clean          removes build/
#   make help           this text
#
# Measurements
#   make bench          time against the limits of this machine and against what else is installed; with ARGS='--quick'
#                       or '--problems tiny' a part of it
#   make bench-plot     draws the README's chart anew, tests/bench/bench.svg
#   make accuracy       the worst error by class of net, in two minutes
#
# Reliability: each names the tools that it misses
#   make tools          installs them, on Debian
#   make matrix         compilers, standards, optimisation levels, vector sets
#   make sanitize       address, undefined, memory and thread sanitizers, valgrind
#   make coverage       branches and conditions of the header
#   make mutants        faults planted in the header must be found
#   make prove          Frama-C on the header
#   make fuzz           random calls against the whole face
#   make machines       other processors and systems, emulated
#   make embedded       code size, memory and stack on a microcontroller
#   make docs-check     every public name is documented and tested, generated numbers are what their script writes
#   make mpi            the example that needs MPI
#   make export-check   from a trained net to a C header, round trip
#   make export-torch   the same against PyTorch, where it is installed
#
# Choices: CC, CXX, CFLAGS, BUILD (another build directory), VARIANTS (of the tests: double float scalar).

CC       ?= cc
CXX      ?= c++
CFLAGS   ?= -O2
WARNINGS ?= -Wall -Wextra -Wpedantic -Wconversion -Wshadow
PREFIX   ?= /usr/local
BUILD    ?= build
JOBS     ?= $(shell getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2)
VERSION  := $(shell sed -n 's/^.define JAC_VERSION "\(.*\)"/\1/p' jacobian.h)
export CC CXX CFLAGS WARNINGS BUILD

EXAMPLES := $(patsubst examples/%.c,$(BUILD)/%,$(filter-out examples/mpi_batch.c,$(wildcard examples/*.c)))
EXAMPLES += $(if $(shell command -v $(CXX)),$(patsubst examples/%.cpp,$(BUILD)/%,$(wildcard examples/*.cpp)))
TESTS    := $(patsubst tests/%.c,$(BUILD)/tests/%,$(wildcard tests/test_*.c))
VARIANTS ?= double float scalar
PROGRAMS := $(foreach v,$(VARIANTS),$(TESTS:=_$(v)))
SCRIPTS  := $(wildcard tests/link.sh tests/planted.sh tests/contraction.sh tests/snippets.sh tests/examples.sh)

all: $(EXAMPLES)

run: $(BUILD)/quickstart $(BUILD)/notebook
	$(BUILD)/quickstart
	$(BUILD)/notebook

test:
	@$(MAKE) --no-print-directory -j$(JOBS) $(PROGRAMS) $(EXAMPLES)
	@JOBS=$(JOBS) sh tests/run_tests.sh $(SCRIPTS) $(PROGRAMS)

help:
	@sed -n '/^#/!q; s/^# \{0,1\}//p' Makefile

install:
	install -d $(DESTDIR)$(PREFIX)/include $(DESTDIR)$(PREFIX)/lib/pkgconfig
	install -m 644 jacobian.h $(DESTDIR)$(PREFIX)/include
	printf '%s\n' 'prefix=$(PREFIX)' 'Name: jacobian' 'Description: the exact Jacobian of a neural network, in one C header' \
	    'Version: $(VERSION)' 'Cflags: -I$${prefix}/include' 'Libs: -lm' > $(DESTDIR)$(PREFIX)/lib/pkgconfig/jacobian.pc

uninstall:
	rm -f $(DESTDIR)$(PREFIX)/include/jacobian.h $(DESTDIR)$(PREFIX)/lib/pkgconfig/jacobian.pc

clean:
	rm -rf $(BUILD)

bench:
	tests/bench/bench.sh $(ARGS)

bench-plot:
	tests/bench/bench.sh --sweep --csv $(BUILD)/bench/bench.csv
	python3 tests/bench/plot.py $(BUILD)/bench/bench.csv tests/bench/bench.svg

accuracy: $(BUILD)/tests/test_accuracy_double $(BUILD)/tests/test_accuracy_float
	$(BUILD)/tests/test_accuracy_double
	$(BUILD)/tests/test_accuracy_float --stride 97

tools matrix sanitize coverage mutants prove fuzz machines embedded docs-check mpi export-check export-torch:
	@tests/ci/$@.sh

# Each test and example is a whole program. Here they share the library as an object, for time. Not so cpp.cpp, which is C++, and
# no_malloc.c, with its own switches.
LINKED := -include tests/linked.h
OBJECT = $(BUILD)/tests/jacobian_$(1).o
HEADERS := jacobian.h $(wildcard examples/*.h tests/*.h) $(BUILD)/choices
# What another compiler or other flags built is not up to date.
CHOICES := $(CC) $(CXX) $(CFLAGS) $(WARNINGS)
$(BUILD)/choices: always
	@mkdir -p $(@D); echo '$(CHOICES)' | cmp -s - $@ || echo '$(CHOICES)' > $@

LIBRARY := $(LINKED) $(call OBJECT,double)
$(BUILD)/no_malloc: LIBRARY :=
$(BUILD)/%: examples/%.c $(call OBJECT,double) $(HEADERS)
	$(CC) $(CFLAGS) $(WARNINGS) -I. $< $(LIBRARY) -o $@ -pthread -lm

$(BUILD)/%: examples/%.cpp $(HEADERS)
	@mkdir -p $(@D)
	$(CXX) -std=c++17 $(CFLAGS) $(WARNINGS) -I. $< -o $@ -pthread -lm

FLAGS_float  := -DJAC_FLOAT
FLAGS_scalar := -DJAC_NO_SIMD
define VARIANT
$(call OBJECT,$(1)): tests/jacobian.c $(HEADERS)
	@mkdir -p $$(@D); echo "  $$(@F)"; $$(CC) $$(CFLAGS) $$(WARNINGS) $$(FLAGS_$(1)) -c $$< -o $$@

$(BUILD)/tests/%_$(1): tests/%.c $(call OBJECT,$(1)) $(HEADERS)
	@echo "  $$(@F)"; $$(CC) $$(CFLAGS) $$(WARNINGS) $$(FLAGS_$(1)) $$(LINKED) -I. $$< $(call OBJECT,$(1)) -o $$@ -pthread -lm
endef
$(foreach v,double float scalar,$(eval $(call VARIANT,$(v))))

.PHONY: always all run test help install uninstall clean bench bench-plot accuracy tools matrix sanitize coverage mutants prove fuzz \
        machines embedded docs-check mpi export-check export-torch
