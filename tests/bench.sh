#!/bin/sh
# SPDX-License-Identifier: MIT
# bench: its keys, and the table of layers: one row for each convolution and pass,
# columns that a script can read, and times that add up to no more than the step's.
. "${srcdir:-.}/tests/program.sh"
cd "$tmp" || exit 99

keys='device arch batch size threads train_images_per_second train_gflops
train_input_seconds train_forward_seconds train_backward_seconds train_update_seconds
infer_images_per_second infer_gflops peak_rss_mib fma_peak_gflops sgemm_gflops
memory_gbytes_per_second'

run 0 bench --arch resnet18 --head fastai --size 32 --batch 2 --steps 1 --threads 2 \
    --layers
for key in $keys; do
    test -n "$(value "$key")" || fail "bench prints no $key"
done
test -z "$(cut -c 80- out | tr -d '\n')" || fail "the table is too wide"
sed '1,/^$/d' out >table
test "$(sed -n '1s/  */ /gp' table)" = 'layer op pass ms GFLOP/s alg tasks' ||
    fail "the table's head"

# Names and words, a time, a rate or -, a word or -, a positive whole number.
sed 1d table >rows
grep -vE '^[a-z0-9.]+ +[a-z0-9+]+ +[a-z-]+ +[0-9]+\.[0-9]{3} +([0-9]+\.[0-9]|-) +([a-z0-9]+|-) +[1-9][0-9]*$' \
    rows >odd
test ! -s odd || fail "odd rows: $(cat odd)"

# has LAYER PASS: exactly one such row exists.
has() {
    test "$(awk -v layer="$1" -v pass="$2" '$1 == layer && $3 == pass' rows | wc -l)" \
        -eq 1 || fail "not one row of $1 $2"
}
"$program" summary --arch resnet18 --size 32 | sed -n 's/^\([a-z0-9.]*\) .*\(direct\|winograd\)$/\1/p' \
    >convolutions
test "$(wc -l <convolutions)" -eq 20 || fail "resnet18 has not 20 convolutions"
while read -r layer; do
    has "$layer" forward
    has "$layer" weight-grad
    test "$layer" = conv1 || has "$layer" data-grad
done <convolutions
# Inference folds the batch norm after a convolution into it, and the row has the norm's
# name.
sed 's/conv\([12]\)$/bn\1/; s/downsample\.0/downsample.1/' convolutions >norms
while read -r layer; do
    has "$layer" inference
done <norms
! grep -q '^conv1 .*data-grad' rows || fail "the pictures have no gradient"
for row in 'input forward' 'input inference' 'bn1 forward' 'bn1 backward' \
    'layer1.0.bn1 recompute' \
    'output loss' 'parameters update'; do
    has $row
done

# The rows of a single step are parts of the step.
step=$(awk '/^train_[a-z]*_seconds/ { sum += $2 } END { print 1000 * sum }' out)
awk '$3 != "inference" { sum += $4 } END { print sum }' rows >sum
awk -v step="$step" '{ exit !($1 > step / 4 && $1 < step + 1) }' sum ||
    fail "the rows take $(cat sum) ms, the step $step ms"

run 0 bench --arch resnet18 --head fastai --size 32 --batch 2 --steps 1 --mode frozen \
    --layers
for key in images_per_second gflops input_seconds backward_seconds; do
    test -n "$(value "frozen_$key")" || fail "bench prints no frozen_$key"
done
! grep -q '^\(train\|infer\)_' out || fail "--mode frozen prints what it did not measure"
! grep -q 'conv2d.* weight-grad' out || fail "a frozen convolution has a weight gradient"
grep -q '^layer1.0.bn1 .* backward' out || fail "the frozen body learns no batch norm"
! grep -q ' recompute ' out || fail "an output is computed again that nobody reads"

# Inference alone, by a network of a few channels. OMP_NUM_THREADS sets the number of
# threads, unless --threads does; --busy adds other work.
tiny_network
small='bench --arch tiny --size 32 --batch 2 --steps 1 --mode infer'
OMP_NUM_THREADS=3,2 run 0 $small
test "$(grep -c '^[a-z_]* [^ ]' out)" -eq "$(wc -l <out)" || fail "not all is key value"
! grep -q '^train' out || fail "--mode infer prints what it did not measure"
test "$(value threads)" = 3 || fail "OMP_NUM_THREADS=3,2: $(value threads) threads"
OMP_NUM_THREADS=3 run 0 $small --threads 1 --busy 2
test "$(value threads)" = 1 || fail "--threads 1: $(value threads) threads"
test "$(value busy_loops)" = 2 || fail "--busy 2: $(value busy_loops) loops"
finish
