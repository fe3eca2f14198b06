#!/usr/bin/env bash
# Our training steps beside those of the same system in PyTorch, by turns on one machine: a table of medians and ratios.
# usage: race_pytorch.sh --peer torch_peer.py [OPTION...]        docs/gpu_check.md tells more
#   --peer FILE          the PyTorch system; it finds its reference beside itself
#   --device cpu|cuda    cpu
#   --models "NAME..."   "mlp videopose gcn stgcn"
#   --threads N          of either on the CPU: all
#   --rounds R           how often both take their turn: 3
#   --runs K             steps the peer measures a turn: 5, on a GPU 20
#   --bench FILE         build/bin/poseaug_bench
#   --results DIR        where race.md, race.json and every turn's output are put: build/race
#   --library-path DIRS  LD_LIBRARY_PATH of poseaug_bench alone, since torch brings CUDA libraries of its own
# POSEAUG_PYTHON names a Python that has torch and numpy, where neither python3 nor the system's has.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
die() { echo "race_pytorch.sh: $1" >&2 && exit "${2:-2}"; }

peer="" device=cpu models="mlp videopose gcn stgcn" threads=$(nproc) rounds=3 runs="" libraries=""
bench=$root/build/bin/poseaug_bench results=$root/build/race
while [ $# -gt 0 ]; do
    [[ $1 == -* ]] || die "'$1' is no option; the head of $0 names them"
    [ $# -gt 1 ] || die "$1 needs a value"
    case $1 in
    --peer) peer=$2 ;;
    --device) device=$2 ;;
    --models) models=$2 ;;
    --threads) threads=$2 ;;
    --rounds) rounds=$2 ;;
    --runs) runs=$2 ;;
    --bench) bench=$2 ;;
    --results) results=$2 ;;
    --library-path) libraries=$2 ;;
    *) die "unknown option $1; the head of $0 names the options" ;;
    esac
    shift 2
done
case $device in
cpu) styles=("public" "tuned") precisions=float32 runs=${runs:-5} ;;
cuda) styles=("public" "tuned" "tuned --graph" "tuned --tf32" "tuned --graph --tf32") precisions="(float32|tf32)" runs=${runs:-20} ;;
*) die "--device is cpu or cuda, not '$device'" ;;
esac
for number in "$threads" "$rounds" "$runs"; do
    [[ $number =~ ^[1-9][0-9]*$ ]] || die "--threads, --rounds and --runs are whole numbers from 1, not '$number'"
done
[ -n "$peer" ] || die "--peer FILE is needed: the PyTorch system to race"
[ -f "$peer" ] || die "--peer $peer: there is no such file" 1
[ -x "$bench" ] || die "--bench $bench: there is no such program; build poseaug_bench first" 1
python=$(bash "$root/tests/find_python.sh" torch numpy) || die "the race needs a Python with torch and numpy" 1
if [ "$device" = cuda ] && ! "$python" -c 'import torch, sys; sys.exit(not torch.cuda.is_available())'; then
    die "the torch of $python sees no GPU" 1
fi

libraries+=${libraries:+${LD_LIBRARY_PATH:+:}}${LD_LIBRARY_PATH:-}
rm -rf "$results/turns" # of a race before
mkdir -p "$results/turns"
failed=no

# turn FILE COMMAND...: its output; a turn that fails is told at once and counted, and the race goes on.
turn() {
    local file=$results/turns/$1
    shift
    if ! "$@" >"$file.log" 2>&1; then
        echo "race_pytorch.sh: failed: $*: $(tail -n 1 "$file.log")" >&2
        rm -f "$file"
        failed=yes
    fi
}
our_turn() { # MODEL ROUND
    local rows="^(gan_step|fit_step|iteration|infer)/$1/1024/$device(_cudnn)?/$precisions"
    turn "ours.$1.$2.json" env POSEAUG_THREADS="$threads" LD_LIBRARY_PATH="$libraries" \
        "$bench" --benchmark_filter="$rows" --benchmark_out="$results/turns/ours.$1.$2.json" --benchmark_out_format=json
}
peer_turn() { # MODEL STYLE ROUND; the line it prints last is its JSON
    local name
    name=peer.$1.$(tr -d ' -' <<<"$2").$3.json
    # shellcheck disable=SC2086 # a style is several words
    turn "$name" env PYTHONDONTWRITEBYTECODE=1 "$python" "$peer" --bench --model "$1" --device "$device" --batch 1024 \
        --style $2 --threads "$threads" --runs "$runs"
    tail -n 1 "$results/turns/$name.log" | grep '^{' >"$results/turns/$name" || rm -f "$results/turns/$name"
}

for ((round = 1; round <= rounds; ++round)); do
    for model in $models; do
        our_turn "$model" "$round"
        for style in "${styles[@]}"; do peer_turn "$model" "$style" "$round"; done
    done
done
"$python" "$root/scripts/race_table.py" "$results" || failed=yes
[ $failed = no ]
