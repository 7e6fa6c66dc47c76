#!/bin/sh
# SPDX-License-Identifier: MIT
# A small job under Valgrind's memcheck: two steps of training with checkpoints, the
# finished run read again, prediction and evaluation, and refusals on the way, with the
# network tiny; and a step of a ResNet-18, in both precisions, for the wide kernels. It
# must show no invalid access, no use of uninitialised memory, and no leak.
. "${srcdir:-.}/tests/program.sh"
tiny_network

command -v valgrind >/dev/null || { echo "valgrind is not installed"; exit 77; }
if nm -D "$program" 2>/dev/null | grep -q __asan_init; then
    echo "a build with sanitizers does not run under valgrind"
    exit 77
fi
cd "$tmp" || exit 99

# libjpeg-turbo's SIMD code reads whole vectors at the ends of rows, which memcheck
# reports as errors. Memory that libgomp keeps to the end is still reachable, so only
# definite leaks count.
export JSIMD_FORCENONE=1

# clean STATUS ARGUMENT...: the program exits with STATUS, and memcheck reports nothing.
# Lines that begin with -- are Valgrind's own, on system calls of the sandbox that it does
# not know and refuses.
clean() {
    expected=$1
    shift
    valgrind --quiet --leak-check=full --show-leak-kinds=definite \
        --errors-for-leak-kinds=definite --error-exitcode=99 --log-file="$tmp/log" \
        "$program" "$@" >"$tmp/out" 2>"$tmp/err" </dev/null
    found=$?
    test $found -eq "$expected" || fail "im2cat $* exits with $found, not $expected"
    ! grep '^==' log >report || { fail "im2cat $*: memcheck says"; head -n 40 report >&2; }
}

clean 0 toy-pets toy --count 10 --size 32 --seed 7
job="--data toy --arch tiny --size 32 --batch 2 --augment flip --workers 2"
clean 0 train $job --threads 2 --max-steps 2 --checkpoint-every 1 --out run --quiet
clean 0 train --resume --out run --threads 1
# Valgrind has no AMX: the program must query the processor, and use another kernel.
clean 0 train $job --arch resnet18 --precision bf16 --max-steps 1 --out bf16 --quiet
clean 0 train $job --arch resnet18 --max-steps 1 --out fp32 --quiet
clean 1 train $job --batch 200 --out none
first=$(ls toy/images/*.jpg | head -n 1)
head -c 300 "$first" >broken.jpg
clean 1 predict --model run/model.safetensors broken.jpg "$first" missing.jpg
clean 0 eval --model run/model.safetensors --data toy --threads 2
head -c 4000 run/model.safetensors >cut.safetensors
clean 1 eval --model cut.safetensors --data toy

finish
