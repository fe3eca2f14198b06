#!/usr/bin/env bash
# Prints a Python that has the modules named: POSEAUG_PYTHON, python3 or the system's. Without one, says on stderr what
# is missing and exits with 1.
# usage: find_python.sh MODULE...
set -euo pipefail

modules=$(IFS=,; echo "$*")
for python in "${POSEAUG_PYTHON:-}" python3 /usr/bin/python3; do
    if [ -n "$python" ] && "$python" -c "import $modules" >/dev/null 2>&1; then
        echo "$python"
        exit 0
    fi
done
echo "skipped: no Python with $modules; POSEAUG_PYTHON may name one" >&2
exit 1
