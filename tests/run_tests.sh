#!/bin/sh
# run_tests.sh PROGRAM... - run each program or script, show what it says, and sum the lines `N passed, N failed`
# that each of them ends with. One that ends in any other way counts as failed.
# SPDX-License-Identifier: MIT
passed=0
failed=0
for program in "$@"; do
    case $program in
        *.sh) output=$(sh "$program" 2>&1) ;;
        *) output=$("$program" 2>&1) ;;
    esac
    status=$?
    last=$(printf '%s\n' "$output" | tail -n 1)
    counts=$(printf '%s\n' "$last" | sed -n 's/^\([0-9][0-9]*\) passed, \([0-9][0-9]*\) failed$/\1 \2/p')
    set -- ${counts:-0 1}
    if [ -z "$counts" ]; then last="ended with status $status and no count: 1 failed"; fi
    if [ "$2" -eq 0 ] && [ $status -ne 0 ]; then set -- "$1" 1; last="$last, but status $status: 1 failed"; fi
    if [ "$2" -ne 0 ]; then printf '%s\n' "$output"; fi
    printf '%-40s %s\n' "${program##*/}" "$last"
    passed=$((passed + $1))
    failed=$((failed + $2))
done
echo "$passed passed, $failed failed"
[ $failed -eq 0 ] && [ $passed -gt 0 ]
