#!/usr/bin/env bash
# The pages of docs/kernels are those that the registry's own text makes.
set -euo pipefail
pages="$POSEAUG_SOURCE_DIR/docs/kernels"
program="$POSEAUG_BUILD_DIR/bin/poseaug_kernel_pages"
[ -x "$program" ] || { echo "skipped: $program is not built"; exit 77; }
fresh=$(mktemp -d)
trap 'rm -rf "$fresh"' EXIT
fail() { echo "FAILED: $*" >&2; exit 1; }

if [ -f "$pages/figures.json" ]; then cp "$pages/figures.json" "$fresh"; fi
"$program" "$fresh"
diff -r "$pages" "$fresh" || fail "docs/kernels is not what the registry says. Renew it with
    $program $pages"

# pages of kernels that are no more are removed; what people wrote stays
head -n 1 "$fresh/README.md" >"$fresh/old_op.md"
echo "notes" >"$fresh/notes.md"
"$program" "$fresh"
[ ! -e "$fresh/old_op.md" ] || fail "the page of a kernel that is no more was left"
[ -e "$fresh/notes.md" ] || fail "a file that is no generated page was removed"

# figures of a run of the benchmarks: of calls that do the work that a page states, not of a kernel as it was before
read -r kcs_flops kcs_bytes < <(awk -F'|' '/^## Work/ { work = 1 }
    work && $2 == " forward " { print $5 * 1024, $6 * 1024; exit }' "$fresh/kcs.md")
cat >"$fresh/figures.json" <<JSON
{"context": {"date": "2026-01-02T03:04:05", "poseaug device": "Abacus, 4 beads", "poseaug device kind": "cpu"},
 "benchmarks": [
   {"name": "op/kcs/forward/1024/cpu", "run_type": "iteration", "real_time": 2.5, "time_unit": "us",
    "bytes": $kcs_bytes, "flops": $kcs_flops},
   {"name": "op/kcs/backward/1024/cpu", "run_type": "iteration", "real_time": 3.5, "time_unit": "us",
    "bytes": $kcs_bytes, "flops": $kcs_flops}]}
JSON
"$program" "$fresh"
grep -q "On Abacus, 4 beads, 2026-01-02" "$fresh/kcs.md" || fail "kcs.md does not say where and when it was measured"
grep -Eq '^\| forward \| 1024 \| cpu \| 2\.50 us \| 293 G \|' "$fresh/kcs.md" || fail "kcs.md lacks its time"
if grep -q '3\.50 us' "$fresh/kcs.md"; then fail "kcs.md has the time of other work than its own"; fi
grep -q "Nothing yet" "$fresh/project.md" || fail "project.md does not say that it was not measured"

echo "not a results file" >"$fresh/figures.json"
if "$program" "$fresh" 2>"$fresh/errors"; then fail "a broken figures.json was accepted"; fi
grep -q "figures.json" "$fresh/errors" || fail "the message does not name figures.json: $(cat "$fresh/errors")"
