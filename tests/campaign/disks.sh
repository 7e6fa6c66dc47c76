#!/bin/bash
# SPDX-License-Identifier: MIT
# Disks that fill up at every point of a run: a file system in memory of 4, 8 ... 240
# KiB, and of 3 to 16 files. The run ends with one sentence; with more room it goes on to
# the bytes of the reference. The commands that write files leave nothing half-written.
# The mounts are in a name space of this script's own.
if test "${IN_NAMESPACE:-}" != yes; then
    export IN_NAMESPACE=yes
    unshare -m true 2>/dev/null && exec unshare -m "$0" "$@"
    unshare -rm true 2>/dev/null && exec unshare -rm "$0" "$@"
    echo "skipped: needs a mount name space (unshare -m)"
    exit 77
fi
. "${srcdir:-.}/tests/campaign/kit.sh"
make_reference
mkdir disk
mount -t tmpfs -o size=64k none disk 2>/dev/null ||
    { echo "skipped: may not mount a file system"; exit 77; }
umount disk

# on_disk OPTION ARGUMENT...: runs the program while disk/ is mounted with this limit.
on_disk() {
    mount -t tmpfs -o "$1" none disk
    shift
    watch_out "$program" "$@"
}

train_on() {
    on_disk "$1" "${train[@]}" --out disk/run
    why="exit status $status: $(tail -n 1 err)"
    case $status in
    0) same_run disk/run ;;
    1)
        one_sentence && mount -o remount,size=64m,nr_inodes=1000 disk && goes_on disk/run
        ;;
    *) return 1 ;;
    esac
}

# write_on OPTION ARGUMENT...: with exit status 0 all is there, else nothing.
write_on() {
    on_disk "$@"
    why="exit status $status: $(tail -n 1 err)"
    case $status in
    0) test -n "$(ls disk)" ;;
    1) one_sentence && no_leftovers disk ;;
    *) return 1 ;;
    esac
}

model=reference/model.safetensors
{
    for size in $(seq 4 4 240); do
        echo "size=${size}k train"
    done
    for files in $(seq 3 16); do
        echo "nr_inodes=$files train"
    done
    for size in $(seq 4 4 64); do
        echo "size=${size}k eval --model $model --data toy --report disk/report"
        echo "size=${size}k convert $model disk/model.onnx"
        echo "size=${size}k convert $model disk/mlflow --mlflow-model"
        echo "size=${size}k dump --model $model --size 32 --batch 2 disk/dump.safetensors"
        echo "size=${size}k toy-pets disk/pets --count 12 --size 32"
    done
} >cases
draw
while read -r option command; do
    if test "$command" = train; then
        verdict "train on a disk of $option" train_on "$option"
    else
        # shellcheck disable=SC2086 # a command is words
        verdict "$command on a disk of $option" write_on "$option" $command
    fi
    umount disk
done <drawn
done_with disks
