#!/bin/sh
# SPDX-License-Identifier: MIT
# predict on the CPU scores pictures with all of its threads in the sandbox; with another
# device it enters none. What the sandbox refuses is tested by tests/test_sandbox.c, the
# sandbox of serve by tests/serve.sh.
. "${srcdir:-.}/tests/program.sh"

"$program" --version | grep -q '^sandbox .*seccomp' || {
    echo "skipped: $("$program" --version | grep '^sandbox')"
    exit 77
}
emulated=$(pwd)/tests/emulated
cd "$tmp" || exit 99
run 0 toy-pets toy --count 4 --size 32
run 0 train --data toy --labels species --arch resnet18 --size 32 --batch 2 --max-steps 1 \
    --valid-pct 0.5 --out run --quiet

# Names so long that the answers do not fit a pipe: predict waits with the last of them
# until the pipe is read.
set -- toy/images/*.jpg
long=$(printf './%.0s' 1 2 3 4 5 6 7 8 9 10 | sed 's/.*/&&&&&&&&&&/; s/.*/&&&&&&&&&&&&&&&&&&/')
pictures=
for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
    pictures="$pictures $long$1"
done
mkfifo pipe

# inside WANTED OPTION...: predict's answers are right, and all its threads have the
# filter that WANTED says (2: one, 0: none).
inside() {
    wanted=$1
    shift
    "$program" predict --model run/model.safetensors --batch 1 --threads 2 "$@" $pictures \
        >pipe 2>err &
    predict=$!
    exec 3<pipe
    IFS= read -r line <&3 # it has begun to score
    case $line in
    *.jpg*) ;;
    *) fail "predict $* answers: $line" ;;
    esac
    test "$(grep -h '^Seccomp:' /proc/$predict/task/*/status | sort -u)" = "Seccomp:	$wanted" ||
        fail "predict $*: $(grep -H '^Seccomp:' /proc/$predict/task/*/status)"
    lines=1
    while IFS= read -r line <&3; do
        lines=$((lines + 1))
    done
    exec 3<&-
    test $lines -eq 20 || fail "predict $* answers $lines times"
    wait $predict || fail "predict $* exits with $?"
}
inside 2
export IM2CAT_MODULES="$emulated"
inside 0 --device cuda
finish
