#!/usr/bin/env bash
# The checkpoints published with the method: every tensor is what PyTorch reads.
set -euo pipefail
poseaug=$POSEAUG_BUILD_DIR/bin/poseaug
[ -x "$poseaug" ] || { echo "skipped: $poseaug is not built"; exit 77; }
[ -d "${POSEAUG_DATA:-}/checkpoints" ] || { echo "skipped: POSEAUG_DATA names no folder with checkpoints"; exit 77; }
python=$("$POSEAUG_SOURCE_DIR/tests/find_python.sh" torch numpy) || exit 77
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

for file in "$POSEAUG_DATA"/checkpoints/*; do
    for name in w.npz w.pth; do
        "$poseaug" convert "$file" "$work/$name" | tee "$work/said"
        grep -q "the estimator 'gcn', width 128; 75 arrays" "$work/said"
    done
    "$python" - "$file" "$work" <<'END'
import sys
import numpy as np
import torch

published = torch.load(sys.argv[1], map_location="cpu")
tensors = published.get("state_dict", published.get("model_pos", published))
arrays = np.load(sys.argv[2] + "/w.npz")
written = torch.load(sys.argv[2] + "/w.pth", weights_only=True)
assert len(tensors) == 75 and list(tensors) == list(arrays) == list(written)
for name, tensor in tensors.items():
    assert arrays[name].dtype == tensor.numpy().dtype and np.array_equal(arrays[name], tensor.numpy()), name
    assert torch.equal(written[name], tensor), name
END
done
