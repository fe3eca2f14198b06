#!/usr/bin/env bash
# Runs clang-tidy (the checks of .clang-tidy) on every source of the library and the programs, as the first of these builds
# that compiles it does.
# usage: check_tidy.sh [BUILD_DIR...]
set -euo pipefail
cd -P "$(dirname "${BASH_SOURCE[0]}")/.."
builds=("${@:-build}")

commands=$(mktemp -d)
trap 'rm -rf "$commands"' EXIT
for build in "${builds[@]}"; do
    if [ ! -f "$build/compile_commands.json" ]; then
        echo "$build/compile_commands.json is missing: configure $build first" >&2
        exit 1
    fi
    mkdir -p "$commands/$build"
    # without the options that only gcc knows
    sed -E 's/ (-fno-gnu-unique|--param=[^ ]*)//g' "$build/compile_commands.json" >"$commands/$build/compile_commands.json"
done

mapfile -d '' chosen < <(
    find kernels engine data models training bench app -name '*.cpp' | while IFS= read -r source; do
        for build in "${builds[@]}"; do
            if grep -q "$PWD/$source\"" "$build/compile_commands.json"; then
                printf '%s\0%s\0' "$commands/$build" "$source"
                break
            fi
        done
    done
)
if [ ${#chosen[@]} = 0 ]; then
    echo "no build of ${builds[*]} compiles a source in $PWD: configure them here" >&2
    exit 1
fi
printf '%s\0' "${chosen[@]}" | xargs -0 -n 2 -P "$(nproc)" \
    clang-tidy --extra-arg=-Wno-unknown-warning-option --quiet --warnings-as-errors='*' -p
