#!/usr/bin/env bash
# Everything a machine with an NVIDIA GPU should be asked, in stages that can be chosen and resumed; a short table last.
# usage: gpu_check.sh [OPTION...] [STAGE...]        docs/gpu_check.md tells more
#   --build DIR       use the programs in DIR/bin or DIR/carry/bin.tar.gz, built elsewhere, and leave stage `build` out
#   --device cpu      what makes sense without a GPU
#   --peer FILE       the PyTorch system to race; without it the races are skipped
#   --rounds N        of each race (3)
#   --cases DIR       cases of the reference for stage `parity` (default: $POSEAUG_CASES, if set)
#   --results DIR     where summary.txt and logs.tar.gz are put (default: BUILD/gpu_check, where the logs are)
#   --limit SECONDS   the longest that a stage may take (480)
#   --again           also run stages that passed before with the same programs
#   --list            the stages
set -uo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

build=$root/build-gpu prebuilt=no device=cuda peer="" rounds=3 cases=${POSEAUG_CASES:-} results="" limit=480 again=no
models=(mlp videopose gcn stgcn)
# the tests that compare the two devices, recorded and direct steps, and (with cases) the reference
parity_tests="twenty*,on every device*,parity*"

list_stages() {
    cat <<END
build            configure and build for the GPU found (not with --build)
tests            every test of poseaug_tests but those of the next stage
parity           twenty training iterations on CPU and GPU in float64, recorded and direct steps bit for bit,
                 every op and procedure at odd batches; with --cases the reference, too
resume           runs that are killed and resumed end with the bits of runs that are not
memcheck-ops     compute-sanitizer over the gradient check of every op          GPU only
memcheck-train   the same over training iterations of every estimator           GPU only
racecheck-ops    races in shared memory, as memcheck-ops                        GPU only
racecheck-train  races in shared memory, as memcheck-train                      GPU only
bench-ops        poseaug_bench, every op
bench-steps      poseaug_bench, the steps of a training
bench-large      every op at 1024 poses in a graph, and pose ops at 2^20 as a share of the measured bandwidth
train-tf32       50 epochs of 1.56 million synthetic poses with evaluation; goes on where it was stopped
train-float32    the same with products in float32
precision        errors after short trainings with products in float32, tf32 and bf16
race-MODEL       against PyTorch (scripts/race_pytorch.sh), for ${models[*]}
Groups: sanitize (both memchecks and racechecks), bench, train, race.
END
}
die() { echo "gpu_check.sh: $1" >&2 && exit "${2:-2}"; }

stages=()
while [ $# -gt 0 ]; do
    case $1 in
    --build | --device | --peer | --rounds | --cases | --results | --limit)
        [ $# -gt 1 ] || die "$1 needs a value"
        case $1 in
        --build) build=$2 prebuilt=yes ;;
        --device) device=$2 ;;
        --peer) peer=$2 ;;
        --rounds) rounds=$2 ;;
        --cases) cases=$2 ;;
        --results) results=$2 ;;
        --limit) limit=$2 ;;
        esac
        shift
        ;;
    --again) again=yes ;;
    --list) list_stages && exit 0 ;;
    -*) die "unknown option $1; the head of $0 names the options" ;;
    *) stages+=("$1") ;;
    esac
    shift
done

[[ $limit =~ ^[1-9][0-9]*$ ]] || die "--limit $limit: not a number of seconds"
[ -z "$cases" ] || [ -d "$cases" ] || die "--cases $cases: there is no such folder" 1
checks=(memcheck-ops memcheck-train racecheck-ops racecheck-train)
benches=(bench-ops bench-steps bench-large)
trainings=(train-tf32 train-float32)
races=("${models[@]/#/race-}")
case $device in
cuda) all=(build tests parity resume "${checks[@]}" "${benches[@]}" "${trainings[@]}" precision "${races[@]}") ;;
cpu) all=(build tests parity resume "${benches[@]}" "${trainings[@]}" precision "${races[@]}") ;;
*) die "--device is cuda or cpu, not '$device'" ;;
esac

# chosen_stages STAGE...: one a line, groups spelled out.
chosen_stages() {
    local stage
    [ $# -gt 0 ] || set -- "${all[@]}"
    for stage in "$@"; do
        case $stage in
        sanitize) chosen_stages "${checks[@]}" ;;
        bench) chosen_stages "${benches[@]}" ;;
        train) chosen_stages "${trainings[@]}" ;;
        race) chosen_stages "${races[@]}" ;;
        *)
            if ! list_stages | grep -q "^$stage " && [[ " ${races[*]} " != *" $stage "* ]]; then
                die "no stage is named '$stage'; --list names them"
            fi
            [[ " ${all[*]} " == *" $stage "* ]] || die "stage $stage is for a GPU; leave --device cpu out"
            echo "$stage"
            ;;
        esac || return
    done
}
chosen=$(chosen_stages "${stages[@]}") || exit 2
mapfile -t stages <<<"$chosen"

if [ "$device" = cuda ]; then
    gpu=$(nvidia-smi --query-gpu=name,driver_version --format=csv,noheader 2>/dev/null | head -n 1)
    [ -n "$gpu" ] || die "no NVIDIA GPU answers on this machine (nvidia-smi); --device cpu runs what needs none" 1
fi
if [ $prebuilt = yes ]; then
    carried=$build/carry/bin.tar.gz unpacked=$build/bin/.unpacked
    if [ -f "$carried" ] && ! sha256sum <"$carried" | cmp -s - "$unpacked"; then
        tar -xzf "$carried" -C "$build" && sha256sum <"$carried" >"$unpacked" || exit 1
    fi
    for program in poseaug poseaug_tests poseaug_bench; do
        [ -x "$build/bin/$program" ] || die "--build $build: there is no $build/bin/$program" 1
    done
elif [ "$device" = cpu ]; then
    build=$root/build
fi
[ -z "$peer" ] || [ -f "$peer" ] || die "--peer $peer: there is no such file" 1
mkdir -p "$build" || exit 1
build=$(cd "$build" && pwd)
work=$build/gpu_check # logs, and marks of what has passed
if [ -n "$results" ] && [ ! -d "$work" ] && [ -f "$results/logs.tar.gz" ]; then # of an earlier machine
    mkdir -p "$work" && tar -xzf "$results/logs.tar.gz" -C "$work"
fi
mkdir -p "$work/passed" "${results:=$work}" || exit 1
results=$(cd "$results" && pwd)
# shellcheck source=scripts/gpu_check_stages.sh
. "$root/scripts/gpu_check_stages.sh"

# fingerprint STAGE: of what a stage passes with.
fingerprint() {
    {
        echo "$device ${gpu:-}"
        find "$build/bin" -maxdepth 1 -type f -name 'poseaug*' -print0 2>/dev/null | sort -z | xargs -0 -r cat
        case $1 in
        race-*) echo "$rounds" && if [ -n "$peer" ]; then cat "$peer"; fi ;;
        parity) echo "$cases" ;;
        esac
    } | sha256sum
}

note() {
    printf '%-16s %-8s %s\n' "$@" >>"$table"
    printf '%-16s %-8s %s\n' "$@"
}

# run_stage NAME: within the limit, with its output in NAME.log; notes the outcome, which the stage's last lines tell:
# a status of 77 is a skip, as in the tests.
run_stage() {
    local log=$work/$1.log begin=$SECONDS status
    timeout --kill-after=20 "$limit" bash -c "set -uo pipefail; $(declare -f); stage_$1" >"$log" 2>&1 </dev/null &
    running=$! # in a process group of its own, which a Ctrl-C here does not reach
    wait $running
    status=$?
    running=""
    case $status in
    0)
        fingerprint "$1" >"$work/passed/$1"
        note "$1" passed "$((SECONDS - begin)) s; $(outcome_line "$1" "$log")"
        ;;
    77) note "$1" skipped "$(tail -n 1 "$log")" ;;
    124 | 137) note "$1" FAILED "took longer than $limit s; see $log" && failed=yes ;;
    *) note "$1" FAILED "see $log: $(tail -n 1 "$log" | cut -c1-160)" && failed=yes ;;
    esac
}

# Device, driver and CUDA version, or the processor, with the date.
machine() {
    if [ "$device" = cuda ]; then
        local runtime toolkit
        runtime=$(nvidia-smi 2>/dev/null | grep -o 'CUDA [A-Za-z ]*Version: [0-9.]*' | grep -o '[0-9.]*$' | head -n 1)
        toolkit=$(toolkit_program nvcc >/dev/null && "$(toolkit_program nvcc)" --version | grep -o 'V[0-9.]*$')
        echo "$(date -u +%F), ${gpu%%,*}, driver${gpu#*,}, CUDA ${runtime:-?} (nvcc ${toolkit:-none})"
    else
        echo "$(date -u +%F), $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1), $(nproc) threads"
    fi
}

# summary.txt: the table, then every race's table and the benchmark's rows; logs.tar.gz: all there is, marks included.
write_results() {
    {
        machine
        echo "$version"
        cat "$table"
        for file in "$work"/race-*/race.md; do [ ! -f "$file" ] || { echo && cat "$file"; }; done
        if [ -f "$work/bench-steps.log" ]; then echo && grep -E '^(gan_step|fit_step|iteration|infer|epoch)/' "$work/bench-steps.log"; fi
        for log in train-tf32 train-float32 precision bench-large; do
            [ ! -f "$work/passed/$log" ] || { echo && grep -v '^poseaug: ' "$work/$log.log"; }
        done
    } >"$work/summary.txt"
    [ "$results" = "$work" ] || cp "$work/summary.txt" "$results/summary.txt"
    tar -czf "$build/.gpu_check.tar.gz" --exclude=./logs.tar.gz --exclude='./data*' --exclude='./run-*' -C "$work" . &&
        mv "$build/.gpu_check.tar.gz" "$results/logs.tar.gz"
}

running=""
stop() {
    [ -z "$running" ] || kill -TERM "$running" 2>/dev/null
    die "stopped; the same command goes on" 130
}
trap stop INT TERM
table=$work/table.txt failed=no version=""
: >"$table"
export root build prebuilt device peer rounds cases work parity_tests POSEAUG_CASES=$cases
for stage in "${stages[@]}"; do
    if [ "$stage" != build ] && [ -z "$version" ]; then
        find_libraries || exit 1
        version=$(ours "$build/bin/poseaug" --version 2>&1) ||
            die "$build/bin/poseaug does not run here: $version" 1
    fi
    # a build is for the program that builds to judge: it does little where nothing has changed
    if [ $again = no ] && [ "$stage" != build ] && [ -f "$work/passed/$stage" ] && fingerprint "$stage" | cmp -s - "$work/passed/$stage"; then
        note "$stage" passed "earlier, with the same programs"
    else
        run_stage "$stage"
    fi
    write_results
    if [ "$stage" = build ] && [ $failed = yes ]; then break; fi
done

for file in "$work"/race-*/race.md; do [ ! -f "$file" ] || { echo && cat "$file"; }; done
echo
machine
cat "$table"
echo "in $results: summary.txt, logs.tar.gz"
[ $failed = no ]
