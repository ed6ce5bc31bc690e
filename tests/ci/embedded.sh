#!/usr/bin/env bash
# embedded.sh - what the library takes on a Cortex-M4 at -Os: code, memory, stack. Nothing in .data or .bss, nothing from outside
# but mathematics, memory copies and the compiler's own helpers. SPDX-License-Identifier: MIT
. "$(dirname "$0")/common.sh"
have ${BOARD_CC%% *} "every figure" && have ${BOARD_RUN%% *} "every figure" && have gcc "what results are compared with" || close
printf '#define JACOBIAN_IMPLEMENTATION\n#include "jacobian.h"\n' >"$OUT/header.c"
MATH='(exp|expm1|log|log1p|tanh|erf|erfc|sqrt|cbrt|sin|cos|fabs|fmax|fmin|ldexp|frexp|nextafter)f?'

# foreign OBJECT: it needs nothing but what is listed here
foreign() { arm-none-eabi-nm "$1" | grep -q ' T jac_forward' && ! arm-none-eabi-nm -u "$1" | sed 's/.* //' | grep -vxE "$MATH|mem(cpy|set|move)|__aeabi_.*|__(unordd|eqd|ltd)f2"; }
# bounded FILE.su: no frame whose size is known only while the program runs
bounded() { [ -s "$1" ] && ! grep -v 'static$' "$1"; }
# acyclic CALLS: pairs of caller and callee, of which none leads back to itself (calls through the tables of a vector set apart)
acyclic() { [ "$(wc -l <"$1")" -gt 100 ] && ! awk '$1 == $2' "$1" | grep . && tsort "$1" >/dev/null; }
# refused CALLS PAIR...: acyclic does not let these pass
refused() { printf '%s\n' "${@:2}" | cat "$1" - >"$1.$#" && ! acyclic "$1.$#" 2>&1; }
# nets PRECISION SIZE FLAGS: on the board and on this machine, with the same J
nets() {
    $BOARD_CC -Os $STRICT $3 -I. $BOARD_IMAGE --specs=nosys.specs tests/embedded/nets.c -lm -o "$OUT/$1.$2.elf" &&
        gcc -O2 -ffp-contract=off $STRICT $3 -DJAC_NO_SIMD -I. tests/embedded/nets.c -lm -o "$OUT/$1.$2.host" &&
        limit $BOARD_RUN "$OUT/$1.$2.elf" >"$OUT/$1.$2.nets" 2>&1 && "$OUT/$1.$2.host" >"$OUT/$1.$2.host.nets" &&
        diff <(cut -d ' ' -f 1,4 "$OUT/$1.$2.nets") <(cut -d ' ' -f 1,4 "$OUT/$1.$2.host.nets") && [ "$(wc -l <"$OUT/$1.$2.nets")" -eq 2 ]
}
for precision in double float; do
    $BOARD_CC -Os $STRICT ${VARIANT[$precision]} -I. -c -fstack-usage "$OUT/header.c" -o "$OUT/$precision.o" || exit
    job "outside" foreign "$OUT/$precision.o"
    job "stack frames" bounded "$OUT/$precision.su"
    $BOARD_CC -O0 ${VARIANT[$precision]} -I. -c -fcallgraph-info "$OUT/header.c" -o "$OUT/$precision.O0.o" || exit
    sed -n 's/^edge: { sourcename: "\([^"]*\)" targetname: "\([^"]*\)".*/\1 \2/p' "$OUT/$precision.O0.ci" >"$OUT/$precision.calls"
    job "no recursion" acyclic "$OUT/$precision.calls"
    job "no recursion: planted" refused "$OUT/$precision.calls" "f f"
    job "no recursion: planted" refused "$OUT/$precision.calls" "f g" "g f"
    job "no .data, no .bss" test "$(arm-none-eabi-size "$OUT/$precision.o" | awk 'NR == 2 { print $2 + $3 }')" = 0
    job "nets" nets $precision large "${VARIANT[$precision]}"
    job "nets" nets $precision small "${VARIANT[$precision]} -DJAC_ROWS=1 -DJAC_SAMPLES=1"
done
wait

row() { printf '%-72s %8s %8s\n' "$1" "$($2 double ${*:3})" "$($2 float ${*:3})"; }
text() { arm-none-eabi-size "$OUT/$1.o" | awk 'NR == 2 { print $1 }'; }
data() { arm-none-eabi-size "$OUT/$1.o" | awk 'NR == 2 { print $2 + $3 }'; }
linked() { arm-none-eabi-nm -S -td "$OUT/$1.large.elf" | awk '$3 ~ /[tTrR]/ && $4 ~ /^jac_/ { sum += $2 } END { print sum }'; }
frame() { cut -f 2 "$OUT/$1.su" | sort -n | tail -n 1; }
net() { awk -v name="$3" -v field="$4" '$1 == name { print $field }' "$OUT/$1.$2.nets"; }

echo "$($BOARD_CC --version | head -n 1), -Os, Cortex-M4 with its FPU"
row "bytes" echo
row "code and constants of the whole header (text)" text
row "   of these, what a program links that calls jac_forward_backward only" linked
row ".data and .bss" data
row "largest stack frame" frame
for name in 4-32-32-4 500-100-10; do
    row "$name: stack of jac_net_init and jac_forward_backward, measured" net large $name 3
    row "$name: the net's memory" net large $name 2
    row "$name: with JAC_ROWS and JAC_SAMPLES 1" net small $name 2
done
# readme FIGURE...: each stands in the README's table, as 1,234
readme() {
    for figure; do
        figure=$(thousands "$figure")
        grep -qE "^\|.*[| ]$figure[ ;]" README.md || { echo "not in the README: $figure"; return 1; }
    done
}
figures=($(for precision in double float; do
    linked $precision
    net $precision large 500-100-10 3
    for name in 4-32-32-4 500-100-10; do net $precision large $name 2; net $precision small $name 2; done
done))
if grep -q "gcc $($BOARD_CC -dumpversion) -Os" README.md; then job "figures in the README" readme "${figures[@]}"
else echo "the README's figures are another compiler's: not compared"; skipped=$((skipped + 1)); fi
table
close
