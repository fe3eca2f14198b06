#!/usr/bin/env bash
# `poseaug import 3dpw` on pickles as Python 2 wrote them, and on broken ones.
set -euo pipefail
python=$("$POSEAUG_SOURCE_DIR/tests/find_python.sh" numpy) || exit 77
"$POSEAUG_BUILD_DIR/bin/poseaug" --version >/dev/null || { echo "skipped: poseaug is not built"; exit 77; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
PYTHONDONTWRITEBYTECODE=1 "$python" "$POSEAUG_SOURCE_DIR/tests/data/import_3dpw_test.py"
