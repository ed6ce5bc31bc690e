#!/usr/bin/env bash
# sanitize.sh - the tests under the sanitizers of clang 19 and under valgrind; the first report ends a test.
# SPDX-License-Identifier: MIT
. "$(dirname "$0")/common.sh"
export ASAN_OPTIONS=detect_stack_use_after_return=1:strict_string_checks=1 UBSAN_OPTIONS=print_stacktrace=1 TSAN_OPTIONS=halt_on_error=1
CLANG='clang-19 -O0 -g -fno-omit-frame-pointer -fno-sanitize-recover=all -pthread -DTEST_QUICK'

# Unsigned numbers may wrap in a test's random numbers and checksums; in the header only where 0 - 1 is a mask of ones. Bits
# shifted out are no fault anywhere.
cat >"$OUT/wraps" <<'END'
[{unsigned-integer-overflow,implicit-*}]
src:*tests/test_*.c
src:*tests/[^.]*.h
fun:jac_impl_nearest_*
END
INTEGER="-fsanitize=address,undefined,float-cast-overflow,integer -fno-sanitize=unsigned-shift-base -fsanitize-ignorelist=$OUT/wraps"

# The numerical sanitizer computes every double in 113 bits as well and compares: all J of the accuracy corpus, to 2^-30 however
# small they are. Comparisons do not count, a unit may be 0 in double and not in 113 bits; nor does what the kernel centre makes of the
# largest class, which is written over: what it makes of the others shows where J is stored. The usual s (1 - s) must be found.
export NSAN_OPTIONS=halt_on_error=1:log2_max_relative_error=30:log2_absolute_error_threshold=1000:suppressions=$OUT/compare
printf 'fcmp:*\nconsistency:jac_impl_centre_scalar\n' >"$OUT/compare"
numerical() {
    local exe=$OUT/numerical.$(basename "$1" .c)
    limit $CLANG -O1 -DJAC_NO_SIMD -fsanitize=numerical -I. "$1" -o "$exe" -lm && limit "$exe" --checksum
}
finds_cancellation() {
    cat >"$OUT/textbook.c" <<'END'
#include <math.h>
#include <stdio.h>
int main(int argc, char **argv)
{
    volatile double s = 1 / (1 + exp(-39.0 - argc)), d;
    d = s * (1 - s);
    return printf("%s %g\n", argv[0], d) < 0;
}
END
    numerical "$OUT/textbook.c" 2>&1 | grep 'NumericalStabilitySanitizer: inconsistent'
}

# A wrap in the header must be found, however the list of what may wrap is spelled: the smaller of two numbers, by one.
finds_wrap() {
    mkdir "$OUT/wrap" && cp -r tests examples "$OUT/wrap" &&
        sed 's/{ return a < b ? a : b; }/{ return a - b > a ? a : b; }/' jacobian.h >"$OUT/wrap/jacobian.h" &&
        ! cmp -s jacobian.h "$OUT/wrap/jacobian.h" && cd "$OUT/wrap" && limit $CLANG $INTEGER -c tests/jacobian.c -o jacobian.o &&
        limit $CLANG $INTEGER -include tests/linked.h -I. tests/test_jacobian.c jacobian.o -o jacobian -lm || return
    limit ./jacobian 2>&1 | grep 'jacobian.h.*unsigned integer overflow'
}

if have clang-19 "address, undefined, integer, memory, thread and numerical sanitizer"; then
    LIBRARY=tests/avx512.c suite "address, undefined, integer" double "" $CLANG $INTEGER $WRITTEN_OUT
    suite "address, undefined, integer" "float scalar" "" $CLANG $INTEGER
    job "integer: a planted wrap" finds_wrap
    suite "memory" "double float" "" $CLANG -O1 -fsanitize=memory -fsanitize-memory-track-origins
    threaded=$(grep -l '<pthread.h>' $TESTS)
    if [ -n "$threaded" ]; then TESTS=$threaded suite "thread" "double scalar" "" $CLANG -fsanitize=thread
    else echo "no test has threads: thread sanitizer skipped"; skipped=$((skipped + 1)); fi
    job "numerical" numerical tests/test_accuracy.c
    job "numerical" finds_cancellation
fi
# valgrind shows programs a processor without AVX-512
in_turn 3 4 valgrind && have valgrind "its run" && have gcc "valgrind's run" &&
    LIMIT=$((4 * LIMIT)) LIBRARY=tests/avx512.c suite "valgrind" double "valgrind -q --error-exitcode=9 --leak-check=full" \
        gcc -O1 -g $WRITTEN_OUT -DTEST_QUICK -DTEST_ONE_MODE -pthread
table
close
