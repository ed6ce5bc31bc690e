#!/usr/bin/env bash
# matrix.sh - compilers x standards x optimisation levels x vector sets x precisions: no warning, and every test passes; then
# three static analysers. SPDX-License-Identifier: MIT
. "$(dirname "$0")/common.sh"
FULL="$STRICT -Wdouble-promotion -Wundef"
FULL_CXX="$FULL -Wold-style-cast -Wzero-as-null-pointer-constant"

# The header with its implementation, and every layer macro as a user's constant data, in both languages
cat >"$OUT/header.c" <<'END'
#define JACOBIAN_IMPLEMENTATION
#include "jacobian.h"
static void square(size_t n, const jac_real *z, jac_real *a, jac_real *da, void *user)
{
    for (size_t j = 0; j < n; j++) { a[j] = z[j] * z[j]; da[j] = z[j] + z[j]; }
    (void)user;
}
static const jac_real W[4] = { 1, 2, 3, 4 }, b[2] = { 5, 6 };
extern const jac_layer table[15];
const jac_layer table[15] = {
    JAC_DENSE(2, 2, W, b), JAC_DENSE_T(2, 2, W, b), JAC_DENSE(2, 2, W, NULL), JAC_DENSE_T(2, 2, W, NULL), JAC_RELU,
    JAC_LEAKY_RELU(0.1), JAC_ELU(1.5), JAC_TANH, JAC_SIGMOID, JAC_SOFTPLUS, JAC_SILU, JAC_GELU, JAC_SOFTMAX, JAC_LOG_SOFTMAX,
    JAC_ACTIVATION(square, NULL)
};
END
for compiler in gcc-12 clang-14 clang-16 clang-19; do
    have $compiler "its standards" || continue
    for precision in double float; do
        for standard in c99 c11 c17 c2x; do
            job "$compiler, C" $compiler -x c -std=$standard -O0 $FULL ${VARIANT[$precision]} -I. -c "$OUT/header.c" -o /dev/null
        done
        for standard in 'c++11 -O2' 'c++14 -O0' 'c++17 -O0' 'c++20 -O0'; do      # some warnings need the optimiser; in C the tests have it
            job "$compiler, C++" $compiler -x c++ -std=$standard $FULL_CXX ${VARIANT[$precision]} -I. -c "$OUT/header.c" -o /dev/null
        done
    done
done

# The tests. A vector set is forced by answering what the header asks of the processor: avx512 asks for more than avx2, and
# sse2 is what is left when all answers are no. AVX-512 is `best` where the processor has it; it is also written out for those without.
declare -A SET=([best]= [sse2]='-D__builtin_cpu_supports(set)=0' [avx512]=$WRITTEN_OUT)
SET[avx2]='-D__builtin_cpu_supports(set)=(sizeof(set)<6&&__builtin_cpu_supports(set))'
row=0
while read -r compiler set variants level; do
    in_turn $((row++ % 2)) 2 "$compiler $level, $set $variants" && have $compiler "the tests with it at $level" &&
        LIBRARY=$([ $set = avx512 ] && echo tests/avx512.c) \
            suite "$compiler $level, $set $variants" "$variants" "" $compiler $level ${SET[$set]} -DTEST_QUICK -pthread
done <<'END'
gcc-12   best   double       -std=c99 -O0
gcc-12   best   float        -std=c11 -O3 -march=native
gcc-12   sse2   double       -std=c17 -Os
gcc-12   avx512 double       -std=c17 -O2
clang-14 avx2   float        -std=c2x -O2
clang-14 best   float        -std=c11 -O3
clang-16 best   double       -std=c99 -O3 -march=native
clang-16 sse2   float        -std=c11 -Os
clang-19 avx2   double       -std=c17 -O2
clang-19 best   scalar-float -std=c2x -O0
clang-19 avx512 float        -std=c2x -O1
tcc      best   double       -std=c99
tcc      best   float        -std=c11
musl-gcc best   scalar       -std=c99 -O2
END

# Analysers. Left out, with the reason: easily-swappable-parameters (sizes are sizes); branch-clone, implicit-widening (constants
# that differ between vector sets or are small); macro-parentheses (declarators); flp30 (a counted loop that also quarters a step).
TIDY='-*,bugprone-*,cert-*,clang-analyzer-*,portability-*,-bugprone-easily-swappable-parameters,-bugprone-branch-clone'
TIDY="$TIDY,-bugprone-implicit-widening-of-multiplication-result,-bugprone-macro-parentheses,-cert-flp30-c"
TIDY="$TIDY,-clang-analyzer-optin.performance.Padding"
for precision in double float; do
    have clang-tidy "bugprone, cert and analyzer checks" &&
        job "clang-tidy" limit clang-tidy --quiet --warnings-as-errors='*' --checks="$TIDY" --header-filter=jacobian "$OUT/header.c" \
            -- -std=c99 ${VARIANT[$precision]} -I.
    # a pointer into the net's memory is a double's or an unsigned's, as laid out by the plan: not portable only if misaligned
    have cppcheck "its checks" &&
        job "cppcheck" limit cppcheck --quiet --std=c99 --enable=warning,portability --suppress=invalidPointerCast --error-exitcode=1 \
            -D__GNUC__=12 -D__x86_64__ -D__SSE2__ ${VARIANT[$precision]:--UJAC_FLOAT} -UJAC_NO_SIMD -I. "$OUT/header.c"
done
have gcc-12 "-fanalyzer" &&
    job "gcc -fanalyzer" limit gcc-12 -std=c99 -O1 -fanalyzer -Werror -DJAC_NO_SIMD -I. -c "$OUT/header.c" -o /dev/null
table
close
