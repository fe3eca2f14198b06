#!/usr/bin/env bash
# From a fresh checkout to a trained estimator: builds poseaug, makes its built-in motion data, trains an estimator,
# trains it again with the augmentor, and compares the two. Writes into ./quickstart or the given folder.
# usage: quickstart.sh [FOLDER]
set -euo pipefail

# Sizes that end within five minutes on two cores.
poses=${QUICKSTART_POSES:-30000}
pretrain_epochs=${QUICKSTART_PRETRAIN_EPOCHS:-10}
epochs=${QUICKSTART_EPOCHS:-8}
batch=${QUICKSTART_BATCH:-256}
model=${QUICKSTART_MODEL:-mlp}

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
folder=${1:-quickstart}
poseaug=$root/build/bin/poseaug

# json_number FILE KEY: a number of the outermost object.
json_number() {
    awk -v key="\"$2\"" '
    { text = text $0 }
    END {
        for (i = 1; i <= length(text); ++i) {
            c = substr(text, i, 1)
            if (c == "}" || c == "]") --depth
            if (depth == 1) outer = outer c
            if (c == "{" || c == "[") ++depth
        }
        at = index(outer, key)
        if (!at) exit 1
        rest = substr(outer, at + length(key))
        sub(/^[ :]*/, "", rest)
        printf "%.1f", rest + 0
    }' "$1"
}

# evaluate WEIGHTS SET: prints "MPJPE / PA-MPJPE".
evaluate() {
    local figures
    figures=$folder/$(basename "$(dirname "$1")")_$(basename "$1" .safetensors)_on_$2.json
    "$poseaug" evaluate --data "$folder/data" --model "$model" --weights "$1" --on "$2" --json "$figures" >/dev/null
    echo "$(json_number "$figures" mpjpe) / $(json_number "$figures" pa_mpjpe)"
}

row() { printf '%-34s %19s %19s\n' "$@"; }

"$root/scripts/build.sh" poseaug
mkdir -p "$folder"
begin=$SECONDS
"$poseaug" synth --out "$folder/data" --poses "$poses"
"$poseaug" pretrain --data "$folder/data" --model "$model" --out "$folder/pretrained" --epochs "$pretrain_epochs" \
    --batch "$batch"
"$poseaug" train --data "$folder/data" --model "$model" --init "$folder/pretrained/best.safetensors" \
    --out "$folder/poseaug" --epochs "$epochs" --batch "$batch"

alone=$folder/pretrained/best.safetensors
alone_in=$(evaluate "$alone" h36m)
alone_across=$(evaluate "$alone" 3dhp)
best_in=$(evaluate "$folder/poseaug/best_h36m.safetensors" h36m)
best_across=$(evaluate "$folder/poseaug/best_3dhp.safetensors" 3dhp)
last_in=$(evaluate "$folder/poseaug/last.safetensors" h36m)
last_across=$(evaluate "$folder/poseaug/last.safetensors" 3dhp)

echo
row "MPJPE / PA-MPJPE in mm" "in-domain (h36m)" "across (3dhp)"
row "$model alone" "$alone_in" "$alone_across"
row "$model with PoseAug, last epoch" "$last_in" "$last_across"
row "$model with PoseAug, best epochs" "$best_in" "$best_across"
echo "(best epochs: the one best on each test set, as the method's authors report)"
echo "Done in $((SECONDS - begin)) s after the build; data, weights and logs are in $folder"
