#!/usr/bin/env bash
# scripts/gpu_check.sh: what it refuses, and with programs and tools that only note how they were called, every stage of
# the path on a GPU and of the one without.
# shellcheck disable=SC2016 # text for other programs
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
check() { bash "$POSEAUG_SOURCE_DIR/scripts/gpu_check.sh" "$@"; }
fail() { echo "FAILED: $*" >&2 && exit 1; }

# program FILE BODY: an executable that notes its name and arguments in $place/calls, then does BODY.
program() {
    mkdir -p "$(dirname "$1")"
    { echo '#!/bin/bash' && echo "echo \"\$(basename \"\$0\") \$*\" >>$place/calls" && echo "$2"; } >"$1"
    chmod +x "$1"
}
# expect TEXT FILE
expect() { grep -q -- "$1" "$2" || { cat "$2" >&2 && fail "'$1' is not in $2"; }; }
expect_no() { ! grep -q -- "$1" "$2" || { cat "$2" >&2 && fail "'$1' is in $2"; }; }
# refuses STATUS TEXT ARGUMENTS...
refuses() {
    local wanted=$1 text=$2 status=0
    shift 2
    check "$@" >"$place/out" 2>&1 || status=$?
    [ $status = "$wanted" ] || fail "$* ended with $status, not $wanted: $(cat "$place/out")"
    expect "$text" "$place/out"
}

# A machine without a GPU, whatever this one has.
tools=$place/tools
program "$tools/nvidia-smi" 'exit 9'
export PATH=$tools:$PATH
unset POSEAUG_CASES
refuses 1 'no NVIDIA GPU answers on this machine' tests
refuses 2 "no stage is named 'tets'" tets
refuses 2 'unknown option --devise' --devise cpu
refuses 2 '--build needs a value' --build
refuses 2 "cuda or cpu, not 'tpu'" --device tpu
refuses 2 'stage memcheck-ops is for a GPU' --device cpu sanitize
refuses 2 '--limit soon: not a number' --device cpu --build "$place" --limit soon tests
refuses 1 "--cases $place/nothing: there is no such folder" --device cpu --cases "$place/nothing" tests
refuses 1 "there is no $place/nothing/bin/poseaug" --device cpu --build "$place/nothing"
check --list >"$place/out"
for stage in build tests parity resume memcheck-ops racecheck-train bench-steps race-MODEL; do expect "^$stage " "$place/out"; done

# Programs that do nothing, and a GPU that is none.
build=$place/build
work=$build/gpu_check
# A program whose trainings take no time: their log says two epochs, of 2 and 4 s with evaluation, on 2048 poses.
poseaug='
verb=$1
while [ $# -gt 0 ]; do case $1 in --out) out=$2 ;; esac && shift; done
case $verb in
--version) echo "poseaug 9.9" ;;
synth) mkdir -p "$out" && touch "$out/test_3dhp.npz" ;;
bench) echo "{\"run_name\": \"op/project\"}" >"$out" && echo "project 80%" ;;
pretrain | train)
    mkdir -p "$out" && touch "$out/state.safetensors"
    echo "  \"training_poses\": 2048," >"$out/settings.json"
    [ ! -e "$out.stop" ] || exit 1
    for seconds in 1 3; do echo "{\"epoch\":$seconds,\"seconds\":$seconds.0,\"seconds_all\":$((seconds + 1)).0}"; done >"$out/log.jsonl"
    echo "epoch 1  kept 5  augmented:  3dhp 9 mm  original:  3dhp 7.0 mm"
    ;;
esac'
program "$build/bin/poseaug" "$poseaug"
program "$build/bin/poseaug_tests" 'case $1 in --count) echo "[doctest] unskipped test cases passing the current filters: 5" ;; esac'
program "$build/bin/poseaug_bench" 'echo "gan_step/mlp/1024/cuda/float32/manual_time 1 ms 1 ms 9"'
refuses 1 'no-such-peer: there is no such file' --device cpu --build "$build" --peer "$place/no-such-peer"
program "$tools/nvidia-smi" 'case $* in *query*) echo "NVIDIA Stub, 1.2.3" ;; *) echo "| Driver Version: 1.2.3  CUDA Version: 13.0 |" ;; esac'
program "$tools/compute-sanitizer" 'while [[ $1 == --* ]]; do shift 2; done; "$@"; echo "========= ERROR SUMMARY: 0 errors"'
stages=(tests parity sanitize bench train precision race)

: >"$place/calls"
check --build "$build" "${stages[@]}" >"$place/out" || fail "a GPU's stages: $(cat "$place/out")"
for stage in tests parity memcheck-ops memcheck-train racecheck-ops racecheck-train bench-ops bench-steps \
    bench-large train-tf32 train-float32 precision; do
    expect "^$stage  *passed " "$place/out"
done
for model in mlp videopose gcn stgcn; do
    expect "^race-$model  *skipped  no --peer was given" "$place/out"
    expect "^compute-sanitizer --tool racecheck .* train --device cuda .*--model $model " "$place/calls"
    expect "^poseaug train --device cuda .*--model $model " "$place/calls"
done
expect 'NVIDIA Stub, driver 1.2.3, CUDA 13.0' "$place/out"
expect "$(date -u +%Y-)" "$place/out"
expect '^compute-sanitizer --tool memcheck --error-exitcode 9 .*/poseaug gradcheck --device cuda' "$place/calls"
expect '^poseaug_tests --test-case-exclude=twenty.* --first=1 ' "$place/calls"
expect '^poseaug_tests --success=false --test-case=twenty.* --last=5' "$place/calls"
expect '^poseaug_bench --benchmark_filter=^op/.\*/cuda ' "$place/calls"
expect '^poseaug synth --out .* --poses 2184000' "$place/calls"
expect '^poseaug train .*--precision tf32 .*--init .*run-long-start/last.safetensors .*--epochs 50 ' "$place/calls"
expect_no '--resume' "$place/calls"
expect '^2 epochs of 2048 poses, products in float32: 6.0 s, .* 2.00 s an epoch, 500.000 ms an iteration' "$work/summary.txt"
expect '^tf32  *3dhp 7.0 mm' "$work/summary.txt"
expect '^poseaug bench --device cuda --filter ^op/ --repetitions 3 ' "$place/calls"
expect '^project 80%' "$work/summary.txt"
expect 'memcheck-ops .*ERROR SUMMARY: 0 errors' "$work/summary.txt"
expect '^gan_step/mlp' "$work/summary.txt"
tar -tzf "$work/logs.tar.gz" >"$place/archived"
for file in ./tests.log ./summary.txt ./passed/tests; do expect "^$file$" "$place/archived"; done
expect_no 'part\.' "$place/archived"

# What passed is not run again, unless asked for or with other programs.
: >"$place/calls"
check --build "$build" tests bench-ops >"$place/out"
expect '^tests  *passed  *earlier' "$place/out"
expect_no '^poseaug_tests' "$place/calls"
check --build "$build" --again tests >"$place/out"
expect '^poseaug_tests' "$place/calls"
program "$build/bin/poseaug_bench" 'echo "op/slower 1 us"'
: >"$place/calls"
check --build "$build" bench-ops >"$place/out"
expect '^poseaug_bench' "$place/calls"

# A long training that was stopped goes on, unless it was another program's.
touch "$work/run-long-tf32.stop"
refuses 1 '^train-tf32  *FAILED' --build "$build" --again train-tf32
: >"$place/calls"
refuses 1 '^train-tf32  *FAILED' --build "$build" --again train-tf32
expect '^poseaug train .*run-long-tf32 .*--resume' "$place/calls"
rm "$work/run-long-tf32.stop"
program "$build/bin/poseaug" "$poseaug; true"
: >"$place/calls"
check --build "$build" train-tf32 >"$place/out" || fail "a training by another program: $(cat "$place/out")"
expect_no '--resume' "$place/calls"

# A library that the programs open when they need it is looked for in the toolkit, and may be known to the loader alone.
mkdir -p "$place/toolkit/lib64" && touch "$place/toolkit/lib64/libcublas.so.99"
program "$build/bin/poseaug" 'echo "poseaug 9.9, opens libcublas.so.99, libraries=$LD_LIBRARY_PATH"'
CUDA_HOME=$place/toolkit check --build "$build" bench-ops >"$place/out"
expect "libraries=$place/toolkit/lib64" "$work/summary.txt"
rm -r "$place/toolkit"
check --build "$build" bench-ops >"$place/out" || fail "a library that the loader may know: $(cat "$place/out")"

# On another machine, the results folder tells what passed.
check --build "$build" --results "$place/results" tests >"$place/out"
rm -r "$work"
check --build "$build" --results "$place/results" tests >"$place/out"
expect '^tests  *passed  *earlier' "$place/out"

# Programs that come as an archive are unpacked, and again when the archive is another.
mkdir -p "$place/there/carry"
tar -czf "$place/there/carry/bin.tar.gz" -C "$build" bin
check --build "$place/there" bench-ops >"$place/out" || fail "from an archive: $(cat "$place/out")"
expect '^bench-ops  *passed  *[0-9]* s' "$place/out"
program "$build/bin/poseaug_bench" 'echo "op/other 1 us"'
tar -czf "$place/there/carry/bin.tar.gz" -C "$build" bin
check --build "$place/there" bench-ops >"$place/out"
expect '^bench-ops  *passed  *[0-9]* s' "$place/out"
expect '^op/other' "$place/there/gpu_check/bench-ops.log"

# A stage that fails is told with its last line, and one that takes too long; the others still run.
program "$build/bin/poseaug_tests" 'case $1 in --count) echo ": 3" ;; *) echo "test 7 is wrong" && exit 1 ;; esac'
refuses 1 '^tests  *FAILED .*test 7 is wrong' --build "$build" tests bench-ops
expect '^bench-ops  *passed' "$place/out"
program "$build/bin/poseaug_bench" 'exec sleep 30'
refuses 1 '^bench-ops  *FAILED .*longer than 1 s' --build "$build" --limit 1 --again bench-ops
program "$tools/compute-sanitizer" 'echo "========= Error: Device not supported" && exit 1'
refuses 0 '^memcheck-ops  *skipped  compute-sanitizer does not support' --build "$build" --again memcheck-ops
program "$tools/compute-sanitizer" 'echo "Race reported between Write access" && exit 9'
refuses 1 '^racecheck-train  *FAILED ' --build "$build" --again racecheck-train

# A stage of benchmarks that finds none has shown nothing.
program "$build/bin/poseaug_bench" 'echo "no row is named like that"'
refuses 1 '^bench-ops  *FAILED .*no row was measured' --build "$build" bench-ops

# What is stopped stops what it runs.
program "$build/bin/poseaug_bench" 'echo $$ >"$0.pid" && exec sleep 60'
bash "$POSEAUG_SOURCE_DIR/scripts/gpu_check.sh" --build "$build" bench-ops bench-steps >"$place/out" 2>&1 &
checking=$!
until [ -s "$build/bin/poseaug_bench.pid" ]; do sleep 0.1; done
kill -TERM $checking
status=0
wait $checking || status=$?
[ $status = 130 ] || fail "stopped with status $status: $(cat "$place/out")"
expect_no '^bench' "$place/out"
for _ in $(seq 50); do kill -0 "$(cat "$build/bin/poseaug_bench.pid")" 2>/dev/null && sleep 0.1 || break; done
if kill -0 "$(cat "$build/bin/poseaug_bench.pid")" 2>/dev/null; then fail "the stage runs on"; fi
rm "$build/bin/poseaug_bench.pid"

# A build is always asked for: what it makes of changed sources is not known before.
clone=$place/clone
mkdir -p "$clone/build-gpu"
cp -r "$POSEAUG_SOURCE_DIR/scripts" "$clone/scripts"
cp -r "$build/bin" "$clone/build-gpu/bin"
program "$clone/build-gpu/bin/poseaug_bench" 'echo "op/first 1 us"'
program "$tools/cmake" 'true'
bash "$clone/scripts/gpu_check.sh" build bench-ops >"$place/out" || fail "a build: $(cat "$place/out")"
: >"$place/calls"
program "$tools/cmake" "$(declare -f program); place=$place; program $clone/build-gpu/bin/poseaug_bench 'echo \"op/second 1 us\"'"
bash "$clone/scripts/gpu_check.sh" build bench-ops >"$place/out" || fail "another build: $(cat "$place/out")"
expect '^cmake ' "$place/calls"
expect '^op/second' "$clone/build-gpu/gpu_check/bench-ops.log"
rm "$tools/cmake"

# Without a GPU.
program "$tools/nvidia-smi" 'exit 9'
program "$build/bin/poseaug_tests" 'case $1 in --count) echo ": 3" ;; esac'
program "$build/bin/poseaug_bench" 'echo "infer/mlp/1024/cpu/float32/manual_time 1 ms 1 ms 9"'
: >"$place/calls"
check --device cpu --build "$build" tests parity bench race >"$place/out" || fail "without a GPU: $(cat "$place/out")"
for stage in tests parity bench-ops bench-steps; do expect "^$stage  *passed" "$place/out"; done
expect '^poseaug_bench --benchmark_filter=^(gan_step.*/cpu ' "$place/calls"
expect_no 'sanitize\|memcheck' "$place/out"
expect ' threads$' "$place/out"
echo "gpu_check.sh does what its stages say"
