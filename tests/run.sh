# run.sh - build every test program in its variants, run them and the examples that state a result, add up the counts.
# Called by `make test` with CC, CXX and CFLAGS set. The last line is `N passed, N failed`.
set -u
mkdir -p build/tests
passed=0 failed=0

count() {   # count NAME STATUS OUTPUT: take the counts from the output's last line; a program without one has failed
    line=$(tail -n 1 "$3")
    case $line in
    [0-9]*' passed, '[0-9]*' failed')
        passed=$((passed + ${line%% *}))
        rest=${line#*, }
        failed=$((failed + ${rest%% *}))
        [ "$2" -eq 0 ] && [ "${rest%% *}" -eq 0 ] || { echo "$1: $line"; sed '$d' "$3"; [ "${rest%% *}" -ne 0 ] || failed=$((failed + 1)); } ;;
    *)  failed=$((failed + 1)); echo "$1: no counts (exit $2)"; tail -n 5 "$3" ;;
    esac
}
expect() {  # expect NAME WANTED-STATUS COMMAND...: one check: does the command end as it should?
    name=$1 wanted=$2; shift 2
    if "$@" >build/tests/out 2>&1; then got=0; else got=1; fi
    if [ "$got" -eq "$wanted" ]; then passed=$((passed + 1)); else failed=$((failed + 1)); echo "$name: exit $got, wanted $wanted: $*"; tail -n 5 build/tests/out; fi
}

# every tests/test_*.c as double, float and scalar
for source in tests/test_*.c; do
    for variant in double float scalar; do
        case $variant in double) flags= ;; float) flags=-DJAC_FLOAT ;; scalar) flags=-DJAC_NO_SIMD ;; esac
        program=build/tests/$(basename "$source" .c)_$variant
        if $CC -std=c99 $CFLAGS $flags -I. "$source" -o "$program" -lm -pthread >build/tests/out 2>&1; then
            if "$program" >"$program.out" 2>&1; then status=0; else status=$?; fi
            count "$program" $status "$program.out"
        else
            failed=$((failed + 1)); echo "$program: does not compile"; head -n 10 build/tests/out
        fi
    done
done

# several files, two languages, two precisions: one program; and the mixed link that must fail
for script in tests/link.sh tests/fastmath.sh tests/examples.sh; do
    [ -f $script ] || continue
    . "./$script"
done

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
