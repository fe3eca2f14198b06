#!/usr/bin/env bash
# `poseaug import 3dhp` on files that NumPy and h5py wrote, and on broken ones.
set -euo pipefail
python=$("$POSEAUG_SOURCE_DIR/tests/find_python.sh" h5py numpy) || exit 77
"$POSEAUG_BUILD_DIR/bin/poseaug" --version >/dev/null || { echo "skipped: poseaug is not built"; exit 77; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
PYTHONDONTWRITEBYTECODE=1 "$python" "$POSEAUG_SOURCE_DIR/tests/data/import_3dhp_test.py"
