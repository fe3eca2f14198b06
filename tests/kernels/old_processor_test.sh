#!/usr/bin/env bash
# The program starts on a processor of 2008, which has no AVX, takes portable code there and passes the sweep of all ops.
set -euo pipefail
program=$POSEAUG_BUILD_DIR/bin/poseaug
skip() {
    echo "skipped: $1"
    exit 77
}
[ -x "$program" ] || skip "poseaug is not built"
command -v qemu-x86_64 >/dev/null || skip "no qemu-x86_64 (Debian: qemu-user)"
nm "$program" | grep -q poseaug_code_avx2 || skip "this build has no variants"
old=(qemu-x86_64 -cpu Nehalem "$program")

"${old[@]}" --version | grep 'CPU: SSE2 of SSE2)'
if POSEAUG_INSTRUCTIONS=avx2 "${old[@]}" --version; then
    echo "AVX2 was to be refused"
    exit 1
fi
"${old[@]}" gradcheck --device cpu --threads 1
