#!/usr/bin/env bash
# mpi.sh - examples/mpi_batch.c, built with every C compiler that is here and run with MPI: on 2 and on 3 processes its results
# must have the bits of 1 process, more processes than samples must do, and the comparison must be able to fail.
# Open MPI is installed when it is absent (Debian, as root); without it the stage is skipped. SPDX-License-Identifier: MIT
. "$(dirname "$0")/common.sh"
command -v mpicc >/dev/null && command -v mpirun >/dev/null || tests/ci/tools.sh mpi >"$OUT/tools.log" 2>&1
for tool in mpicc mpirun; do have $tool "MPI" || close; done

expect() {  # expect STATUS NAME COMMAND...: does the command end with this status?
    "${@:3}" >"$OUT/log" 2>&1
    local status=$?
    printf 'mpi\t%d\t%d\t0\n' $((status == $1)) $((status != $1)) >>"$OUT/results"
    [ $status -eq "$1" ] && return
    echo "$2: status $status, not $1"
    tail -n 20 "$OUT/log"
}
run() { timeout 120 mpirun --allow-run-as-root --oversubscribe "$@"; }
STRICT='-std=c99 -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror'
build() { OMPI_CC=$1 mpicc $STRICT -O2 "${@:3}" -I. examples/mpi_batch.c -o "$OUT/$2" -lm; }

for compiler in gcc clang; do
    have $compiler "its build of the example" || continue
    expect 0 "$compiler" build $compiler batch
    for n in 1 2 3; do
        rm -f "$OUT/$n.bin"
        expect 0 "$compiler, $n processes" run -n $n "$OUT/batch" 20011 "$OUT/$n.bin"
        grep Jacobians "$OUT/log"
        expect 0 "$compiler, bits of $n processes and of one" cmp "$OUT/1.bin" "$OUT/$n.bin"
    done
    expect 0 "$compiler, more processes than samples" run -n 3 "$OUT/batch" 2
    expect 2 "$compiler, a count that is none" run -n 2 "$OUT/batch" 0
    # the scalar code has other bits: when the second rank runs it, rank 0 must find them
    [ "$(uname -m)" = x86_64 ] || continue
    expect 0 "$compiler, scalar" build $compiler scalar -DJAC_NO_SIMD
    expect 1 "$compiler, one rank of other code" run -n 1 "$OUT/batch" 20011 : -n 1 "$OUT/scalar" 20011
done

close
