# common.sh - what the stages share: find a tool, run jobs side by side, count, close with `N passed, N failed, N skipped`.
# A stage sources it first and ends with `close`. SPDX-License-Identifier: MIT
set -u
cd "$(dirname "$0")/../.." || exit 1
OUT=$(realpath -m "${BUILD:-build}")/ci/$(basename "$0" .sh)
JOBS=${JOBS:-$(nproc)}          # at a time
LIMIT=${LIMIT:-120}             # seconds a command may take
TESTS=${TESTS:-$(ls tests/test_*.c)}
STRICT='-Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror'
declare -A VARIANT=([double]= [float]=-DJAC_FLOAT [scalar]=-DJAC_NO_SIMD [scalar-float]='-DJAC_NO_SIMD -DJAC_FLOAT')
# an emulated microcontroller: the compiler with its flags, what turns a test into an image, and what runs the image
BOARD_CC='arm-none-eabi-gcc -mcpu=cortex-m4 -mthumb -mfloat-abi=hard -mfpu=fpv4-sp-d16'
BOARD_IMAGE='-ffunction-sections -Wl,--gc-sections -nostartfiles -T tests/embedded/mps2.ld -Itests/embedded tests/embedded/startup.c'
BOARD_RUN='qemu-system-arm -machine mps2-an386 -nographic -monitor none -serial none -semihosting-config enable=on,target=native -kernel'
# AVX-512's kernels on any x86-64: these flags, and LIBRARY=tests/avx512.c
WRITTEN_OUT='-march=x86-64-v3 -Wno-psabi'
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

# find_python MODULES: python becomes the first that has them, of PYTHON, python3 and Debian's own
find_python() { for python in ${PYTHON:-} python3 /usr/bin/python3; do "$python" -c "import $1" 2>/dev/null && return; done; false; }

thousands() { sed ':more; s/\B[0-9]\{3\}\>/,&/; t more' <<<"$1"; }     # 1234 as the README writes it: 1,234

# in_turn K N WHAT: is it? With TURN set, as in CI, one of N jobs a day takes part in what would take too long together.
# The longest have a day of four each: 0 the proof of the tiles, 1 that of a tile and aarch64 with UBSan, 2 the Cortex-M4, 3 valgrind.
in_turn() { [ -z "${TURN-}" ] || [ $((10#$TURN % $2)) -eq "$1" ] || { echo "$3: not in turn (TURN=$TURN)"; return 1; }; }

limit() { timeout -k 5 "$LIMIT" "$@"; }

# job GROUP COMMAND...: run it beside the others. It passes when it ends with status 0; when its last line is
# `N passed, N failed`, these are its counts. What a failed one printed is shown.
job() {
    while [ "$(jobs -rp | wc -l)" -ge "$JOBS" ]; do wait -n; done
    work "$@" &
}
work() {
    local log status start=$SECONDS passed failed
    log=$(mktemp "$OUT/XXXXXX.log")
    "${@:2}" >"$log" 2>&1
    status=$?
    read -r passed failed <<<"$(tail -n 1 "$log" | sed -n 's/^\([0-9]*\) passed, \([0-9]*\) failed$/\1 \2/p')"
    : "${passed:=$((status == 0))}" "${failed:=$((status != 0))}"
    if [ $status -ne 0 ] && [ "$failed" -eq 0 ]; then failed=1; fi
    if [ "$failed" -gt 0 ]; then printf '%s\n' "FAILED (status $status) $*" "$(tail -n 25 "$log")"; fi
    printf '%s\t%s\t%s\t%s\n' "$1" "$passed" "$failed" $((SECONDS - start)) >>"$OUT/results"
}

# suite GROUP VARIANTS RUN COMPILER FLAGS...: every test in every variant, linked with the library as an object, as the Makefile does
# it; RUN is the emulator or empty. The object is of LIBRARY, if that is set.
suite() {
    local test variant object flag library
    for variant in $2; do
        object=$OUT/$1.$variant.o library=()
        for flag in "${@:4}"; do [[ $flag = *.c ]] || library+=("$flag"); done
        work "$1" limit "${library[@]}" $STRICT ${VARIANT[$variant]} -c "${LIBRARY:-tests/jacobian.c}" -o "$object"
        for test in $TESTS; do
            job "$1" program "$OUT/$1.$(basename "$test" .c).$variant" "$3" "${@:4}" $STRICT ${VARIANT[$variant]} \
                -include tests/linked.h -I. "$test" "$object"
        done
    done
}
# program EXE RUN COMPILER...: compile and run; it must end with its counts. Its output stays in EXE.out.
program() {
    limit "${@:3}" -o "$1.exe" -lm || return
    limit $2 "$1.exe" 2>&1 | tr -d '\r' | tee "$1.out"
    local status=${PIPESTATUS[0]}
    [ "$status" -eq 0 ] || return "$status"
    tail -n 1 "$1.out" | grep -q '^[0-9]* passed, [0-9]* failed$'
}

# counts [GROUP]: what has passed, failed and how long it took, in a group or altogether.
counts() {
    awk -F '\t' -v group="${1-}" 'group == "" || $1 == group { p += $2; f += $3; s += $4 } END { print p + 0, f + 0, s + 0 }' "$OUT/results"
}

# table: the counts of every group, in the order in which they came
table() {
    wait
    printf '%-46s %9s %7s %5s\n' "" passed failed s
    awk -F '\t' '!seen[$1]++ { print $1 }' "$OUT/results" |
        while IFS= read -r group; do printf '%-46s %9d %7d %5d\n' "$group" $(counts "$group"); done
}

# close: the counts. Where nothing has passed, because all was skipped, say, the stage has not succeeded.
close() {
    local passed failed
    wait
    read -r passed failed _ <<<"$(counts)"
    if [ $skipped -gt 0 ]; then echo "$passed passed, $failed failed, $skipped skipped"; else echo "$passed passed, $failed failed"; fi
    [ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
    exit
}
