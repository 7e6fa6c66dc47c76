#!/bin/bash
# SPDX-License-Identifier: MIT
# Data races, by ThreadSanitizer: training with each recipe, resuming, measuring,
# predicting and refusals, with several threads and workers. It needs a build by clang
#
#     configure CC=clang --enable-sanitizers=thread
#
# whose OpenMP library tells the sanitizer of its barriers through libarcher. A program
# with a race is run first: where that is not found, nothing is.
. "${srcdir:-.}/tests/program.sh"
case ${SANITIZERS:-} in
*thread*) ;;
*)
    echo "skipped: this is no build by clang with --enable-sanitizers=thread"
    exit 77
    ;;
esac
tiny_network
cd "$tmp" || exit 99
export TSAN_OPTIONS="exitcode=66 ignore_noninstrumented_modules=1"
tried=0 passed=0

cat >racy.c <<'END'
#include <stdio.h>
int main(void)
{
    int sum = 0;
#pragma omp parallel for num_threads(2)
    for (int i = 0; i < 1000; i++)
        sum += i; /* without a reduction */
    return sum == 1;
}
END
# shellcheck disable=SC2086 # a list of flags
${CC:-clang} $SANITIZERS -fopenmp -g -o racy racy.c || exit 99
./racy >/dev/null 2>&1
test $? -eq 66 || { echo "the race in racy.c is not found: nothing would be" >&2; exit 99; }

# calm STATUS ARGUMENT...: the program exits with STATUS, and has no race.
calm() {
    expected=$1
    shift
    tried=$((tried + 1))
    "$program" "$@" >out 2>err </dev/null
    found=$?
    if test $found -eq "$expected" && ! grep -q ThreadSanitizer err; then
        passed=$((passed + 1))
    else
        fail "im2cat $* exits with $found"
        grep -A 12 ThreadSanitizer err | head -n 40 >&2
    fi
}

calm 0 toy-pets toy --count 24 --size 40 --seed 7
job="train --data toy --arch tiny --size 32 --batch 4 --threads 3 --workers 3 --quiet"
calm 0 $job --epochs 2 --out run --checkpoint-every 2
calm 0 $job --epochs 1 --augment fastai --mixup 0.4 --ema 0.9 --clip-norm 1 --out rich
calm 0 $job --freeze-epochs 1 --epochs 1 --pretrained run/model.safetensors --out tuned
calm 0 $job --precision bf16 --epochs 1 --micro-batch 2 --out halves
calm 0 train --data toy --arch resnet18 --size 32 --batch 4 --threads 3 --workers 2 --quiet \
    --max-steps 2 --out wide
calm 0 find-lr --data toy --arch tiny --size 32 --batch 4 --threads 3 --steps 8 --out rates
calm 0 eval --model run/model.safetensors --data toy --threads 3 --tta --report report
calm 0 predict --model run/model.safetensors --threads 3 --json toy
calm 1 check-data toy --workers 3 # one picture's name is of another format
calm 0 bench --arch resnet18 --size 32 --batch 2 --steps 1 --mode train --threads 3
echo no picture >toy/images/toy_text_9.jpg
calm 1 $job --epochs 1 --out broken
calm 0 $job --epochs 1 --bad-images skip --out without

# stopped ARGUMENT...: a run that a signal ends after some steps more.
stopped() {
    tried=$((tried + 1))
    before=$(cat long/steps.csv 2>/dev/null | wc -l)
    "$program" train "$@" --out long >out 2>err &
    process=$!
    for _ in $(seq 300); do
        test "$(cat long/steps.csv 2>/dev/null | wc -l)" -gt $((before + 3)) && break
        sleep 0.2
    done
    kill -TERM $process
    wait $process
    if test $? -eq 3 && ! grep -q ThreadSanitizer err; then
        passed=$((passed + 1))
    else
        fail "im2cat train $* and SIGTERM"
    fi
}
stopped --data toy --arch tiny --size 32 --batch 4 --threads 3 --epochs 5000 \
    --bad-images skip
stopped --resume
echo "races: $tried tried, $passed passed, $((tried - passed)) failed"
finish
