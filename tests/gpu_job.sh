#!/bin/sh
# SPDX-License-Identifier: MIT
# The whole job on --device cuda, on the emulated GPU (tests/emulated/): every kernel of
# the CUDA module, unchanged, in a whole network, against the CPU; and a failing GPU.
. "${srcdir:-.}/tests/program.sh"
long_job
tiny_network
export IM2CAT_MODULES="$(pwd)/tests/emulated"
cd "$tmp" || exit 99

run 0 --version
grep -q '^device cuda   an emulated GPU, fp32$' out || fail "--version does not name the GPU"
run 0 toy-pets toy --count 40 --size 32 --seed 7

# --- every activation and gradient, layer by layer, equals the CPU's

# same TOLERANCE OPTION...: two dumps, one by each device, of a batch of real pictures.
same() {
    tolerance=$1
    shift
    for device in cpu cuda; do
        run 0 dump $device --data toy --arch resnet18 --size 64 --device $device "$@"
    done
    run 0 compare cpu cuda --tolerance "$tolerance"
}
same 2e-5 --head plain --conv auto
same 1e-4 --head fastai --batch 8 --conv im2col
same 2e-5 --mode eval --conv auto
if slow; then
    same 2e-5 --head plain --conv im2col
    same 1e-4 --head fastai --batch 8 --conv auto
    same 2e-5 --mode eval --conv im2col
fi
run 0 summary --device cuda
grep -q ' cudnn$' out || fail "auto does not take cuDNN"

# --- train, evaluate, predict: the same pictures, masks and figures

# train DEVICE OPTION...: a short run into runs/DEVICE.
train() {
    device=$1
    shift
    run 0 train --data toy --arch tiny --head fastai --size 32 --batch 8 \
        --epochs 1 --lr 1e-5 --mixup 0.4 --label-smoothing 0.1 --clip-norm 1 --ema 0.9 \
        --device "$device" --out "runs/$device" "$@"
}
train cpu
train cuda
cut -d , -f 1-4 runs/cpu/steps.csv >rates.cpu
cut -d , -f 1-4 runs/cuda/steps.csv >rates.cuda
cmp -s rates.cpu rates.cuda || fail "the schedule differs"
paste -d , runs/cpu/steps.csv runs/cuda/steps.csv | awk -F , '
    NR > 1 && ($5 - $10) ^ 2 > 1e-6 { exit 1 }' || fail "the losses differ by 1e-3"
for device in cpu cuda; do
    run 0 eval --model runs/cuda/model.safetensors --data toy --device $device
    value loss >loss.$device
    run 0 predict --model runs/cuda/model.safetensors --device $device toy
    cut -f 1-2 out >answers.$device
done
cmp -s answers.cpu answers.cuda || fail "predict answers otherwise"
awk -v cpu="$(cat loss.cpu)" -v cuda="$(cat loss.cuda)" \
    'BEGIN { exit !((cpu - cuda) ^ 2 < 1e-8) }' || fail "eval's losses differ"

# --- a failing kernel: one sentence, exit 1, the earlier checkpoint is kept, and the
# run resumes from it as if nothing had happened

# fails FAULT COMMAND...: the command with a fault in that kernel.
fails() {
    IM2CAT_EMULATED_FAULT=$1
    export IM2CAT_EMULATED_FAULT
    shift
    run 1 "$@"
    unset IM2CAT_EMULATED_FAULT
    test "$(grep -c '^im2cat: ' err)" -eq 1 || fail "$1: a fault is not told in one line"
    says err 'im2cat: the GPU failed at or before ' "$1"
}
fails 300 train --data toy --arch tiny --head fastai --size 32 --batch 8 --epochs 1 \
    --lr 1e-5 --mixup 0.4 --label-smoothing 0.1 --clip-norm 1 --ema 0.9 --device cuda \
    --out runs/fault --checkpoint-every 1
test -s runs/fault/checkpoint.safetensors || fail "a fault leaves no checkpoint"
test ! -e runs/fault/model.safetensors || fail "a fault comes too late for this test"
run 0 train --resume --out runs/fault
cmp -s runs/fault/model.safetensors runs/cuda/model.safetensors ||
    fail "a run that went on has other weights"
fails 9 predict --model runs/cuda/model.safetensors --device cuda toy
fails 9 eval --model runs/cuda/model.safetensors --data toy --device cuda
fails 9 dump x --device cuda --size 64
test ! -e x || fail "a fault leaves a dump behind"

# --- two ranks: the weights of one rank, on one GPU or two; the second rank has the
# second GPU, and of three GPUs the third is used by none

train cuda --micro-batch 4 --out runs/alone
both="--micro-batch 4 --distributed local --ranks 2"
# shellcheck disable=SC2086 # a list of words
{
    train cuda $both --out runs/both
    cmp -s runs/both/model.safetensors runs/alone/model.safetensors ||
        fail "two ranks leave other weights than one"
    export IM2CAT_EMULATED_GPUS=2
    IM2CAT_EMULATED_FAULT=60
    export IM2CAT_EMULATED_FAULT
    run 1 train --data toy --arch tiny --size 32 --batch 8 --device cuda $both \
        --out runs/second
    grep -q '^im2cat: rank 1 on .*: the GPU failed at or before .*: emulated GPU 1;' err ||
        fail "not the second rank tells of the second GPU"
    test "$(grep -c '^im2cat: ' err)" -eq 1 || fail "two ranks tell of a fault"
    IM2CAT_EMULATED_GPUS=3
    train cuda $both --out runs/three
    unset IM2CAT_EMULATED_FAULT IM2CAT_EMULATED_GPUS
}
cmp -s runs/three/model.safetensors runs/alone/model.safetensors ||
    fail "two ranks on two GPUs leave other weights than one"

# --- the other precisions: activations near the CPU's fp32, a run near that in fp32, an
# exact resume, and files that are fp32 and serve the CPU

run 0 dump cpu --data toy --arch resnet18 --size 64 --batch 8 --mode eval
# near CONV PRECISION TOLERANCE
near() {
    run 0 dump cuda --data toy --arch resnet18 --size 64 --batch 8 --mode eval \
        --device cuda --conv "$1" --precision "$2"
    run 0 compare cpu cuda --tolerance "$3"
    run 1 compare cpu cuda --tolerance 1e-4
}
near auto tf32 2e-3
near auto bf16 2e-2
if slow; then
    near im2col tf32 2e-3
    near im2col bf16 2e-2
fi
refuse 1 'the device cpu computes in fp32 or bf16: --precision tf32 needs --device cuda' \
    bench --precision tf32

train cuda --precision bf16 --out runs/bf16
paste -d , runs/cuda/steps.csv runs/bf16/steps.csv | awk -F , '
    NR > 1 && ($5 - $10) ^ 2 > (0.1 * $5) ^ 2 { exit 1 }' ||
    fail "the losses of bf16 differ by a tenth"
! cmp -s runs/cuda/model.safetensors runs/bf16/model.safetensors ||
    fail "--precision bf16 changes nothing"
test "$(wc -c <runs/bf16/model.safetensors)" -eq \
    "$(wc -c <runs/cuda/model.safetensors)" || fail "the weights of bf16 are not fp32"
refuse 1 'belongs to a different job: --precision was bf16 and is now fp32' \
    train --resume --out runs/bf16 --precision fp32
if slow; then
    fails 300 train --data toy --arch tiny --head fastai --size 32 --batch 8 \
        --epochs 1 --lr 1e-5 --mixup 0.4 --label-smoothing 0.1 --clip-norm 1 --ema 0.9 \
        --device cuda --precision bf16 --out runs/parts --checkpoint-every 1
    run 0 train --resume --out runs/parts
    cmp -s runs/parts/model.safetensors runs/bf16/model.safetensors ||
        fail "a run in bf16 that went on has other weights"
fi
run 0 eval --model runs/bf16/model.safetensors --data toy
value loss >loss.cpu
run 0 eval --model runs/bf16/model.safetensors --data toy --device cuda --precision bf16
value loss >loss.cuda
awk -v cpu="$(cat loss.cpu)" -v cuda="$(cat loss.cuda)" \
    'BEGIN { exit !((cpu - cuda) ^ 2 < 0.02 ^ 2) }' || fail "eval in bf16 is far off"
finish
