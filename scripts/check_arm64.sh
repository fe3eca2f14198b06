#!/usr/bin/env bash
# Compiles the layers kernels and engine for 64-bit ARM into build-arm64/, and runs the kernels' tests and the sweep of
# all ops there under qemu-user. Prints "skipped: ..." where the compiler or ARM's libraries cannot be had (apt has them
# on Debian; elsewhere their sources would have to be added by hand).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
export PATH="$HOME/.local/bin:$PATH"

if [ "$(uname -m)" = aarch64 ]; then
    echo "skipped: this is an ARM machine, where the usual build and tests show the same"
    exit 0
fi
if ! scripts/install_dependencies.sh --architecture arm64 g++-aarch64-linux-gnu qemu-user libopenblas-dev:arm64 \
    libstdc++6:arm64; then
    echo "skipped: the cross compiler, qemu-user or ARM's libraries could not be installed"
    exit 0
fi

generator=()
if [ ! -f build-arm64/CMakeCache.txt ] && command -v ninja >/dev/null; then generator=(-G Ninja); fi
cmake -S . -B build-arm64 "${generator[@]}" --toolchain cmake/toolchains/aarch64-linux-gnu.cmake \
    -DPOSEAUG_ENGINE_ONLY=ON -DPOSEAUG_CUDA=OFF
cmake --build build-arm64 --parallel "$(nproc)"
qemu-aarch64 build-arm64/bin/poseaug_tests --source-file="*tests/kernels/*_test.cpp,*tests/engine/gradcheck_test.cpp"
