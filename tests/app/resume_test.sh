#!/usr/bin/env bash
# A run that was killed and resumed ends with the bits of one that was not. POSEAUG_TEST_DEVICE may be cuda.
set -euo pipefail
poseaug=$POSEAUG_BUILD_DIR/bin/poseaug
[ -x "$poseaug" ] || { echo "skipped: $poseaug is not built"; exit 77; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

"$poseaug" synth --out data --poses 4000 --seed 3 >/dev/null 2>&1
common=(--data data --model mlp --device "${POSEAUG_TEST_DEVICE:-cpu}" --threads=2 --batch 64 --seed 5 --quiet)
pretrain=("$poseaug" pretrain "${common[@]}" --width 48 --epochs 6)

# Starts "$@" with --out $1, kills it once its log holds $2 lines, and goes on with --resume. A run that ended before it
# could be killed, on a busy machine, has shown nothing and is started again.
kill_and_resume() {
    local out=$1 lines=$2 attempt pid
    shift 2
    for attempt in 1 2 3 4 5 6 7 8 9 10; do
        rm -rf "$out"
        "$@" --out "$out" >/dev/null 2>&1 &
        pid=$!
        until [ -f "$out/log.jsonl" ] && [ "$(wc -l <"$out/log.jsonl")" -ge "$lines" ]; do
            kill -0 $pid 2>/dev/null || break
            sleep 0.02
        done
        kill -9 $pid 2>/dev/null || true
        wait $pid 2>/dev/null || true
        [ "$(wc -l <"$out/log.jsonl")" -ge "$total" ] || break
        [ "$attempt" -lt 10 ] || { echo "the run ended before it was killed, ten times"; exit 1; }
    done
    "$@" --out "$out" --resume >/dev/null
}

same() {
    for file in "$@"; do
        cmp "$whole/$file.safetensors" "$broken/$file.safetensors" || { echo "$file differs after the resume"; exit 1; }
    done
    # the log too, but for the times
    diff <(sed 's/"seconds[a-z_]*":[0-9.e+-]*//g' "$whole/log.jsonl") <(sed 's/"seconds[a-z_]*":[0-9.e+-]*//g' "$broken/log.jsonl")
}

whole=pre_whole broken=pre_broken total=6
"${pretrain[@]}" --out $whole >/dev/null
kill_and_resume $broken 2 "${pretrain[@]}"
same best last state

train=("$poseaug" train "${common[@]}" --init pre_whole/best.safetensors --pool 200 --epochs 5)
whole=aug_whole broken=aug_broken total=6 # and the start
"${train[@]}" --out $whole >/dev/null
kill_and_resume $broken 3 "${train[@]}"
same best_h36m best_3dhp last augmentor state

# killed before its first epoch ended: only the start is logged
broken=aug_early
kill_and_resume $broken 1 "${train[@]}"
same best_h36m best_3dhp last augmentor state

# with every option that adds to the data or splits it; the broken run keeps its data elsewhere, which must not show
whole=options_whole broken=options_broken total=6
options=("${train[@]}" --extra-2d data/test_3dhp.npz --select-on 0.2 --align 3dhp --feedback paper)
"${options[@]}" --out $whole >/dev/null
kill_and_resume $broken 3 "${options[@]}" --data-memory host
same best_held_out last augmentor state

# the graph networks; the unbroken runs on one thread, which must not change a bit
for model in gcn stgcn; do
    pretrain=("$poseaug" pretrain "${common[@]/mlp/$model}" --width 8 --epochs 3 --stride 4)
    whole=pre_$model broken=pre_broken_$model total=3
    "${pretrain[@]/--threads=2/--threads=1}" --out "$whole" >/dev/null
    kill_and_resume "$broken" 1 "${pretrain[@]}"
    same best last state
    train=("$poseaug" train "${common[@]/mlp/$model}" --init "$whole/best.safetensors" --pool 200 --epochs 3 --stride 4)
    whole=aug_$model broken=aug_broken_$model total=4
    "${train[@]/--threads=2/--threads=1}" --out "$whole" >/dev/null
    kill_and_resume "$broken" 2 "${train[@]}"
    same best_h36m best_3dhp last augmentor state
done
train=("$poseaug" train "${common[@]}" --init pre_whole/best.safetensors --pool 200 --epochs 5)

# what must not be resumed, each with its reason
expect_failure() {
    local wanted=$1
    shift
    if "$@" >/dev/null 2>message; then echo "accepted: $*"; exit 1; fi
    grep -q -- "$wanted" message || { echo "unclear message:"; cat message; exit 1; }
}
expect_failure "holds a run already" "${train[@]}" --out aug_whole
expect_failure "seed" "$poseaug" train "${common[@]/5/6}" --init pre_whole/best.safetensors --pool 200 --epochs 5 --out aug_whole --resume
expect_failure "no run to resume" "${train[@]}" --out nowhere --resume
[ ! -e nowhere ] || { echo "a refused run left a folder"; exit 1; }
echo 5 >>aug_early/log.jsonl
expect_failure "damaged at line" "${train[@]}" --out aug_early --resume
expect_failure "leave --width out" "${train[@]}" --width 64 --out nowhere
expect_failure "not an augmentor\|not the estimator" "$poseaug" train "${common[@]}" --init aug_whole/augmentor.safetensors --out nowhere
expect_failure "training collapsed" "$poseaug" pretrain "${common[@]}" --width 48 --epochs 1 --lr 1e30 --out ruined
[ ! -e ruined/last.safetensors ] || { echo "a ruined network was saved"; exit 1; }
[ ! -e nowhere ] || { echo "a refused run left a folder"; exit 1; }
truncate -s 1000 aug_whole/state.safetensors
expect_failure "state.safetensors" "${train[@]}" --out aug_whole --resume
echo "resumed runs equal unbroken ones"
