#!/usr/bin/env bash
# mpi.sh - examples/mpi_batch.c, built with every C compiler that is here and run with MPI: on 2 and on 3 processes its results
# must have the bits of 1 process, more processes than samples must do, and the comparison must be able to fail.
# Open MPI is installed when it is absent (Debian, as root); without it the stage is skipped. SPDX-License-Identifier: MIT
set -u
cd "$(dirname "$0")/../.." || exit 1
OUT=${BUILD:-build}/ci/mpi
mkdir -p "$OUT"

if ! command -v mpicc >/dev/null || ! command -v mpirun >/dev/null; then
    { apt-get update -qq
      DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends openmpi-bin libopenmpi-dev; } >"$OUT/apt.log" 2>&1
fi
for tool in mpicc mpirun; do
    command -v $tool >/dev/null && continue
    echo "$tool is absent (Debian: openmpi-bin libopenmpi-dev)"
    echo '0 passed, 0 failed, 1 skipped'
    exit 0
done

passed=0 failed=0
expect() {  # expect STATUS NAME COMMAND...: does the command end with this status?
    "${@:3}" >"$OUT/log" 2>&1
    local status=$?
    if [ $status -eq "$1" ]; then passed=$((passed + 1)); return; fi
    failed=$((failed + 1))
    echo "$2: status $status, not $1"
    tail -n 20 "$OUT/log"
}
run() { timeout 120 mpirun --allow-run-as-root --oversubscribe "$@"; }
STRICT='-std=c99 -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror'
build() { OMPI_CC=$1 mpicc $STRICT -O2 "${@:3}" -I. examples/mpi_batch.c -o "$OUT/$2" -lm; }

for compiler in gcc clang; do
    command -v $compiler >/dev/null || { echo "$compiler is absent"; continue; }
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

echo "$passed passed, $failed failed"
[ $failed -eq 0 ] && [ $passed -gt 0 ]
