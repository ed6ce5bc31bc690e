#!/usr/bin/env bash
# export-check.sh [torch] - from a trained net to a C header and back (tests/export_check.py), with the first Python that has NumPy;
# `torch` holds it against PyTorch. Called by `make export-check` and `make export-torch`. SPDX-License-Identifier: MIT
. "$(dirname "$0")/common.sh"
module=${1:-numpy}
find_python "numpy, $module" || { [ "$module" = numpy ] && tests/ci/tools.sh export-check >/dev/null 2>&1 && find_python numpy; } || {
    echo "no python3 with $module: apt-get install python3-$module"
    echo '0 passed, 0 failed, 1 skipped'
    exit 1
}
exec "$python" tests/export_check.py ${1:+--torch}
