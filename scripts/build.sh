#!/usr/bin/env bash
# Installs what is missing, configures build/ (release) and builds the given targets, or everything.
# usage: build.sh [TARGETS...]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

scripts/install_dependencies.sh
export PATH="$HOME/.local/bin:$PATH" # where a newer CMake than the system's may be

generator=()
if [ ! -f build/CMakeCache.txt ] && command -v ninja >/dev/null; then generator=(-G Ninja); fi
cmake -S . -B build "${generator[@]}"
cmake --build build --parallel "$(nproc)" ${1:+--target "$@"}
