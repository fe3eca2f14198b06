#!/usr/bin/env bash
# Refuses C++ and CUDA sources that clang-format would change; with --fix, changes them.
# usage: check_format.sh [--fix]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

action=(--dry-run -Werror)
if [ "${1:-}" = --fix ]; then action=(-i); fi
git ls-files -z --cached --others --exclude-standard -- '*.cpp' '*.hpp' '*.cu' '*.cuh' |
    xargs -0 -r clang-format --style=file "${action[@]}"
