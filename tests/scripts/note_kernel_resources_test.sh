#!/usr/bin/env bash
# The compiler's launcher keeps what ptxas says in the object file, and passes on what else the compiler says.
set -euo pipefail
if ! command -v objcopy >/dev/null || ! command -v cc >/dev/null; then
    echo "skipped: no objcopy or no cc"
    exit 77
fi
launcher=$POSEAUG_SOURCE_DIR/cmake/note_kernel_resources.sh
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"

cat >nvcc <<'END'
#!/usr/bin/env bash
arguments=()
for argument in "$@"; do
    if [ "$argument" = -Xptxas=-v ]; then asked=yes; else arguments+=("$argument"); fi
done
test "${asked:-}" = yes || exit 9
cat >&2 <<'NOTES'
file.cu(3): warning: a variable is unused
ptxas info    : 24 bytes gmem
ptxas info    : Compiling entry function '_Z5firstv' for 'sm_80'
ptxas info    : Function properties for _Z5helper
    96 bytes stack frame, 0 bytes spill stores, 0 bytes spill loads
ptxas info    : Function properties for _Z5firstv
    16 bytes stack frame, 8 bytes spill stores, 12 bytes spill loads
ptxas info    : Used 14 registers, used 1 barriers, 4224 bytes smem, 400 bytes cmem[0]
ptxas info    : Compile time = 22.335 ms
ptxas info    : Compiling entry function '_Z6secondv' for 'sm_90'
ptxas info    : Function properties for _Z6secondv
    0 bytes stack frame, 0 bytes spill stores, 0 bytes spill loads
ptxas info    : Used 255 registers, used 0 barriers, 32 bytes cumulative stack size
ptxas warning : something is deprecated
NOTES
exec cc "${arguments[@]}"
END
chmod +x nvcc
echo 'int answer(void) { return 42; }' >answer.c
echo 'int answer(void); int main(void) { return answer() != 42; }' >main.c

bash "$launcher" objcopy ./nvcc -c answer.c -o answer.o 2>said
printf '%s\n' 'file.cu(3): warning: a variable is unused' 'ptxas warning : something is deprecated' | diff said -
objcopy -O binary --only-section=poseaug_resources answer.o notes
printf '%s\n' 'sm_80 _Z5firstv 14 4224 16 20' 'sm_90 _Z6secondv 255 0 32 0' | diff notes -
cc main.c answer.o -o program
./program

# a failure stays one, with its message
echo 'int answer(void) { return' >answer.c
status=0
bash "$launcher" objcopy ./nvcc -c answer.c -o broken.o 2>said || status=$?
test "$status" != 0
grep -q error said
test ! -e broken.o

# what makes no object is run as it is
bash "$launcher" objcopy echo of nothing | grep -qx "of nothing"
