#!/bin/sh
# planted.sh - each fault of planted.h must make test_jacobian and test_random fail, and the same builds pass without one.
# SPDX-License-Identifier: MIT
cd "$(dirname "$0")/.." || exit 1
build=${BUILD:-build}/planted
passed=0
failed=0
mkdir -p "$build"
for test in test_jacobian test_random; do
    ${CC:-cc} -O1 -DPLANT -DNETS=40 -DJAC_NO_SIMD -I. "tests/$test.c" -o "$build/$test" -lm || exit 1
    fault=0
    for name in none zeroed negated transposed 'one column halved' 'one mask bit inverted' 'softmax diagonal only'; do
        last=$("$build/$test" $fault | tail -n 1)
        case $last in
            '0 passed'*|*[!0-9]' passed'*) verdict=broken ;;
            *' passed, 0 failed') verdict=passes ;;
            *' passed, '*' failed') verdict=fails ;;
            *) verdict=broken ;;
        esac
        want=fails
        [ $fault -eq 0 ] && want=passes
        if [ $verdict = $want ]; then passed=$((passed + 1)); else
            failed=$((failed + 1))
            echo "$test with fault \"$name\" $verdict: $last"
        fi
        fault=$((fault + 1))
    done
done
echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
