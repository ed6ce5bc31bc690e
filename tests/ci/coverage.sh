#!/usr/bin/env bash
# coverage.sh - do the tests take every branch and condition of jacobian.h as it ships, at -O2 and without assertions? Measured by clang 19
# over every test in double, float and scalar code and with small blocks; added up and judged by coverage.py.
# SPDX-License-Identifier: MIT
. "$(dirname "$0")/common.sh"
for tool in clang-19 llvm-profdata-19 llvm-cov-19 python3; do
    have $tool "branches and conditions" || close
done
VARIANT[small]='-DJAC_ROWS=3 -DJAC_SAMPLES=1'

# The library as it is linked with every test, with AVX-512 written out, on a processor that can be made to do less.
cat >"$OUT/library.c" <<'END'
#ifndef JAC_NO_SIMD
char *getenv(const char *);     /* by hand: which system headers say what is the test's to decide */
char *strstr(const char *, const char *);
static int supports(const char *set)
{
    const char *without = getenv("WITHOUT");
    return !without || !strstr(without, set);
}
#define __builtin_cpu_supports(set) supports(set)
#endif
#define JAC_ASSERT(condition) ((void)0)
#include LIBRARY
END
library() {     # library VARIANT
    limit clang-19 -w -O2 -fprofile-instr-generate -fcoverage-mapping -fcoverage-mcdc $WRITTEN_OUT ${VARIANT[$1]} -I. \
        "-DLIBRARY=\"$PWD/tests/avx512.c\"" -c "$OUT/library.c" -o "$OUT/$1.o"
}
measure() {     # measure NAME VARIANT TEST
    local exe=$OUT/$1_$2
    limit clang-19 -w -O1 -fprofile-instr-generate -DTEST_QUICK ${VARIANT[$2]} -include tests/linked.h -I. "$3" "$OUT/$2.o" -o "$exe" -pthread -lm || return
    local without=none
    case $1-$2 in
        test_layers-double) without='none avx512f avx512dq avx512vl avx512f,avx2 avx512f,fma' ;;
        test_corners-double) without='none avx512f' ;;                         # weights beyond the cache, where rows are packed
    esac
    for without in $without; do
        LLVM_PROFILE_FILE="$exe-$without-%p.profraw" WITHOUT=$without limit "$exe" >"$exe.out" 2>&1 || { grep -v ' passed, ' "$exe.out" | tail -n 3; return 1; }
    done
}
for variant in double float scalar small; do job "library" library $variant; done
wait
for test in $TESTS; do
    for variant in double float scalar small; do job "tests" measure "$(basename "$test" .c)" $variant "$test"; done
done
wait
read -r passed failed seconds <<<"$(counts tests)"
echo "$passed runs of the tests passed, $failed failed"
llvm-profdata-19 merge -sparse "$OUT"/*.profraw -o "$OUT/all.profdata"
llvm-cov-19 export -skip-expansions -instr-profile="$OUT/all.profdata" $(printf -- '-object %s ' "$OUT"/test_layers_{double,float,scalar,small}) >"$OUT/all.json" 2>/dev/null
python3 tests/ci/coverage.py "$OUT/all.json" jacobian.h "$failed"
