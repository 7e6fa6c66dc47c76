#!/bin/bash
# SPDX-License-Identifier: MIT
# The power fails behind each call that changes or syncs a file. What was not synced is
# lost, or is there in part (power.py has the ways). The run is resumed from such a disk,
# and ends with the bytes of one that never lost its power. So does a run that loses its
# power while it is resumed. What a command has written is on the disk when it ends.
. "${srcdir:-.}/tests/campaign/kit.sh"
python=${PYTHON:-python3}
command -v "$python" >/dev/null || { echo "skipped: needs python3"; exit 77; }
make_reference
make_half

# The calls that change files, those that move the offset of a descriptor, and those that
# power.py refuses if they concern the folder.
calls=openat,close,read,lseek,write,ftruncate,fsync,fdatasync,mkdir,rename,unlink,rmdir
calls+=,creat,open,dup,dup2,dup3,pwrite64,writev,pwritev,pwritev2,fallocate,sendfile
calls+=,copy_file_range,truncate,renameat,renameat2,unlinkat,mkdirat,link,linkat,symlink
calls+=,symlinkat,sync_file_range

# traced TRACE ARGUMENT...: records the calls of a command.
traced() {
    local trace=$1
    shift
    strace -f -qq -o "$trace" -xx -s 1000000 -e "trace=$calls" "$program" "$@" >out 2>err \
        </dev/null || { cat err >&2; exit 99; }
}

# disk_after TRACE BEFORE EVENT KIND: makes new/ as the disk may hold it.
disk_after() {
    "$python" "$source/tests/campaign/power.py" "$1" new "$2" "$3" "$4" "$seed" ||
        { echo "power.py cannot follow $1" >&2; exit 99; }
}

# --- training, and going on with it ---------------------------------------------------

traced whole "${train[@]}" --out new
same_run new || { echo "the traced run is another: $why" >&2; exit 99; }
rm -rf new && cp -r half new
traced resumed "${train[@]}" --out new --resume
same_run new || { echo "the traced resume is another: $why" >&2; exit 99; }
before() {
    case $1 in
    whole) echo - ;;
    resumed) echo half ;;
    esac
}

for run in whole resumed; do
    "$python" "$source/tests/campaign/power.py" $run new "$(before $run)" | sed "s/^/$run /"
done >cases
test -s cases || { echo "power.py finds no events" >&2; exit 99; }
draw
while read -r run event kind; do
    disk_after "$run" "$(before "$run")" "$event" "$kind"
    verdict "power failure behind event $event of the $run run, $kind" goes_on new
done <drawn

# --- when a command has ended ---------------------------------------------------------

# is_on_disk ARGUMENT...: all that the command writes to new/ is there if the power fails
# just behind its end.
is_on_disk() {
    rm -rf new kept
    mkdir new
    cp -r new empty
    traced ended "$@"
    mv new kept
    disk_after ended empty end lost
    why=$(diff -rq kept new)
    rm -rf empty
    test -z "$why"
}

model=reference/model.safetensors
verdict "the end of train" is_on_disk "${train[@]}" --out new/run
verdict "the end of eval" is_on_disk eval --model $model --data toy --report new/report
verdict "the end of convert" is_on_disk convert $model new/model.onnx
verdict "the end of convert --mlflow-model" is_on_disk convert $model new/mlflow --mlflow-model
verdict "the end of dump" is_on_disk dump --model $model --size 32 --batch 2 new/dump.safetensors
done_with power
