#!/bin/sh
# The whole job on --device cuda, by the emulated GPU (tests/emulated/): every kernel of
# the CUDA module as it is, in a whole network, against the CPU; and a GPU that fails.
. "${srcdir:-.}/tests/program.sh"
export IM2CAT_MODULES="$(pwd)/tests/emulated"
cd "$tmp" || exit 99

run 0 --version
grep -q '^device cuda   an emulated GPU$' out || fail "--version does not name the GPU"
run 0 toy-pets toy --count 40 --size 32 --seed 7

# --- every activation and gradient, layer by layer, as the CPU has them

# same TOLERANCE OPTION...: two dumps, by either device, of a batch of real pictures.
same() {
    tolerance=$1
    shift
    for device in cpu cuda; do
        run 0 dump $device --data toy --arch resnet18 --size 64 --device $device "$@"
    done
    run 0 compare cpu cuda --tolerance "$tolerance"
}
same 2e-5 --head plain
same 1e-4 --head fastai --batch 8
same 2e-5 --mode eval

# --- train, evaluate, predict: the same pictures, masks and figures

# train DEVICE OPTION...: a short run into runs/DEVICE.
train() {
    device=$1
    shift
    run 0 train --data toy --arch resnet18 --head fastai --size 32 --batch 8 \
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

# --- a kernel that fails: one sentence, exit 1, the checkpoint before it is kept, and
# from there the run goes on as if nothing had been

# fails FAULT COMMAND...: the kernel with that number fails.
fails() {
    IM2CAT_EMULATED_FAULT=$1
    export IM2CAT_EMULATED_FAULT
    shift
    run 1 "$@"
    unset IM2CAT_EMULATED_FAULT
    test "$(grep -c '^im2cat: ' err)" -eq 1 || fail "$1: a fault is not told in one line"
    says err 'im2cat: the GPU failed at or before ' "$1"
}
fails 2000 train --data toy --arch resnet18 --head fastai --size 32 --batch 8 --epochs 1 \
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
finish
