#!/bin/sh
# run_tests.sh PROGRAM... - run each program or script, JOBS at a time, then show what failed and what was left out, and sum the lines
# `N passed, N failed` that each of them ends with. One that ends in any other way counts as failed.
# SPDX-License-Identifier: MIT
results=${BUILD:-build}/results
passed=0
failed=0
rm -rf "$results" && mkdir -p "$results" || exit 1
printf '%s\n' "$@" | xargs -P "${JOBS:-1}" -I {} sh -c '
    exec >"$0/${1##*/}" 2>&1
    case $1 in *.sh) sh "$1" ;; *) "$1" ;; esac
    echo $? >"$0/${1##*/}.status"' "$results" {}
for program in "$@"; do
    output=$(cat "$results/${program##*/}")
    status=$(cat "$results/${program##*/}.status")
    last=$(printf '%s\n' "$output" | tail -n 1)
    counts=$(printf '%s\n' "$last" | sed -n 's/^\([0-9][0-9]*\) passed, \([0-9][0-9]*\) failed$/\1 \2/p')
    set -- ${counts:-0 1}
    if [ -z "$counts" ]; then last="ended with status $status and no count: 1 failed"; fi
    if [ "$2" -eq 0 ] && [ "$status" != 0 ]; then set -- "$1" 1; last="$last, but status $status: 1 failed"; fi
    if [ "$2" -ne 0 ]; then printf '%s\n' "$output"; else printf '%s\n' "$output" | grep -E '^no |not tried|left out'; fi
    printf '%-40s %s\n' "${program##*/}" "$last"
    passed=$((passed + $1))
    failed=$((failed + $2))
done
echo "$passed passed, $failed failed"
[ $failed -eq 0 ] && [ $passed -gt 0 ]
