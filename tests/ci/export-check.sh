#!/bin/sh
# export-check.sh [torch] - from a trained net to a C header and back (tests/export_check.py), with the first Python that has NumPy;
# `torch` holds it against PyTorch. Called by `make export-check` and `make export-torch`. SPDX-License-Identifier: MIT
cd "$(dirname "$0")/../.." || exit 1
module=${1:-numpy}

find_python() { for python in ${PYTHON:-} python3 /usr/bin/python3; do "$python" -c "import numpy, $module" 2>/dev/null && return; done; false; }
install() { [ "$(id -u)" -eq 0 ] && command -v apt-get && apt-get update -qq && apt-get install -y -qq --no-install-recommends python3-numpy; }

find_python || { [ "$module" = numpy ] && install >/dev/null 2>&1 && find_python; } || {
    echo "no python3 with $module: apt-get install python3-$module"
    echo '0 passed, 0 failed, 1 skipped'
    exit
}
exec "$python" tests/export_check.py ${1:+--torch}
