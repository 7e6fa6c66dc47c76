#!/bin/bash
# SPDX-License-Identifier: MIT
# Each allocation of each command fails in turn, in the program's code and in its
# libraries; then each and all behind it. The command does its work all the same, or
# ends with exit status 1 and one sentence, and leaves nothing half-written.
. "${srcdir:-.}/tests/campaign/kit.sh"
make_reference
LD_PRELOAD=$inject "$program" --version >out 2>err && ! grep -q preload err ||
    { echo "skipped: needs glibc, whose allocator can be replaced"; exit 77; }

# The commands; each writes below new/.
model=reference/model.safetensors
usual_of=() reference_of=()
commands=(
    "${train[*]} --out new/run"
    "${train[*]} --out new/run --head fastai --recipe fine-tune --mixup 0.4 --pretrained $model"
    "find-lr --data toy --arch tiny --size 32 --batch 4 --threads 1 --workers 1 --steps 6 \
        --out new/curve --bad-images skip"
    "eval --model $model --data toy --report new/report --tta"
    "predict --model $model --json toy/images"
    "predict --model $model --logits toy/images"
    "check-data toy"
    "convert $model new/model.onnx"
    "convert $model new/mlflow --mlflow-model"
    "dump --model $model --size 32 --batch 2 new/dump.safetensors"
    "compare $model reference/best.safetensors"
    "summary --arch tiny --size 32"
    "gradcheck --arch tiny --size 32 --batch 2"
    "toy-pets new/pets --count 4 --size 32 --seed 3"
)

# with ORDER: runs the command with an injected failure.
with() {
    rm -rf new && mkdir new
    # shellcheck disable=SC2086 # a command is words
    watch_out env LD_PRELOAD="$inject" IM2CAT_INJECT="$1" \
        IM2CAT_INJECT_COUNT="$tmp/count" "$program" $command
}

# what_is_there: the content of all files that the command left, without times and
# places, and of its output, without figures of memory.
what_is_there() {
    case $command in
    train* | find-lr*) ;;
    *) grep -vE '^memory|with the program' out | cksum ;;
    esac
    (cd new && find . -type f ! -name report.html ! -name '*.svg' ! -name 'checkpoint*' \
        ! -name .lock ! -name job.conf ! -name index.html | sort | while read -r file; do
        case $file in
        *metrics.csv) echo "$file $(cut -d , -f 1-6 "$file" | cksum)" ;;
        *) cksum "$file" ;;
        esac
    done)
}

# says_why: one sentence; predict has one for each picture, and check-data a line of its
# list.
says_why() {
    case $command in
    predict*) grep -qE '^(im2cat|libgomp): ' err ;;
    check-data*) grep -q 'cannot allocate' out || one_sentence ;;
    *) one_sentence ;;
    esac
}

# The folder of a model for MLflow is removed when it cannot be completed, unless all
# allocations fail: it must be listed for that.
tidy() {
    case $more$command in
    +convert*--mlflow-model) ;;
    *) no_leftovers new ;;
    esac
}

as_expected() {
    why="exit status $status with another outcome"
    if test "$status" -eq "$usual" && test "$(what_is_there)" = "$reference"; then
        return 0
    elif test "$status" -eq 1; then
        says_why && tidy || return
        case $command in
        "${train[*]} --out new/run") goes_on new/run ;;
        esac
    else
        return 1
    fi
}

# The commands without a failure, and the cases: the number of the command, and of the
# allocation, with a plus where all behind it fail, too.
for i in "${!commands[@]}"; do
    command=${commands[i]}
    with alloc:0
    test "$status" -le 1 || { fail "$command: exit status $status"; continue; }
    usual_of[i]=$status reference_of[i]=$(what_is_there)
    cp err "usual.err.$i"
    for n in $(seq 1 "$(cat count)"); do
        echo "$i $n"
        test $((n % 5)) -ne 0 || echo "$i $n +"
    done
done >cases

draw
while read -r i n more; do
    command=${commands[i]} usual=${usual_of[i]} reference=${reference_of[i]}
    cp "usual.err.$i" usual.err
    with "alloc:$n$more"
    verdict "allocation $n$more of $command" as_expected
done <drawn
done_with allocations
