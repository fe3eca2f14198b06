#!/usr/bin/env bash
# Outside of the variants the program has no instruction that an old processor lacks: disassembles it and looks for AVX,
# AVX-512, FMA and bit-manipulation instructions by their names. And a variant has one symbol for others to link, no group
# of sections that the linker might share, and nothing that runs before main().
set -euo pipefail
program=$POSEAUG_BUILD_DIR/bin/poseaug
skip() {
    echo "skipped: $1"
    exit 77
}
[ -x "$program" ] || skip "poseaug is not built"
command -v objdump >/dev/null && command -v nm >/dev/null || skip "no objdump or no nm"
# libraries linked statically choose among kernels of their own
grep -Eq '^POSEAUG_(STATIC_DEPENDENCIES|CUDA_STATIC):BOOL=ON' "$POSEAUG_BUILD_DIR/CMakeCache.txt" &&
    skip "the program holds libraries' code"
ranges=$(nm "$program" | awk '$3 ~ /^poseaug_code_/ { print $1 }' | sort) # begin, end, begin, end, ...
[ -n "$ranges" ] || skip "this build has no variants"

for object in "$POSEAUG_BUILD_DIR"/variants/*.o; do
    [ -e "$object" ] || continue # programs built elsewhere
    nm --extern-only --defined-only "$object" | awk '{ print } END { exit NR != 1 }'
    if objdump --section-headers --wide "$object" | grep -E '[.](init_array|ctors|group)|LINK_ONCE'; then
        echo "in $object, where none of this may be"
        exit 1
    fi
done

objdump --disassemble --no-show-raw-insn --section=.text "$program" | awk -v ranges="$(echo $ranges)" '
    BEGIN {
        count = split(ranges, edge, " ")
        newer = "^(v[a-z0-9]+|k[a-z]+[bwdq]|andn|bextr|blsi|blsmsk|blsr|bzhi|mulx|pdep|pext|rorx|sarx|shlx|shrx|lzcnt" \
                "|movbe|popcnt)$"
    }
    NF == 2 && $2 ~ /^<.*>:$/ { name = $2; within = 0
        for (i = 1; i < count; i += 2) if (($1 "") >= (edge[i] "") && ($1 "") < (edge[i + 1] "")) within = 1 # as text
    }
    $1 ~ /:$/ && $2 ~ newer && $2 !~ /^ver[rw]$/ {
        if (within) ++inside
        else { ++outside; if (shown++ < 10) print "in", name, $0 }
    }
    END {
        printf "%d such instructions in the variants, %d elsewhere\n", inside, outside
        exit inside == 0 || outside > 0
    }'
