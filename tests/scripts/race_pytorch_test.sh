#!/usr/bin/env bash
# scripts/race_pytorch.sh with a benchmark and a peer that take no time: turns, table, JSON, and what it refuses.
# shellcheck disable=SC2016 # text for other programs
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
fail() { echo "FAILED: $*" >&2 && exit 1; }
expect() { grep -qF -- "$1" "$2" || { cat "$2" >&2 && fail "'$1' is not in $2"; }; }
python=$(bash "$POSEAUG_SOURCE_DIR/tests/find_python.sh" json) || exit 77

# Stands for torch, on a machine with and without a GPU.
mkdir "$place/modules"
echo 'class cuda: is_available = staticmethod(lambda: __import__("os").environ.get("STUB_GPU") == "yes")' >"$place/modules/torch.py"
touch "$place/modules/numpy.py"
export PYTHONPATH=$place/modules PYTHONDONTWRITEBYTECODE=1 POSEAUG_PYTHON=$python PLACE=$place

# Ours takes 1, 2, 3 ms in rounds 1, 2, 3 for an estimator step, twice and four times as long for the others.
cat >"$place/bench" <<'END'
#!/bin/bash
echo "ours threads=$POSEAUG_THREADS libraries=$LD_LIBRARY_PATH $*" >>"$PLACE/calls"
for word in "$@"; do case $word in
    --benchmark_out=*) out=${word#*=} ;;
    --benchmark_filter=*) [[ $word =~ \)/([a-z]+)/1024/([a-z]+)[/\(] ]] ;;
esac; done
model=${BASH_REMATCH[1]} device=${BASH_REMATCH[2]} round=${out%.json} round=${round##*.}
row() { echo "{\"run_name\": \"$1/$model/1024/$device/$2/manual_time\", \"run_type\": \"iteration\", \"real_time\": $3, \"time_unit\": \"$4\"}"; }
{
    echo '{"context": {}, "benchmarks": ['
    for precision in float32 tf32; do
        row fit_step $precision "$((round * 1000))" us && echo ,
        row gan_step $precision "$((round * 2))" ms && echo ,
        row infer $precision "$round" ms && echo ,
        row iteration $precision "$((round * 4))" ms && [ $precision = tf32 ] || echo ,
    done
    if [ $model$device = videoposecuda ]; then device+=_cudnn && echo , && row fit_step float32 "$((round * 1500))" us; fi
    echo ']}'
} >"$out"
END
chmod +x "$place/bench"
# The peer takes three times as long, by the same rounds; tuned six times.
cat >"$place/peer.py" <<'END'
import json, os, sys
a = sys.argv[1:]
with open(os.environ["PLACE"] + "/calls", "a") as calls:
    print("peer", *a, file=calls)
count = os.environ["PLACE"] + "/rounds." + "".join(w for w in a if w not in ("--runs", "--threads")).replace("/", "")
ms = len(open(count).read()) + 1 if os.path.exists(count) else 1
open(count, "a").write("x")
if "gcn" in a and "public" in a: sys.exit("the peer has no such thing")
k = 3 * ms * (2 if "tuned" in a else 1)
print("some remark of the peer")
print(json.dumps(dict(style=a[a.index("--style") + 1], graph="--graph" in a, tf32="--tf32" in a, gan_ms=2. * k, fit_ms=1. * k,
                      infer_ms=1. * k, iteration_ms=4. * k)))
END
race() { bash "$POSEAUG_SOURCE_DIR/scripts/race_pytorch.sh" --bench "$place/bench" --results "$place/race" "$@"; }
refuses() {
    local text=$1
    shift
    if race "$@" >"$place/out" 2>&1; then fail "accepted: $*"; fi
    expect "$text" "$place/out"
}

race --peer "$place/peer.py" --models "mlp videopose" --threads 3 --rounds 3 --library-path /some/where >"$place/out" ||
    fail "$(cat "$place/out")"
expect '| ms, batch 1024 | ours, float32 | public, float32 | tuned, float32 |' "$place/out"
expect '| `mlp` gan_step | 4 | 12 (3.00x) | 24 (6.00x) |' "$place/out"
expect '| `videopose` fit_step | 2 | 6 (3.00x) | 12 (6.00x) |' "$place/out"
expect '| `mlp` iteration | 8 | 24 (3.00x) | 48 (6.00x) |' "$place/race/race.md"
"$python" - "$place/race/race.json" <<'END'
import json, sys
rows = json.load(open(sys.argv[1]))["mlp"]
public = next(r for r in rows if r["who"] == "public" and r["step"] == "infer")
assert public == dict(step="infer", who="public", precision="float32", ms=6.0, rounds=3, ratio=3.0, least=3.0, most=3.0), public
END
expect 'ours threads=3 libraries=/some/where' "$place/calls"
expect 'peer --bench --model videopose --device cpu --batch 1024 --style tuned --threads 3 --runs 5' "$place/calls"
# by turns: ours, then every style, then ours again
[ "$(grep -n '^ours' "$place/calls" | head -n 3 | cut -d: -f1 | xargs)" = "1 4 7" ] || fail "not by turns: $(cat "$place/calls")"

rm -f "$place"/rounds.* "$place/calls"
refuses 'sees no GPU' --peer "$place/peer.py" --device cuda
STUB_GPU=yes race --peer "$place/peer.py" --device cuda --models mlp --rounds 1 >"$place/out" || fail "$(cat "$place/out")"
expect '| tuned --graph, float32 | ours, tf32 | tuned, tf32 | tuned --graph, tf32 |' "$place/out"
expect '/1024/cuda(_cudnn)?/(float32|tf32)' "$place/calls"
expect '--style tuned --graph --tf32' "$place/calls"
rm -f "$place"/rounds.*
STUB_GPU=yes race --peer "$place/peer.py" --device cuda --models "mlp videopose" --rounds 1 >"$place/out" || fail "$(cat "$place/out")"
expect '| ours --conv cudnn, float32 |' "$place/out"
expect " | 1.5 (1.50x) |" "$place/out"
expect " | - |" "$place/out"

# a style that fails is told, the others still count, and the race has failed
refuses 'the peer has no such thing' --peer "$place/peer.py" --models gcn --rounds 1
expect '| `gcn` infer | 1 | 6 (6.00x) |' "$place/out"

refuses '--peer FILE is needed' --models mlp
refuses 'nowhere.py: there is no such file' --peer "$place/nowhere.py"
refuses 'whole numbers from 1' --peer "$place/peer.py" --rounds 0
refuses 'unknown option --model' --peer "$place/peer.py" --model mlp
refuses "cpu or cuda, not 'tpu'" --peer "$place/peer.py" --device tpu
echo "the race is run by turns and told in one table"
