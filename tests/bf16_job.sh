#!/bin/sh
# SPDX-License-Identifier: MIT
# The whole job on the CPU with --precision bf16: activations and losses near those of
# fp32, the same bits for any number of threads and after a resume, fp32 weights in the
# file, and half the memory for activations.
. "${srcdir:-.}/tests/program.sh"
long_job
tiny_network
cd "$tmp" || exit 99

run 0 --version
run 0 toy-pets toy --count 40 --size 32 --seed 7

# --- every activation is near fp32's with each algorithm, but not equal

run 0 dump fp32 --data toy --arch resnet18 --size 64 --batch 8 --mode eval
for conv in auto im2col direct winograd; do
    run 0 dump bf16 --data toy --arch resnet18 --size 64 --batch 8 --mode eval \
        --conv $conv --precision bf16
    run 0 compare fp32 bf16 --tolerance 2e-2
    run 1 compare fp32 bf16 --tolerance 1e-4
done

# --- a run: its losses, its bits, its memory

# train NAME OPTION...: a short run into runs/NAME.
train() {
    name=$1
    shift
    run 0 train --data toy --arch tiny --head fastai --size 32 --batch 8 --epochs 2 \
        --lr 1e-5 --mixup 0.4 --label-smoothing 0.1 --clip-norm 1 --ema 0.9 \
        --out "runs/$name" "$@"
}
train fp32
threads='1 3'
! slow || threads='1 2 3'
for threads in $threads; do
    train bf16-$threads --precision bf16 --threads $threads
    cmp -s runs/bf16-1/model.safetensors runs/bf16-$threads/model.safetensors ||
        fail "$threads threads give other weights than one"
done
# Batches of 8 pictures of 32 pixels are noisy, so their means are compared.
paste -d , runs/fp32/steps.csv runs/bf16-1/steps.csv | awk -F , '
    NR > 1 { fp32 += $5; bf16 += $10 }
    END { exit !(NR > 8 && (fp32 - bf16) ^ 2 < (0.1 * fp32) ^ 2) }' ||
    fail "the losses of bf16 differ by a tenth"
! cmp -s runs/fp32/model.safetensors runs/bf16-1/model.safetensors ||
    fail "--precision bf16 changes nothing"
test "$(wc -c <runs/fp32/model.safetensors)" -eq \
    "$(wc -c <runs/bf16-1/model.safetensors)" || fail "the weights of bf16 are not fp32"

# activations OPTION...: the activations of training at 224 pixels, in MiB.
activations() {
    run 0 summary --arch resnet34 --batch 512 "$@"
    sed -n 's/^  activations, their gradients, workspace  *\([0-9.]*\) MiB$/\1/p' out
}
echo "$(activations) $(activations --precision bf16)" |
    awk '{ exit !($2 > 0 && $2 < 0.55 * $1) }' || fail "bf16 does not halve the memory"

# --- a stopped run, resumed, equals an uninterrupted one

long="--data toy --arch tiny --size 32 --batch 8 --epochs 6 --lr 1e-5
--precision bf16 --threads 2"
# shellcheck disable=SC2086 # a list of words
run 0 train $long --out runs/whole
# shellcheck disable=SC2086
"$program" train $long --out runs/stopped >out 2>err </dev/null &
pid=$!
until test "$(wc -l 2>/dev/null <runs/stopped/steps.csv || echo 0)" -gt 2; do
    kill -0 $pid 2>/dev/null || break
    sleep 0.02
done
kill -TERM $pid
wait $pid
test $? -eq 3 || fail "a run that is stopped does not exit with 3"
refuse 1 'belongs to a different job: --precision was bf16 and is now fp32' \
    train --resume --out runs/stopped --precision fp32
run 0 train --resume --out runs/stopped
cmp -s runs/whole/model.safetensors runs/stopped/model.safetensors ||
    fail "a run in bf16 that went on has other weights"

# --- the model serves both precisions, and a run in fp32 starts from it

run 0 eval --model runs/bf16-1/model.safetensors --data toy
value loss >loss.fp32
run 0 eval --model runs/bf16-1/model.safetensors --data toy --precision bf16
value loss >loss.bf16
awk -v fp32="$(cat loss.fp32)" -v bf16="$(cat loss.bf16)" \
    'BEGIN { exit !((fp32 - bf16) ^ 2 < 0.02 ^ 2) }' || fail "eval in bf16 is far off"
run 0 predict --model runs/bf16-1/model.safetensors --precision bf16 toy
test "$(wc -l <out)" -eq 40 || fail "predict in bf16 does not answer for each picture"
run 0 train --data toy --pretrained runs/bf16-1/model.safetensors --arch tiny \
    --size 32 --batch 8 --max-steps 1 --out runs/on
refuse 1 'the device cpu computes in fp32 or bf16: --precision tf32 needs --device cuda' \
    bench --precision tf32
finish
