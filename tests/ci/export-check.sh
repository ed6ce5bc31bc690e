#!/usr/bin/env bash
# export-check.sh [torch] - from a trained net to a C header and back (tests/export_check.py), with the first Python that has NumPy;
# `torch` holds it against PyTorch. Called by `make export-check` and `make export-torch`. SPDX-License-Identifier: MIT
. "$(dirname "$0")/common.sh"
module=${1:-numpy}
install() { [ "$(id -u)" -eq 0 ] && command -v apt-get && apt-get update -qq && apt-get install -y -qq --no-install-recommends python3-numpy; }

find_python "numpy, $module" || { [ "$module" = numpy ] && install >/dev/null 2>&1 && find_python numpy; } || {
    echo "no python3 with $module: apt-get install python3-$module"
    echo '0 passed, 0 failed, 1 skipped'
    exit
}
exec "$python" tests/export_check.py ${1:+--torch}
