#!/bin/bash
# SPDX-License-Identifier: MIT
# Each system call of a training run, and of the commands that read its model, fails in
# turn, from main on, with each error that it can have: full and failing disks, signals, no memory, no
# descriptors. Reads and writes of a single byte come on top. The command does its work
# all the same, or ends with one sentence; a run goes on to the bytes of the reference.
. "${srcdir:-.}/tests/campaign/kit.sh"
command -v strace >/dev/null || { echo "skipped: needs strace"; exit 77; }
strace -o /dev/null true 2>/dev/null || { echo "skipped: processes may not be traced"; exit 77; }
make_reference

calls=openat,read,pread64,write,pwrite64,fsync,ftruncate,rename,mkdir,unlink,newfstatat
calls+=,fstat,getdents64,lseek,flock,mmap,clone3,close

# errors_of CALL: the errors that the call can have.
errors_of() {
    case $1 in
    openat) echo EIO EMFILE ENOMEM ESTALE ;;
    read | pread64) echo EIO EINTR ESTALE ;;
    write | pwrite64) echo ENOSPC EIO EINTR EDQUOT ;;
    fsync | ftruncate) echo EIO EINTR ENOSPC ;;
    rename | mkdir | unlink) echo EIO ENOSPC EACCES ;;
    newfstatat | fstat | getdents64 | lseek) echo EIO ENOMEM ;;
    flock) echo ENOLCK EINTR ;;
    mmap | clone3) echo ENOMEM EAGAIN ;;
    close) echo EIO EINTR ;;
    esac
}

commands=(
    "${train[*]} --out new/run"
    "eval --model reference/model.safetensors --data toy --report new/report"
    "predict --model reference/model.safetensors toy/images"
    "convert reference/model.safetensors new/model.onnx"
    "toy-pets new/pets --count 4 --size 32"
)

# traced EXPRESSION...: runs the command under strace with these options.
traced() {
    rm -rf new && mkdir new
    # shellcheck disable=SC2086 # a command is words
    watch_out strace -f -qq -o trace "$@" "$program" $command
}

what_is_there() {
    cksum <out
    (cd new && find . -type f ! -name '*.html' ! -name '*.svg' | sort | xargs -r cksum)
}

as_expected() {
    case $command in
    train*) ends_well new/run ;;
    predict*) # a sentence for each picture
        why="exit status $status: $(tail -n 1 err)"
        test $status -eq 1 && grep -q '^im2cat: ' err || nothing_happened
        ;;
    *) test $status -eq 1 && one_sentence && no_leftovers new || nothing_happened ;;
    esac
}

nothing_happened() {
    why="exit status $status with another outcome: $(tail -n 1 err)"
    test $status -eq 0 && test "$(what_is_there)" = "$reference"
}

# The commands without a failure, and the cases: the number of the command, of the call,
# its name, and the error.
reference_of=()
for i in "${!commands[@]}"; do
    command=${commands[i]}
    traced -e "trace=$calls,prlimit64"
    test "$status" -eq 0 || { fail "$command: exit status $status"; continue; }
    reference_of[i]=$(what_is_there)
    cp err "usual.err.$i"
    # main first asks for the limit of the address space.
    awk '/RLIMIT_AS/ { main = 1 }
        { call = $2; if (!sub(/\(.*/, "", call) || call ~ /[^a-z0-9]/) next }
        { calls[call]++; if (!main) before[call]++ }
        END { for (call in calls) print before[call] + 1, calls[call], call }' trace >counted
    while read -r first last call; do
        for error in $(errors_of "$call"); do
            seq "$first" "$last" | sed "s/.*/$i & $call $error/"
        done
    done <counted
    seq 1 40 | sed "s/.*/$i & short/"
done >cases

draw
while read -r i n call error; do
    command=${commands[i]} reference=${reference_of[i]}
    cp "usual.err.$i" usual.err
    if test "$call" = short; then
        traced -E "LD_PRELOAD=$inject" -E "IM2CAT_INJECT=short:$n" -e trace=none
        verdict "reads and writes of one byte from $n on in $command" as_expected
    else
        traced -e "trace=$call" -e "inject=$call:error=$error:when=$n"
        verdict "$error of $call $n in $command" as_expected
    fi
done <drawn
done_with "system calls"
