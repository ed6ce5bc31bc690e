# common.sh - what the stages share: find a tool, run jobs side by side, count, close with `N passed, N failed, N skipped`.
# A stage sources it first and ends with `close`. SPDX-License-Identifier: MIT
set -u
cd "$(dirname "$0")/../.." || exit 1
OUT=${BUILD:-build}/ci/$(basename "$0" .sh)
JOBS=${JOBS:-$(nproc)}          # jobs at a time
LIMIT=${LIMIT:-120}             # seconds one program may take
STRICT='-Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror'
declare -A VARIANT=([double]= [float]=-DJAC_FLOAT [scalar]=-DJAC_NO_SIMD [scalar-float]='-DJAC_NO_SIMD -DJAC_FLOAT')
skipped=0
rm -rf "$OUT"
mkdir -p "$OUT"
: >"$OUT/results"

# have TOOL WHAT: is it there? If not, say so and count WHAT as skipped.
have() {
    command -v "$1" >/dev/null && return
    echo "$1 is absent: $2 skipped"
    skipped=$((skipped + 1))
    return 1
}

# job NAME COMMAND...: run it beside the others. It passes when it ends with status 0; when its last line is
# `N passed, N failed`, these are its counts. What a failed one printed is shown.
job() {
    while [ "$(jobs -rp | wc -l)" -ge "$JOBS" ]; do wait -n; done
    work "$@" &
}
work() {
    local name=$1 log status start=$SECONDS passed failed
    log=$(mktemp "$OUT/XXXXXX")
    "${@:2}" >"$log" 2>&1
    status=$?
    read -r passed failed <<<"$(tail -n 1 "$log" | sed -n 's/^\([0-9]*\) passed, \([0-9]*\) failed$/\1 \2/p')"
    : "${passed:=$((status == 0))}" "${failed:=$((status != 0))}"
    if [ $status -ne 0 ] && [ "$failed" -eq 0 ]; then failed=1; fi
    if [ "$failed" -gt 0 ]; then printf '%s\n' "FAILED (status $status) $name: ${*:2}" "$(tail -n 25 "$log")"; fi
    echo "$passed $failed $((SECONDS - start)) $name" >>"$OUT/results"
    if [ "$failed" -eq 0 ] && [ -z "${KEEP-}" ]; then rm -f "$log"; fi
}
limit() { timeout -k 5 "$LIMIT" "$@"; }

# program RUN COMPILER FLAGS... SOURCE: compile it and run it, RUN being the emulator or empty. It must end with its counts.
program() {
    local run=$1 exe
    exe=$(mktemp "$OUT/XXXXXX.exe")
    limit "${@:2}" -o "$exe" -lm || return
    limit $run "$exe" | tee "$exe.out"
    [ "${PIPESTATUS[0]}" -eq 0 ] && tail -n 1 "$exe.out" | grep -q '^[0-9]* passed, [0-9]* failed.\?$'
}

# suite NAME VARIANTS RUN COMPILER FLAGS...: every test in every variant, each a job.
suite() {
    local source variant
    for source in ${TESTS:-tests/test_*.c}; do
        for variant in $2; do job "$1" program "$3" "${@:4}" $STRICT ${VARIANT[$variant]} -I. "$source" -pthread; done
    done
}

# counts [NAME]: what has passed and failed so far, of the jobs of that name or of all.
counts() { awk -v name="${1-}" 'name == "" || substr($0, index($0, $4)) == name { p += $1; f += $2; s += $3 } END { print p + 0, f + 0, s + 0 }' "$OUT/results"; }

close() {
    local passed failed
    wait
    read -r passed failed _ <<<"$(counts)"
    if [ $skipped -gt 0 ]; then echo "$passed passed, $failed failed, $skipped skipped"; else echo "$passed passed, $failed failed"; fi
    [ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
    exit
}
