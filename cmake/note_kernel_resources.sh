#!/usr/bin/env bash
# Launches nvcc and notes what ptxas says that every kernel takes.
# usage: note_kernel_resources.sh OBJCOPY COMMAND...
# COMMAND compiles to an object file with nvcc, perhaps through ccache. The notes go into the object's section
# poseaug_resources, one line a kernel and architecture: "sm_90 MANGLED-NAME registers shared stack spills", the last
# three in bytes. The linker joins the sections of all objects, and kernels/cuda/resource_notes_cuda.cpp finds them in
# the program, so that nothing has to be generated before anything is compiled. What else ptxas
# only informs of is dropped, and warnings and errors are passed on.
set -euo pipefail
objcopy=$1
shift

object=""
for ((i = 1; i < $#; ++i)); do
    if [ "${!i}" = -o ]; then
        next=$((i + 1))
        object=${!next}
    fi
done
if [ -z "$object" ]; then exec "$@"; fi

said=$(mktemp)
trap 'rm -f "$said" "$said.notes" "$said.o"' EXIT
: >"$said.notes"
status=0
"$@" -Xptxas=-v 2>"$said" || status=$?

entry="" architecture="" function="" stack=0 spills=0
while IFS= read -r line; do
    if [[ $line =~ ^ptxas\ info.*Compiling\ entry\ function\ \'([^\']+)\'\ for\ \'([^\']+)\' ]]; then
        entry=${BASH_REMATCH[1]} architecture=${BASH_REMATCH[2]} stack=0 spills=0
    elif [[ $line =~ ^ptxas\ info.*Function\ properties\ for\ ([^ ]+) ]]; then
        function=${BASH_REMATCH[1]}
    elif [[ $line =~ ([0-9]+)\ bytes\ stack\ frame,\ ([0-9]+)\ bytes\ spill\ stores,\ ([0-9]+)\ bytes\ spill\ loads ]]; then
        if [ "$function" = "$entry" ]; then
            stack=${BASH_REMATCH[1]} spills=$((BASH_REMATCH[2] + BASH_REMATCH[3]))
        fi
    elif [[ $line =~ ^ptxas\ info.*Used\ ([0-9]+)\ registers ]]; then
        registers=${BASH_REMATCH[1]} shared=0
        if [[ $line =~ ([0-9]+)\ bytes\ cumulative\ stack ]]; then stack=${BASH_REMATCH[1]}; fi
        if [[ $line =~ ([0-9]+)\ bytes\ smem ]]; then shared=${BASH_REMATCH[1]}; fi
        printf '%s %s %d %d %d %d\n' "$architecture" "$entry" "$registers" "$shared" "$stack" "$spills" >>"$said.notes"
    elif ! [[ $line =~ ^ptxas\ info ]]; then
        printf '%s\n' "$line" >&2
    fi
done <"$said"

if [ "$status" = 0 ] && [ -s "$said.notes" ]; then
    "$objcopy" --add-section poseaug_resources="$said.notes" \
        --set-section-flags poseaug_resources=alloc,readonly,data "$object" "$said.o"
    cp "$said.o" "$object"
fi
exit "$status"
