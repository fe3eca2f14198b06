#!/usr/bin/env bash
# `poseaug import h36m` on files that h5py and SciPy wrote, and on broken ones.
set -euo pipefail
python=$("$POSEAUG_SOURCE_DIR/tests/find_python.sh" h5py scipy) || exit 77
"$POSEAUG_BUILD_DIR/bin/poseaug" --version >/dev/null || { echo "skipped: poseaug is not built"; exit 77; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
PYTHONDONTWRITEBYTECODE=1 "$python" "$POSEAUG_SOURCE_DIR/tests/data/import_h36m_test.py"
