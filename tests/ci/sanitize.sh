#!/usr/bin/env bash
# sanitize.sh - the tests under the sanitizers of clang 19 and under valgrind; the first report ends a test.
# SPDX-License-Identifier: MIT
. "$(dirname "$0")/common.sh"
export ASAN_OPTIONS=detect_stack_use_after_return=1:strict_string_checks=1 UBSAN_OPTIONS=print_stacktrace=1 TSAN_OPTIONS=halt_on_error=1
export NSAN_OPTIONS=halt_on_error=1
CLANG='clang-19 -O1 -g -fno-omit-frame-pointer -fno-sanitize-recover=all -pthread'

# Unsigned numbers may wrap in a test's random numbers and checksums, but not in the header.
cat >"$OUT/wraps" <<'END'
[unsigned-integer-overflow|unsigned-shift-base|implicit-conversion|implicit-integer-sign-change|implicit-unsigned-integer-truncation]
src:*test_*.c
src:tests/*.h
END

if have clang-19 "address, undefined, integer, memory, thread and numerical sanitizer"; then
    suite "address, undefined, integer" "double float scalar" "" $CLANG -fsanitize=address,undefined,float-cast-overflow,integer -fsanitize-ignorelist="$OUT/wraps"
    suite "memory" "double float" "" $CLANG -fsanitize=memory -fsanitize-memory-track-origins
    threaded=$(grep -l '<pthread.h>' $TESTS)
    if [ -n "$threaded" ]; then TESTS=$threaded suite "thread" "double scalar" "" $CLANG -fsanitize=thread
    else echo "no test has threads: thread sanitizer skipped"; skipped=$((skipped + 1)); fi
    TESTS=$(ls tests/test_accuracy.c) suite "numerical" "scalar scalar-float" "" $CLANG -fsanitize=numerical
fi
# valgrind shows programs a processor without AVX-512: they take the AVX2 kernels
have valgrind "its run" && have gcc "valgrind's run" &&
    suite "valgrind" "double float scalar" "valgrind -q --error-exitcode=9 --leak-check=full" gcc -O1 -g -DTEST_QUICK -pthread
table
close
