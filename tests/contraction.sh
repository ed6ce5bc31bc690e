#!/bin/sh
# contraction.sh - whatever the compiler is told about contracting a*b + c to one rounding, the bits of J stay the same: the
# header fixes that itself. A build that may contract wherever it likes, for a machine that can, against one that may not.
# Clang takes -ffp-contract=fast to mean "in spite of what the source says": there J must stay within its bounds, no more; and so
# must it when sums may be reordered, of which clang tells the source nothing.
# A control: gcc's bits do change where the header does not forbid it. Ends in `N passed, N failed`.
# SPDX-License-Identifier: MIT
cd "$(dirname "$0")/.." || exit 1
CC=${CC:-cc}
out=${BUILD:-build}/contraction
passed=0 failed=0
rm -rf "$out" && mkdir -p "$out"
fused=''
if [ "$(uname -m)" = x86_64 ] && grep -qw fma /proc/cpuinfo && grep -qw avx2 /proc/cpuinfo; then fused='-mfma -mavx2'; fi
case $(uname -m),$fused in
    x86_64,|i?86,)
        echo 'this machine has no FMA, nothing can be contracted: left out'
        echo '0 passed, 0 failed'
        exit ;;
esac
build() {       # build FOLDER OUTPUT OPTION...
    folder=$1 program=$out/$2
    shift 2
    # shellcheck disable=SC2086
    $CC -O2 "$@" $fused -I"$folder" -c "$folder/tests/test_accuracy.c" -o "$program.o" && $CC "$program.o" -o "$program" -lm
}
for variant in -DJAC_NO_SIMD -DJAC_FLOAT; do
    want='' said='' ok=0
    build . fast "$variant" -ffp-contract=fast
    if $CC --version | grep -q clang; then
        want='0 failed, twice'
        build . unsafe "$variant" -funsafe-math-optimizations       # not when linking: there it flushes denormals
        said=$("$out/fast" | tail -n 1; "$out/unsafe" | tail -n 1)
        case $said in *' passed, 0 failed'*' passed, 0 failed') ok=1 ;; esac
    else
        build . off "$variant" -ffp-contract=off && want=$("$out/off" --checksum)
        said=$("$out/fast" --checksum)
        if [ -n "$want" ] && [ "$said" = "$want" ]; then ok=1; fi
        if [ -n "$fused" ] && [ "$variant" = -DJAC_NO_SIMD ]; then
            mkdir -p "$out/tests" && cp tests/*.h tests/test_accuracy.c "$out/tests" &&
                sed 's/"fp-contract=off", //' jacobian.h >"$out/jacobian.h" && ! cmp -s jacobian.h "$out/jacobian.h" &&
                build "$out" loose "$variant" -ffp-contract=fast || ok=0
            if [ "$("$out/loose" --checksum)" = "$want" ]; then ok=0; echo "$variant: contracted, and the same bits"; fi
        fi
    fi
    if [ $ok -eq 1 ]; then passed=$((passed + 1))
    else
        failed=$((failed + 1))
        printf '%s -ffp-contract=fast %s:\n%s\ninstead of\n%s\n' "$variant" "$fused" "$said" "$want"
    fi
done
echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
