#!/bin/sh
# examples.sh - every example runs, says that its own result holds (status 0), and prints the lines of the table. Part of `make test`.
# SPDX-License-Identifier: MIT
cd "$(dirname "$0")/.." || exit 1
build=${BUILD:-build}
work=$build/examples
passed=0
failed=0

# example | arguments | a whole line of its output, as an extended regular expression
table='
quickstart ||y\[[0-2]\] = 0\.[0-9]{6}   dy/dx = \[[ -]0\.[0-9]{6} [ -]0\.[0-9]{6}\]
notebook   ||    total +51,110
notebook   ||\[1\.49472312e-238 3\.22041051e-089 1\.93599195e-182 1\.40464542e-105 2\.90736603e-025 5\.86590900e-086 2\.10487618e-051 1\.00000000e\+000 5\.19955060e-095 4\.19231708e-034\]
notebook   ||    option 1, .* us +[0-9.]+e-1[3-9] +passes
notebook   ||    option 2, .* us +[0-9.]+e-1[3-9] +passes
notebook   ||    option 3, .* us +0\.0e\+00 +passes
notebook   ||    7   1\.00e\+00 +1\.02e-23 +[0-9.]+e-1[3-9] +6\.8e-01   <- 68 % wrong
notebook   ||    jacobian\.h +passes +inconclusive +pass
notebook   ||    diag\(s\) - s s. +passes +FAIL +FAIL
notebook   ||    zeros everywhere +passes +FAIL +FAIL
digits     |digits.svg|20 of 20 digits read right
saliency   |17 saliency.svg|nearest is 9: no pixel changed by more than 0\.[01][0-9], it is read as 9
saliency   |17 saliency.svg|the net [0-9]+ times as sure: dy_8/dx reaches 2\.2e-50, right to [0-9]e-1[4-9]; by the usual formula in float it reaches 0
cpp        ||y \+ J dx is right to [0-9.]+e-0[4-9] of the change
cpp        ||refused: a dense layer.*
check      ||first attempt: right, 2 columns were checked
check      ||second attempt: wrong: dx/delbow is given as 0\.2891, but measured as -0\.2891
ekf        ||exact H +position error 1\.[0-9]+ mm \(rms\), [0-9.]+ us a step \(median\)
mpc        |mpc.svg|upright within 0\.05 rad from [4-9]\.[0-9]+ s on; worst angle of the last second 0\.0[0-4][0-9]+ rad
newton     ||Gauss-Newton solved 200 of 200 in at most [0-9]+ steps.*
no_malloc  ||[0-9]+ bytes of memory; charge [0-9]+/1000, gauge [0-9]+/1000; worst error after half an hour [0-9]/1000
threads    |2 2000| *2 threads .* times as fast, the bits are the same
'
check() {   # check WHAT COMMAND...
    what=$1; shift
    if "$@"; then passed=$((passed + 1)); else failed=$((failed + 1)); echo "examples, $what"; fi
}
run() { (cd "$work" && "../$1" $2 > "$1.out" 2>&1); }       # $2 unquoted: several arguments
prints() { grep -Eqx -e "$2" "$work/$1.out"; }
not() { ! "$@"; }

rm -rf "$work" && mkdir -p "$work"
for source in examples/*.c examples/*.cpp; do               # each is in the table, so that a new one cannot be forgotten
    name=$(basename "${source%.*}")
    case $name in mpi_batch) continue ;; esac               # `make mpi`
    case $source in
        *.cpp) command -v "${CXX:-c++}" > /dev/null || { echo "no C++ compiler: $source is not run"; continue; } ;;
        *) check "$name is a whole program" ${CC:-cc} -DJAC_NO_SIMD -I. "$source" -o "$work/$name" -pthread -lm ;;
    esac
    arguments=$(printf '%s' "$table" | sed -n "s/^$name *|\([^|]*\)|.*/\1/p" | sort -u)
    check "$name ends with status 0" run "$name" "$arguments"
    patterns=$(printf '%s' "$table" | sed -n "s/^$name *|[^|]*|//p")
    check "$name is in the table" test -n "$patterns"
    while IFS= read -r pattern; do check "$name prints $pattern" prints "$name" "$pattern"; done <<EOF
$patterns
EOF
done

# what the header says of its first program, it prints; README.md is snippets.sh's part
while IFS= read -r line; do check "jacobian.h quotes $line" grep -Fqx -e " *     $line" jacobian.h; done < "$work/quickstart.out"

# the pictures are whole: one opening, one end, and so many pixels
picture() { test "$(grep -c '^<svg ' "$work/$1")" = 1 && test "$(tail -n 1 "$work/$1")" = '</svg>' && test "$(grep -c "^<path d='M.*fill='\(#\|rgb\)" "$work/$1")" = "$2"; }
check 'digits.svg' picture digits.svg $((20 * 2 * 64))
check 'saliency.svg' picture saliency.svg $(((3 + 4 * 10) * 64))
check 'mpc.svg' test "$(grep -c '<circle' "$work/mpc.svg") $(tail -n 1 "$work/mpc.svg")" = '81 </svg>'

# and this script can fail
printf '#!/bin/sh\nexit 1\n' > "$build/fails" && chmod +x "$build/fails"
check 'a program that fails is noticed' not run fails ''
rm -f "$build/fails"
check 'a line that is not there is noticed' not prints digits '19 of 20 digits read right'
check 'a picture with a pixel less is noticed' not picture digits.svg $((20 * 2 * 64 - 1))

echo "$passed passed, $failed failed"
[ $failed -eq 0 ] && [ $passed -gt 0 ]
