#!/usr/bin/env bash
# Installs what is missing, builds everything into build/ and runs all tests.
# usage: [POSEAUG_CASES=DIR] test.sh [ARGUMENTS OF CTEST...]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

scripts/build.sh
export PATH="$HOME/.local/bin:$PATH"
ctest --test-dir build --output-on-failure --parallel "$(nproc)" "$@"
