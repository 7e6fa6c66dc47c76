#!/bin/sh
# SPDX-License-Identifier: MIT
# --device reference in the program: a batch layer by layer, two steps of training and
# predictions against the CPU's, gradcheck, and the options that are refused.
. "${srcdir:-.}/tests/program.sh"
long_job
cd "$tmp" || exit 99

run 0 --version
grep -q '^device reference 1 thread, plain loops in double precision$' out ||
    fail "--version does not name the reference"
run 0 toy-pets toy --count 24 --size 32 --seed 7

# --- every activation and gradient of a batch. With 64 pixels the last batch norms have
# 16 values a channel; with 32 they have 4, and enlarge the rounding of fp32 tenfold.

for device in cpu reference; do
    run 0 dump $device --data toy --arch resnet18 --size 64 --batch 4 --device $device
done
run 0 compare cpu reference --tolerance 1e-4

# --- two steps of SGD, with all that a job may ask for. Biases begin at zero and move by
# rates of 1e-5, so that the differences of numbers are compared, not relative ones.

for device in cpu reference; do
    run 0 train --data toy --arch resnet18 --head fastai --size 32 --batch 8 \
        --max-steps 2 --lr 1e-5 --mixup 0.4 --label-smoothing 0.1 --clip-norm 1 \
        --ema 0.9 --optimizer sgd --device $device --out runs/$device
done
run 0 compare runs/cpu/model.safetensors runs/reference/model.safetensors --tolerance 1
grep -v ' tensors,' out | awk 'NR > 1 && !($NF <= 1e-5) { exit 1 }' ||
    fail "the weights differ by 1e-5"
paste -d , runs/cpu/steps.csv runs/reference/steps.csv |
    awk -F , 'NR > 1 && !(($5 - $10) ^ 2 < 1e-8) { exit 1 }' ||
    fail "the losses differ by 1e-4"

# --- predictions of the same model

for device in cpu reference; do
    run 0 predict --model runs/cpu/model.safetensors --device $device toy
    cut -f 1-2 out >answers.$device
done
cmp -s answers.cpu answers.reference || fail "predict answers otherwise"

# --- gradients against central differences: the CPU's, and those of the reference, which
# test_gradcheck checks, too

devices=cpu
slow && devices='cpu reference'
for device in $devices; do
    run 0 gradcheck --data toy --size 32 --batch 4 --samples 1 --device $device
    says out ' gradients judged, 0 wrong; ' gradcheck
    test "$(grep -c '^[a-z0-9.]*[.][wb]' out)" -eq 62 || fail "gradcheck leaves arrays out"
done

# --- refused

refuse 1 'the device reference computes in double precision: leave out --precision bf16' \
    train --data toy --device reference --precision bf16 --out runs/no
refuse 1 'the device reference has no convolution by winograd (it has: auto, direct)' \
    train --data toy --device reference --conv winograd --out runs/no
run 1 train --data toy --size 32 --device reference --distributed local --out runs/no
says err 'the device reference computes in double, and processes exchange floats' train
refuse 1 '--classes applies only to random weights' \
    gradcheck --model runs/cpu/model.safetensors --classes 2
finish
