#!/usr/bin/env bash
# The installed package serves a project outside: examples/tiny_network is configured, built and run against it.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT

cmake --install "$POSEAUG_BUILD_DIR" --prefix "$place/prefix" >/dev/null
if [ -x "$POSEAUG_BUILD_DIR/bin/poseaug" ]; then "$place/prefix/bin/poseaug" --help >/dev/null; fi
test -f "$place/prefix/share/poseaug/joint_tables/cmu.json"
cp -r "$POSEAUG_SOURCE_DIR/examples/tiny_network" "$place/example"
cmake -S "$place/example" -B "$place/build" -DCMAKE_PREFIX_PATH="$place/prefix" -DCMAKE_BUILD_TYPE=Release
cmake --build "$place/build"
"$place/build/tiny_network"
