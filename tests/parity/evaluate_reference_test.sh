#!/usr/bin/env bash
# `poseaug evaluate` with published weights equals the PyTorch reference's evaluation of the same files to 0.01 mm.
set -euo pipefail
poseaug=$POSEAUG_BUILD_DIR/bin/poseaug
[ -x "$poseaug" ] || { echo "skipped: $poseaug is not built"; exit 77; }
reference=$(dirname "${POSEAUG_CASES:-/nowhere/cases}")
[ -f "$reference/poseaug_reference.py" ] || { echo "skipped: no poseaug_reference.py beside the folder POSEAUG_CASES"; exit 77; }
weights=${POSEAUG_DATA:-/nowhere}/checkpoints
[ -d "$weights" ] || { echo "skipped: no folder checkpoints in POSEAUG_DATA"; exit 77; }
python=$("$POSEAUG_SOURCE_DIR/tests/find_python.sh" torch numpy) || exit 77
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

for file in "$weights"/*.pth.tar; do
    "$poseaug" evaluate --data "$POSEAUG_DATA/mocap" --weights "$file" --device cpu --json "$work/errors.json" >/dev/null
    "$python" "$POSEAUG_SOURCE_DIR/tests/parity/evaluate_reference.py" "$reference" "$POSEAUG_DATA/mocap" "$file" \
        "$work/errors.json"
done
