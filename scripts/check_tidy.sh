#!/usr/bin/env bash
# Runs clang-tidy (the checks of .clang-tidy) on the sources of a build's compile_commands.json.
# usage: check_tidy.sh [BUILD_DIR]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
build=${1:-build}

if [ ! -f "$build/compile_commands.json" ]; then
    echo "$build/compile_commands.json is missing: configure $build first" >&2
    exit 1
fi
find kernels engine data models training bench app -name '*.cpp' -print0 | while IFS= read -r -d '' source; do
    if grep -q "$PWD/$source\"" "$build/compile_commands.json"; then printf '%s\0' "$source"; fi
done | xargs -0 -r -n 1 -P "$(nproc)" \
    clang-tidy -p "$build" --extra-arg=-Wno-unknown-warning-option --extra-arg=-Wno-unused-command-line-argument \
    --quiet --warnings-as-errors='*'
