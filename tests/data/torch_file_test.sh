#!/usr/bin/env bash
# What PyTorch writes is read with its values, and what is written PyTorch reads.
set -euo pipefail
poseaug=$POSEAUG_BUILD_DIR/bin/poseaug
[ -x "$poseaug" ] || { echo "skipped: $poseaug is not built"; exit 77; }
python=$("$POSEAUG_SOURCE_DIR/tests/find_python.sh" torch numpy) || exit 77
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

files=("$python" "$POSEAUG_SOURCE_DIR/tests/data/torch_files.py")
"${files[@]}" write "$work"
for file in "$work"/good/*; do
    name=$(basename "$file")
    "$poseaug" convert "$file" "$work/back/$name.npz" >"$work/said"
    "$poseaug" convert "$work/back/$name.npz" "$work/back/$name.pth" >/dev/null
done
"${files[@]}" check "$work"

for file in "$work"/refused/*; do
    if "$poseaug" convert "$file" "$work/out.npz" 2>"$work/said"; then
        echo "$file was not refused"
        exit 1
    fi
    wanted=$(basename "$file" .pth)
    grep -q "asks for $wanted, which is refused" "$work/said" || { cat "$work/said"; exit 1; }
done
[ ! -e "$work/out.npz" ] && [ ! -e "$work/trace" ]
echo "read $(ls "$work/good" | wc -l) files of PyTorch, refused $(ls "$work/refused" | wc -l)"
