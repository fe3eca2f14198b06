#!/usr/bin/env bash
# Joins the objects of a variant (Variants.cmake) into one whose only symbol is its table of entry points.
# usage: join_variant.sh LD OBJCOPY NAME JOINED OBJECTS...
# The function poseaug_cpu_entries becomes poseaug_cpu_entries_NAME, and every other symbol local, so that the linker can
# take none of them for other code. Before, groups of sections are dissolved: they are what it drops all but one copy of.
# The code goes into one section between poseaug_code_NAME and poseaug_code_end_NAME, where a disassembler finds it.
set -euo pipefail
ld=$1 objcopy=$2 name=$3 joined=$4
shift 4

script=$(mktemp)
trap 'rm -f "$script" "$joined.all"' EXIT
cat >"$script" <<EOF
SECTIONS { .text.poseaug_$name : { poseaug_code_$name = .; *(.text .text.*) poseaug_code_end_$name = .; } }
EOF
mkdir -p "$(dirname "$joined")"
"$ld" -r --force-group-allocation -T "$script" -o "$joined.all" "$@"
"$objcopy" --redefine-sym poseaug_cpu_entries="poseaug_cpu_entries_$name" \
    --keep-global-symbol="poseaug_cpu_entries_$name" "$joined.all" "$joined"
