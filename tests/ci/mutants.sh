#!/usr/bin/env bash
# mutants.sh - would the tests notice? Small faults are planted in jacobian.h, SAMPLE of them chosen by SEED (0: all there are), and at
# least 98 % must make a test fail. See mutants.py. SPDX-License-Identifier: MIT
. "$(dirname "$0")/common.sh"
for tool in tcc gcc python3; do have $tool "mutants" || close; done
python3 tests/ci/mutants.py "${SAMPLE:-300}" "${SEED:-1}" "${PATTERN:-.}"
