#!/usr/bin/env bash
# Refuses an #include that points up the layers:
#     app -> bench -> training -> models, data -> engine -> kernels
# usage: check_layers.sh [ROOT]
set -euo pipefail
root=${1:-$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)}
cd "$root"

find kernels engine data models training bench app -type f \
    \( -name '*.hpp' -o -name '*.cpp' -o -name '*.cu' -o -name '*.cuh' \) -print0 2>/dev/null |
    xargs -0 -r awk '
    BEGIN {
        may["kernels"] = " kernels "
        may["engine"] = may["kernels"] "engine "
        may["data"] = may["engine"] "data "
        may["models"] = may["engine"] "models "
        may["training"] = may["data"] "models training "
        may["bench"] = may["training"] "bench "
        may["app"] = may["bench"] "app "
    }
    function refuse(why) {
        printf "%s:%d: %s: %s\n", FILENAME, FNR, $0, why
        failed = 1
    }
    /^[ \t]*#[ \t]*include[ \t]*"/ {
        split($0, quoted, "\"")
        included = quoted[2]
        split(FILENAME, from, "/")
        split(included, to, "/")
        if (included ~ /(^|\/)\.\.?\//)
            refuse("includes are written from the root of the repository")
        else if (to[1] in may && index(may[from[1]], " " to[1] " ") == 0)
            refuse("the layer " from[1] " may include only" may[from[1]])
    }
    /^[ \t]*#[ \t]*include[ \t]*<poseaug\// { refuse("inside the project, include with quotes and without poseaug/") }
    END { exit failed }' >&2
