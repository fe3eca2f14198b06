# shellcheck shell=bash
# The stages of gpu_check.sh, which sources this: stage_NAME fails, or leaves with 77 after saying why it was skipped.
# They run in a shell of their own, with all functions and the exported settings.
# shellcheck disable=SC2154 # which gpu_check.sh assigns

# A program of the CUDA toolkit, which need not be on PATH.
toolkit_program() {
    local path
    for path in "$(command -v "$1")" "${CUDA_HOME:-/usr/local/cuda}/bin/$1" "/usr/local/cuda/bin/$1" \
        "/usr/local/cuda/compute-sanitizer/$1" "/opt/cuda/bin/$1"; do
        [ -x "$path" ] && echo "$path" && return
    done
    return 1
}

# Folders in which CUDA's libraries may be: the toolkit's, then those of Python's packages.
library_folders() {
    local nvcc
    nvcc=$(toolkit_program nvcc) && nvcc=$(dirname "$(dirname "$(readlink -f "$nvcc")")")
    printf '%s\n' "${CUDA_HOME:-/usr/local/cuda}/lib64" "${nvcc:-/usr/local/cuda}"/{lib64,targets/x86_64-linux/lib} \
        /usr/local/cuda/lib64 /usr/local/nvidia/lib64 /opt/cuda/lib64
    python3 -c 'import sys
for folder in sys.path: print(folder)' 2>/dev/null | sed -n 's|.*-packages$|&/nvidia|p' | while read -r packages; do
        printf '%s\n' "$packages"/*/lib
    done
}

# Sets POSEAUG_LIBRARY_PATH to the folders of shared libraries that our programs would not find by themselves. Python is
# run without them, since torch brings its own.
find_libraries() {
    local missing opened library folder
    export POSEAUG_LIBRARY_PATH=""
    missing=$(ldd "$build"/bin/poseaug{,_tests,_bench} 2>/dev/null | sed -n 's/^[ \t]*\(.*\) => not found.*/\1/p' | sort -u)
    opened=$(grep -aohE 'libcublas\.so\.[0-9]+' "$build/bin/poseaug" | sort -u) # once a GPU is opened
    for library in $missing $opened; do
        while read -r folder; do
            [ -e "$folder/$library" ] || continue
            POSEAUG_LIBRARY_PATH+=${POSEAUG_LIBRARY_PATH:+:}$folder
            continue 2
        done < <(library_folders)
        [[ " ${missing//$'\n'/ } " == *" $library "* ]] || continue # the loader may know it
        echo "gpu_check.sh: the programs need $library, which is neither in the system's folders nor the CUDA toolkit's;" \
            "put its folder on LD_LIBRARY_PATH" >&2
        return 1
    done
}
ours() {
    LD_LIBRARY_PATH=${POSEAUG_LIBRARY_PATH:-}${LD_LIBRARY_PATH:+${POSEAUG_LIBRARY_PATH:+:}$LD_LIBRARY_PATH} "$@"
}

stage_build() {
    [ "$prebuilt" = no ] || { echo "programs of $build/bin" && exit 77; }
    local cuda=ON generator=()
    [ "$device" = cuda ] || cuda=AUTO
    if [ ! -f "$build/CMakeCache.txt" ] && command -v ninja >/dev/null; then generator=(-G Ninja); fi
    cmake -S "$root" -B "$build" "${generator[@]}" -DPOSEAUG_CUDA=$cuda && cmake --build "$build" --parallel "$(nproc)"
}

# doctest FILTERS...: the tests these choose, shared out over processes.
doctest() {
    local count jobs first pids=() failed=0 i
    count=$(ours "$build/bin/poseaug_tests" --count "$@" | grep -o '[0-9]*$' | tail -n 1)
    [ "${count:-0}" -gt 0 ] || { echo "no test is chosen by $*" && return 1; }
    jobs=$(nproc)
    [ "$jobs" -le 8 ] || jobs=8
    [ "$jobs" -le "$count" ] || jobs=$count
    for ((i = 0; i < jobs; ++i)); do
        first=$((count * i / jobs + 1))
        ours "$build/bin/poseaug_tests" "$@" --first=$first --last=$((count * (i + 1) / jobs)) >"$work/part.$i" 2>&1 &
        pids+=($!)
    done
    for i in "${!pids[@]}"; do
        wait "${pids[i]}" || failed=1
        cat "$work/part.$i"
        rm "$work/part.$i"
    done
    [ $failed = 0 ] && echo "$count test cases passed"
}

stage_tests() { doctest --test-case-exclude="$parity_tests"; }
stage_parity() { doctest --success=false --test-case="$parity_tests"; }
stage_resume() {
    POSEAUG_SOURCE_DIR=$root POSEAUG_BUILD_DIR=$build POSEAUG_TEST_DEVICE=$device ours bash "$root/tests/app/resume_test.sh"
}

# sanitize TOOL COMMAND...: under compute-sanitizer. Races are looked for in our own kernels: cuBLAS's synchronise in ways
# that racecheck does not follow. Calls that fail are for our own checks, cuBLAS tries some that may.
sanitize() {
    local tool=$1 sanitizer status options=(--error-exitcode 9 --print-limit 20 --report-api-errors no)
    shift
    sanitizer=$(toolkit_program compute-sanitizer) || { echo "there is no compute-sanitizer here" && exit 77; }
    [ "$tool" != racecheck ] || options+=(--kernel-name kns=poseaug)
    echo "== $*"
    ours "$sanitizer" --tool "$tool" "${options[@]}" "$@" >"$work/sanitizer.out" 2>&1
    status=$?
    cat "$work/sanitizer.out"
    if grep -qi 'device not supported' "$work/sanitizer.out"; then
        echo "compute-sanitizer does not support this device or its driver" && exit 77
    fi
    return $status
}
sanitize_ops() { sanitize "$1" "$build/bin/poseaug" gradcheck --device cuda; }
# Two iterations of every estimator, the second on a smaller batch, and an evaluation.
sanitize_train() {
    local model
    [ -d "$work/data" ] || ours "$build/bin/poseaug" synth --out "$work/data" --poses 2800 || return
    for model in mlp videopose gcn stgcn; do
        rm -rf "$work/run-$model"
        sanitize "$1" "$build/bin/poseaug" train --device cuda --data "$work/data" --model $model --width 64 \
            --out "$work/run-$model" --epochs 1 --warmup 0 --batch 128 --stride 10 --quiet || return
    done
}
stage_memcheck-ops() { sanitize_ops memcheck; }
stage_memcheck-train() { sanitize_train memcheck; }
stage_racecheck-ops() { sanitize_ops racecheck; }
stage_racecheck-train() { sanitize_train racecheck; }

# bench NAMES: the rows whose names match, also as JSON.
bench() {
    ours "$build/bin/poseaug_bench" --benchmark_filter="$2" --benchmark_out="$work/$1.json" --benchmark_out_format=json |
        tee "$work/rows" || return
    grep -qE '^[a-z_]+/' "$work/rows" || { echo "no row was measured: no benchmark is named like $2" && return 1; }
}
stage_bench-ops() { bench bench-ops "^op/.*/$device"; }
stage_bench-steps() { bench bench-steps "^(gan_step|fit_step|iteration|infer|epoch)/.*/$device"; }
stage_bench-large() {
    local ops=""
    [ "$device" = cuda ] || ops='(project|unit_bones)/'
    ours "$build/bin/poseaug" bench --device "$device" --filter "^op/$ops" --repetitions 3 --out "$work/bench-large.json"
}

# median NUMBERS...
median() { printf '%s\n' "$@" | sort -g | sed -n "$((($# + 1) / 2))p"; }

# long_training PRECISION: what the project is for. A run that was stopped goes on, if by the same programs.
long_training() {
    local precision=$1 epochs=50 data=$work/data-long start=$work/run-long-start run=$work/run-long-$1 resume=()
    local poses=2184000 # five subjects of seven are to train on: 1.56 million
    [ "$device" = cuda ] || poses=2800 epochs=2
    [ -f "$data/test_3dhp.npz" ] || ours "$build/bin/poseaug" synth --out "$data" --poses $poses || return
    if ! fingerprint long | cmp -s - "$run.programs"; then rm -rf "$run" "$run.programs"; fi
    if [ ! -f "$start/state.safetensors" ]; then
        rm -rf "$start"
        ours "$build/bin/poseaug" pretrain --device "$device" --data "$data" --model mlp --out "$start" --epochs 1 \
            --quiet || return
    fi
    [ ! -f "$run/settings.json" ] || resume=(--resume)
    fingerprint long >"$run.programs"
    ours "$build/bin/poseaug" train --device "$device" --precision "$precision" --data "$data" --model mlp \
        --init "$start/last.safetensors" --out "$run" --epochs $epochs --quiet "${resume[@]}" || return
    rm "$run.programs" # another call starts anew
    training_times "$run" "$precision"
}
# training_times RUN PRECISION: of a run's log, in one line.
training_times() {
    local poses all once
    poses=$(sed -n 's/.*"training_poses": \([0-9]*\).*/\1/p' "$1/settings.json")
    all=$(grep -o '"seconds_all":[0-9.e+-]*' "$1/log.jsonl" | cut -d: -f2)
    once=$(grep -o '"seconds":[0-9.e+-]*' "$1/log.jsonl" | cut -d: -f2)
    # shellcheck disable=SC2086 # numbers, a word each
    awk -v poses="$poses" -v precision="$2" -v epoch="$(median $all)" -v trained="$(median $once)" '
        { sum += $1 }
        END {
            printf "%d epochs of %d poses, products in %s: %.1f s, evaluations included; in the median " \
                   "%.2f s an epoch, %.3f ms an iteration\n", NR, poses, precision, sum, epoch,
                   1000 * trained / int((poses + 1023) / 1024)
        }' <<<"$all"
}
stage_train-tf32() { long_training tf32; }
stage_train-float32() { long_training float32; }

# The errors of the last epoch of trainings that differ in the arithmetic of their products alone.
stage_precision() {
    local data=$work/data-precision poses=400000 epochs=5 precision
    [ "$device" = cuda ] || poses=2800 epochs=1
    [ -f "$data/test_3dhp.npz" ] || ours "$build/bin/poseaug" synth --out "$data" --poses $poses || return
    : >"$work/errors"
    for precision in float32 tf32 bf16; do
        rm -rf "$work/run-precision"
        ours "$build/bin/poseaug" train --device "$device" --precision $precision --data "$data" --model mlp --seed 1 \
            --out "$work/run-precision" --epochs $epochs --warmup 0 --quiet >"$work/training" || return
        sed -n "s/^epoch.*original: */$(printf '%-8s' $precision) /p" "$work/training" | tail -n 1 >>"$work/errors"
    done
    rm -rf "$work/run-precision" "$work/training"
    echo "errors after $epochs epochs of $poses synthetic poses, mlp:"
    cat "$work/errors"
    [ "$(wc -l <"$work/errors")" = 3 ]
}

race() {
    [ -n "$peer" ] || { echo "no --peer was given" && exit 77; }
    bash "$root/scripts/race_pytorch.sh" --peer "$peer" --device "$device" --models "$1" --rounds "$rounds" \
        --bench "$build/bin/poseaug_bench" --library-path "${POSEAUG_LIBRARY_PATH:-}" --results "$work/race-$1"
}
stage_race-mlp() { race mlp; }
stage_race-videopose() { race videopose; }
stage_race-gcn() { race gcn; }
stage_race-stgcn() { race stgcn; }

# outcome_line STAGE LOG: what a passed stage has to tell in a few words.
outcome_line() {
    case $1 in
    tests | parity) tail -n 1 "$2" ;;
    bench-large) echo "$(grep -c '"run_name"' "$work/bench-large.json") measurements" ;;
    precision) echo "$(wc -l <"$work/errors") precisions" ;;
    bench-*) echo "$(grep -cE '^[a-z_]+/' "$2") rows" ;;
    memcheck-* | racecheck-*) grep -oE '(ERROR|RACECHECK) SUMMARY.*' "$2" | sort -u | tr '\n' ' ' ;;
    *) tail -n 1 "$2" ;;
    esac
}
