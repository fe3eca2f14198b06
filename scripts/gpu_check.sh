#!/usr/bin/env bash
# Everything a machine with an NVIDIA GPU should be asked, in stages that can be chosen; one short table last.
# usage: gpu_check.sh [--build DIR] [--peer torch_peer.py] [STAGE...]     stages: build tests sanitize gradcheck bench peer
#   --build DIR   use the binaries in DIR/bin (built elsewhere, say) and leave stage `build` out
#   --peer FILE   the PyTorch system to race; without it stage `peer` is skipped
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

build=build-gpu prebuilt=no peer=""
while [ $# -gt 0 ]; do
    case $1 in
    --build) build=$2 prebuilt=yes && shift 2 ;;
    --peer) peer=$2 && shift 2 ;;
    --*) echo "unknown option $1; see the head of $0" >&2 && exit 2 ;;
    *) break ;;
    esac
done
stages=("${@:-}")
[ -n "${stages[0]}" ] || stages=(build tests sanitize gradcheck bench peer)

command -v nvidia-smi >/dev/null && nvidia-smi -L | grep -q GPU || { echo "no NVIDIA GPU answers on this machine" >&2; exit 1; }
results=$build/gpu_check
mkdir -p "$results"
table=$results/table.txt
: >"$table"
note() { printf '%-12s %-8s %s\n' "$@" | tee -a "$table"; }

# run NAME COMMAND...: logs to $results/NAME.log and notes the outcome.
run() {
    local name=$1 begin=$SECONDS
    shift
    if "$@" >"$results/$name.log" 2>&1; then
        note "$name" ok "$((SECONDS - begin)) s"
    else
        note "$name" FAILED "see $results/$name.log: $(tail -n 1 "$results/$name.log")"
        failed=yes
    fi
}
failed=no

stage_build() {
    [ $prebuilt = no ] || { note build skipped "binaries of $build/bin"; return; }
    build_all() { cmake -S . -B "$build" -DPOSEAUG_CUDA=ON && cmake --build "$build" --parallel "$(nproc)"; }
    run build build_all
}
stage_tests() { run tests "$build/bin/poseaug_tests"; }
stage_sanitize() {
    command -v compute-sanitizer >/dev/null || { note sanitize skipped "no compute-sanitizer on PATH"; return; }
    for tool in memcheck racecheck; do
        run "$tool" compute-sanitizer --tool "$tool" --error-exitcode 9 "$build/bin/poseaug" gradcheck --device cuda
    done
}
stage_gradcheck() { run gradcheck "$build/bin/poseaug" gradcheck --device cuda; }
stage_bench() {
    run bench "$build/bin/poseaug_bench" --benchmark_filter='cuda' --benchmark_out="$results/bench.json" --benchmark_out_format=json
}
stage_peer() {
    [ -n "$peer" ] || { note peer skipped "no --peer given"; return; }
    for model in mlp videopose; do
        for style in "public" "tuned" "tuned --graph" "tuned --tf32" "tuned --graph --tf32"; do
            # shellcheck disable=SC2086 # a style is several words
            run "peer-$model-${style// /}" python3 "$peer" --bench --device cuda --model "$model" --style $style --runs 20
        done
    done
    cat "$results"/peer-*.log
}

for stage in "${stages[@]}"; do
    declare -F "stage_$stage" >/dev/null || { echo "no stage is named $stage" >&2; exit 2; }
    "stage_$stage"
done
echo
echo "$(date -u +%F), $(nvidia-smi --query-gpu=name --format=csv,noheader | head -n 1)"
cat "$table"
[ $failed = no ]
