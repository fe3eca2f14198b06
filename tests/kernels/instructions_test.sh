#!/usr/bin/env bash
# What the kernels' tests and the sweep of all ops show of this machine's best instructions holds for the others, too.
set -euo pipefail
tests=$POSEAUG_BUILD_DIR/bin/poseaug_tests program=$POSEAUG_BUILD_DIR/bin/poseaug
if [ ! -x "$program" ]; then
    echo "skipped: poseaug is not built"
    exit 77
fi
answer=$(POSEAUG_INSTRUCTIONS=none "$program" gradcheck --op tanh --device cpu 2>&1) && exit 1
IFS=', ' read -ra names <<<"${answer##* can do }"
unset "names[-1]" # the best: what all other tests run on
if [ ${#names[@]} = 0 ]; then
    echo "skipped: this build has one set of instructions"
    exit 77
fi
for name in "${names[@]}"; do
    echo "$name:"
    POSEAUG_INSTRUCTIONS=$name "$tests" --minimal --source-file="*tests/kernels/*_test.cpp,*tests/engine/gradcheck_test.cpp" \
        --source-file-exclude="*tests/kernels/cuda/*"
    POSEAUG_INSTRUCTIONS=$name "$program" gradcheck --device cpu | tail -n 1
done
