#!/usr/bin/env bash
# scripts/check_layers.sh accepts includes that point down and refuses, by file and line, those that do not.
set -euo pipefail
check="$POSEAUG_SOURCE_DIR/scripts/check_layers.sh"
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
mkdir -p "$tree"/{kernels,engine,data,models,training,bench,app}

write() { printf '#pragma once\n%s\n' "$2" >"$tree/$1"; }
fail() { echo "FAILED: $*" >&2; exit 1; }

accepts() {
    write "$1" "$2"
    bash "$check" "$tree" || fail "$1 with $2 was refused"
}
refuses() {
    write "$1" "$2"
    if message=$(bash "$check" "$tree" 2>&1); then fail "$1 with $2 was accepted"; fi
    [[ $message == *"$1:2:"* ]] || fail "the message does not name $1:2 but says: $message"
    rm "$tree/$1"
}

accepts kernels/a.hpp '#include "kernels/b.hpp"'
accepts engine/a.cpp '#include "kernels/a.hpp"'
accepts data/a.cpp '#include "engine/a.hpp"'
accepts models/a.cpp '#include "engine/a.hpp"'
accepts training/a.cpp '#include "data/a.hpp"'
accepts training/b.cpp '#include "models/a.hpp"'
accepts bench/a.cpp '#include "training/a.hpp"'
accepts app/f.cpp '#include "bench/a.hpp"'
accepts app/a.cpp '#include "training/a.hpp"'
accepts app/b.cpp '#include "poseaug_version.hpp"'
accepts app/c.cpp '#include <data/not_ours.hpp>'
refuses kernels/c.cu '#include "engine/a.hpp"'
refuses engine/b.hpp '#include "models/a.hpp"'
refuses models/b.cpp '#  include "data/a.hpp"'
refuses data/b.cpp '#include "models/a.hpp"'
refuses training/c.cpp '#include "app/a.hpp"'
refuses training/d.cpp '#include "bench/a.hpp"'
refuses bench/b.cpp '#include "app/a.hpp"'
refuses app/d.cpp '#include "../data/a.hpp"'
refuses app/e.cpp '#include <poseaug/data/a.hpp>'
bash "$check" "$tree" || fail "the tree is refused although every offending file is gone"
