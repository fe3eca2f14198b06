#!/usr/bin/env bash
# Every estimator as ONNX, run by onnxruntime, gives the poses of `poseaug predict`.
set -euo pipefail
poseaug=$POSEAUG_BUILD_DIR/bin/poseaug
[ -x "$poseaug" ] || { echo "skipped: $poseaug is not built"; exit 77; }
python=$("$POSEAUG_SOURCE_DIR/tests/find_python.sh" onnxruntime numpy) || exit 77
check=$POSEAUG_SOURCE_DIR/tests/training/onnx_export_test.py
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

"$poseaug" synth --out data --poses 1400 --seed 3 >/dev/null 2>&1
"$python" "$check" images images.npz 300
for model in mlp videopose gcn stgcn; do
    "$poseaug" pretrain --data data --model $model --device cpu --width 16 --epochs 1 --batch 128 --stride 4 \
        --quiet --out $model >/dev/null
    weights=$model/best.safetensors
    if ! "$poseaug" convert $weights $model.onnx >/dev/null 2>message; then
        grep -q "this build has no ONNX" message && { echo "skipped: $(cat message)"; exit 77; }
        cat message && exit 1
    fi
    "$poseaug" predict --weights $weights --input images.npz --output $model.npz --device cpu >/dev/null 2>&1
    "$python" "$check" compare $model.onnx images.npz $model.npz
done
