#!/usr/bin/env bash
# fuzz.sh - libFuzzer on the whole face, double and float side by side, with the address and undefined-behaviour sanitizers.
# FUZZ_SECONDS (60) is how long; FUZZ_RUNS, if set, is how many runs each instead. What it finds stays in the output folder.
# SPDX-License-Identifier: MIT
. "$(dirname "$0")/common.sh"
FUZZ_CC=${FUZZ_CC:-clang}
LIMIT=300
export ASAN_OPTIONS=malloc_context_size=1:quarantine_size_mb=1:detect_leaks=0
much="-max_total_time=${FUZZ_SECONDS:-60}"
[ "${FUZZ_RUNS-}" ] && much="-runs=$FUZZ_RUNS"

# The second opinion takes the checks that make vector code slow to compile; small blocks bring more of their edges into small nets.
fuzz() {
    local exe=$OUT/$1
    local flags="-O1 -g1 $STRICT -Wno-pass-failed -DJAC_ROWS=4 -DJAC_SAMPLES=3 -fno-sanitize-recover=all ${VARIANT[$1]}"
    limit $FUZZ_CC $flags -fsanitize=address,undefined -c tests/fuzz/fuzz_scalar.c -o "$exe.o" &&
        limit $FUZZ_CC $flags -fsanitize=fuzzer,address,signed-integer-overflow,shift,bounds,float-cast-overflow \
            -fsanitize=integer-divide-by-zero -fno-sanitize-coverage=trace-cmp tests/fuzz/fuzz_face.c "$exe.o" -o "$exe" -lm || return
    mkdir -p "$exe.corpus"
    local hex number=0
    while read -r hex; do printf "${hex//??/\\x&}" >"$exe.corpus/$((number++))"; done <tests/fuzz/corpus.txt
    "$exe" $much -max_len=96 -entropic=0 -reduce_inputs=0 -timeout=20 -print_final_stats=1 -artifact_prefix="$exe." "$exe.corpus" \
        >"$exe.log" 2>&1 ||
        { grep -v '^#' "$exe.log" | grep -E 'fuzz_face.c|ERROR|runtime error| in (jac|call)|Test unit|Base64'; return 1; }
    grep -q '^Done' "$exe.log"
}

if have "$FUZZ_CC" "libFuzzer"; then
    if echo 'int LLVMFuzzerTestOneInput(const char *p, unsigned long n) { return p != 0 && n > 9; }' |
        $FUZZ_CC -w -fsanitize=fuzzer,address -x c - -o "$OUT/probe" 2>/dev/null; then
        for precision in double float; do job "$precision" fuzz $precision; done
        table
        for precision in double float; do
            [ -f "$OUT/$precision.log" ] && awk -v name=$precision '/^stat::number_of_executed_units/ { runs = $2 }
                /^#.*cov:/ { for (i = 1; i < NF; i++) if ($i == "cov:") places = $(i + 1) }
                /^Done/ { seconds = $(NF - 1) }
                END { printf "%s: %d runs in %d s, %d places reached\n", name, runs, seconds, places }' "$OUT/$precision.log"
        done
    else
        echo "libFuzzer is absent ($FUZZ_CC has no -fsanitize=fuzzer): skipped"
        skipped=$((skipped + 1))
    fi
fi
close
