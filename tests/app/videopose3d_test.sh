#!/usr/bin/env bash
# Keypoints as VideoPose3D's own tools write them with NumPy: read, mapped, and estimated.
set -euo pipefail
poseaug=$POSEAUG_BUILD_DIR/bin/poseaug
[ -x "$poseaug" ] || { echo "skipped: $poseaug is not built"; exit 77; }
python=$("$POSEAUG_SOURCE_DIR/tests/find_python.sh" numpy) || exit 77
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
check() { "$python" "$POSEAUG_SOURCE_DIR/tests/app/videopose3d_files.py" "$@"; }

# $1: what the message must hold; the rest fails with status 1, one line, and leaves no folder `bad`.
refuses() {
    local message=$1 status=0
    shift
    "$poseaug" import keypoints "$@" --out bad >log 2>errors || status=$?
    if [ $status -ne 1 ] || [ "$(wc -l <errors)" -ne 1 ] || ! grep -qF "$message" errors || [ -e bad ]; then
        echo "expected a failure that says: $message"
        cat log errors
        exit 1
    fi
}

check write
"$poseaug" import keypoints data_2d_custom_mine.npz --out custom
check custom custom/keypoints_2d.npz
"$poseaug" import keypoints data_2d_h36m_some.npz --out h36m
check h36m h36m/keypoints_2d.npz
"$poseaug" import keypoints data_2d_h36m_some.npz --sequence "S9/Walking 1/2" --out one
check one one/keypoints_2d.npz

refuses "keypoints_symmetry has 2 4 6 8 10 12 14 16 on the left" data_2d_custom_swapped.npz
refuses "the layout 'humaneva15' is not known" data_2d_custom_humaneva.npz
refuses "expected (frames, keypoints, 2)" data_2d_custom_flat.npz
refuses "17 keypoints a person do not tell their layout" data_2d_custom_bare.npz --width 100 --height 100
refuses "neither pose2d nor positions_2d; it holds other" other.npz
"$poseaug" import keypoints data_2d_custom_bare.npz --width 1280 --height 720 --layout coco --out told >/dev/null
