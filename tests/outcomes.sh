#!/bin/sh
# SPDX-License-Identifier: MIT
# What comes out of runs and models in cases that other tests do not meet: a best epoch
# that is not the last, a body that learns only behind the frozen epochs, five classes and
# six, equal logits, the shapes of a dump, and pictures that are there twice.
. "${srcdir:-.}/tests/program.sh"
tiny_network
cd "$tmp" || exit 99

run 0 toy-pets toy --count 24 --size 32 --seed 7
common='--arch tiny --size 32 --batch 4 --threads 1 --quiet'

# --- the best epoch is not the last: an early end comes behind a worse one

run 0 train --data toy $common --epochs 20 --patience 1 --lr 0.1 --out early
cut -d , -f 5,6 early/metrics.csv | sed 1d >figures
test "$(wc -l <figures)" -lt 20 || fail "no epoch of 20 is worse than the best before"
best=$(LC_ALL=C sort -t , -k 2g -k 1g figures | head -n 1)
test "$best" != "$(tail -n 1 figures)" || fail "the last epoch is the best"
cmp -s early/best.safetensors early/model.safetensors && fail "the best weights are the last"
for model in best:"$best" model:"$(tail -n 1 figures)"; do
    run 0 eval --model "early/${model%%:*}.safetensors" --data toy
    loss=${model#*:}
    awk -v found="$(value loss)" -v wanted="${loss%,*}" \
        'BEGIN { exit !((found - wanted) ^ 2 < 1e-8) }' ||
        fail "eval of ${model%%:*}.safetensors has the loss $(value loss), not ${loss%,*}"
done

# --- frozen epochs leave the body as it was, and the others do not

# moved FROM TO: the largest difference of the first convolution.
moved() {
    "$program" compare "$1" "$2" --tolerance 1 >out 2>err
    awk '$1 == "conv1.weight" { print $NF }' out
}
fine="--recipe fine-tune --pretrained early/model.safetensors --data toy $common"
run 0 train $fine --freeze-epochs 1 --epochs 1 --lr 0.01 --out fine
run 0 train $fine --freeze-epochs 1 --epochs 1 --lr 0.01 --out frozen --max-steps 4
test "$(moved early/model.safetensors frozen/model.safetensors)" = 0 ||
    fail "the frozen body moves"
test "$(moved early/model.safetensors fine/model.safetensors)" != 0 ||
    fail "the body never moves"

# --- five classes have no top-5 accuracy, six have

for classes in 5 6; do
    for i in $(seq $classes); do
        mkdir -p "$classes/class$i"
        for picture in 1 2 3 4; do
            name=$(ls toy/images | sed -n "$((4 * (i - 1) % 24 + picture))p")
            cp "toy/images/$name" "$classes/class$i/$i-$name"
        done
    done
    run 0 train --data $classes $common --max-steps 1 --out run$classes
    run 0 eval --model run$classes/model.safetensors --data $classes
    grep -c '^top5_accuracy' out >count$classes
done
test "$(cat count5) $(cat count6)" = '0 1' ||
    fail "lines of top-5 with 5 and 6 classes: $(cat count5) and $(cat count6)"

# --- of equal logits the first class is the answer: a model whose last layer is zero

# clear NAME: overwrites the tensor of zeroed.safetensors with zeros.
clear() {
    header=$(od -An -t u4 -N 4 zeroed.safetensors | tr -d ' ')
    range=$(head -c $((header + 8)) zeroed.safetensors | tail -c +9 |
        sed -n 's/.*"'"$1"'":{[^}]*"data_offsets":\[\([0-9]*,[0-9]*\)\].*/\1/p')
    dd if=/dev/zero of=zeroed.safetensors bs=1 count=$((${range#*,} - ${range%,*})) \
        seek=$((header + 8 + ${range%,*})) conv=notrunc 2>/dev/null
}
cp run6/model.safetensors zeroed.safetensors
clear fc.weight
clear fc.bias
run 0 predict --model zeroed.safetensors 6/class3
test "$(cut -f 2,3 out | sort -u)" = "$(printf 'class1\t0.166667')" ||
    fail "of six equal logits another than the first is taken, or not with a sixth"

# --- a dump has the logits as pictures by classes, without axes of height and width

run 0 dump dump.safetensors --model run6/model.safetensors --batch 2
run 0 compare dump.safetensors dump.safetensors
grep -qE '^activation.fc +2x6 ' out || fail "a dump has the last layer in another shape"

# --- pictures that are there twice, and nothing else, are worth a failure

mkdir twice
cp toy/images/Toy_Bengal_1.jpg toy/images/Toy_Calico_1.jpg twice
run 0 check-data twice
cp twice/Toy_Bengal_1.jpg twice/again.jpg
run 1 check-data twice
says err '3 pictures: 0 unreadable, 0 odd but readable, 1 duplicate' check-data
finish
