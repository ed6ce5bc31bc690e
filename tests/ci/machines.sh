#!/usr/bin/env bash
# machines.sh - the tests on other processors and systems: cross-compiled, run by QEMU, Wine or on the bare board, with fewer trials.
# J without vector instructions must have the same bits everywhere but on the x87. ONLY='x86-64$|riscv' runs these machines alone.
# SPDX-License-Identifier: MIT
. "$(dirname "$0")/common.sh"
export WINEPREFIX=$OUT/wine WINEDEBUG=-all
WINE=$(dpkg -L wine64 2>/dev/null | grep -x '/usr/lib/.*/wine64')
TRAP='-fsanitize=undefined,float-cast-overflow -fsanitize-undefined-trap-on-error'

# machine NAME COMPILER FLAGS RUN [VARIANTS]: every test in these variants, and test_accuracy in those that give the checksums
SCALAR='scalar scalar-float'
machines=()
machine() {
    [[ $1 =~ ${ONLY-} ]] || return
    have "${2%% *}" "$1" || return
    [ -z "$4" ] || have "${4%% *}" "$1" || return
    machines+=("$1	${2%% *}")
    suite "$1" "${5-$SCALAR}" "$4" $2 -O2 $3 -DTEST_QUICK
    case $1 in *UBSan) return ;; esac
    if [ -n "${5+set}" ]; then TESTS=$(ls tests/test_accuracy.c) suite "$1" "$SCALAR" "$4" $2 -O2 $3 -DTEST_QUICK; fi
}
[ -n "$WINE" ] && limit "$WINE" cmd /c exit >/dev/null 2>&1        # makes its prefix
machine "x86-64"          gcc                    "-pthread"                        ""             ""      # make test runs the rest
machine "x86-64, musl"    musl-gcc               "-static"                         ""             double
machine "x86-64, Windows" x86_64-w64-mingw32-gcc "-static -pthread"                "${WINE:-wine64}" double
machine "i686, x87"       i686-linux-gnu-gcc     "-static -mfpmath=387 -fexcess-precision=standard"        ""
machine "i686, SSE2"      i686-linux-gnu-gcc     "-static -msse2 -mfpmath=sse"     ""
machine "aarch64"         aarch64-linux-gnu-gcc  "-static"                         qemu-aarch64   "double float"
in_turn 1 4 "aarch64, UBSan" && machine "aarch64, UBSan" aarch64-linux-gnu-gcc "-static $TRAP" qemu-aarch64   double
in_turn 2 4 armhf && machine "armhf" arm-linux-gnueabihf-gcc "-static" qemu-arm
in_turn 0 4 riscv64 && machine "riscv64" riscv64-linux-gnu-gcc "-static" qemu-riscv64
in_turn 1 4 s390x && machine "s390x" s390x-linux-gnu-gcc "-static" qemu-s390x
in_turn 2 4 Cortex-M4 && machine "Cortex-M4" "$BOARD_CC" "$BOARD_IMAGE --specs=rdimon.specs -DBOARD_STDIO" "$BOARD_RUN"

# After the macros of windows.h, and not optimised
after_windows_h() {
    printf '#include <windows.h>\n#include "tests/jacobian.c"\n' >"$OUT/windows.c" &&
        limit x86_64-w64-mingw32-gcc -O0 $STRICT -I. "$OUT/windows.c" -c -o "$OUT/windows.o"
}
have x86_64-w64-mingw32-gcc windows.h && job "x86-64, Windows" after_windows_h

# On the board, too: the battery gauge of the examples, with no heap in the whole image
no_heap() {
    local image=$OUT/no_malloc.elf
    $BOARD_CC -Os $STRICT $BOARD_IMAGE --specs=nosys.specs -include board.h -DPRINT=board_print -I. examples/no_malloc.c -lm -o "$image" &&
        limit $BOARD_RUN "$image" && ! arm-none-eabi-nm "$image" | sed 's/.* //' | grep -xE '_*(malloc|calloc|realloc|free|sbrk)(_r)?'
}
have arm-none-eabi-gcc no_malloc.c && have qemu-system-arm no_malloc.c && job "no_malloc.c" no_heap
wait
[ -z "$WINE" ] || "${WINE%64}server64" -k

# one line a machine, with the checksums that test_accuracy prints; those of nets that need exp depend on the platform's own
sum() { sed -n "s/^checksum $3 \([0-9a-f]*\).*/\1/p" "$OUT/$1.test_accuracy.$2.out" 2>/dev/null; }
same() { [ -n "$1" ] && [ "$1" = "$2" ]; }
printf '%-16s %-24s %8s %6s %4s  %-16s %-16s %-16s\n' machine compiler passed failed s 'J, no exp' 'J, float, no exp' 'J, with exp'
for entry in "${machines[@]}"; do
    IFS='	' read -r name compiler <<<"$entry"
    printf '%-16s %-24s %8d %6d %4d  %-16s %-16s %-16s\n' "$name" "$compiler" $(counts "$name") \
        "$(sum "$name" scalar exact)" "$(sum "$name" scalar-float exact)" "$(sum "$name" scalar libm)"
    case $name in *x87 | *UBSan) continue ;; esac
    for variant in scalar scalar-float; do
        job "same bits" same "$(sum "$name" $variant exact)" "$(sum x86-64 $variant exact)"
    done
done
close
