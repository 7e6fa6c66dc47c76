#!/bin/sh
# SPDX-License-Identifier: MIT
# The job files of datasets/ run to their end unchanged, except for the settings that
# make them long: toy pets, a tiny network, and weights of its own in place of the
# fetched ones.
. "${srcdir:-.}/tests/program.sh"
tiny_network
long_job
cd "$tmp" || exit 99

small="--data toy --arch tiny --size 32 --batch 8 --threads 1"

# key JOB NAME: the number that the job sets, or 0.
key() {
    awk -v name="$2" '$1 == name { found = $3 } END { print found + 0 }' "$1"
}

# try NAME OPTION...: there must be one row per epoch, frozen or not, and a model that
# predicts.
try() {
    job=$source/datasets/$1.conf
    out=runs/$1
    shift
    run 0 train --job "$job" $small --out "$out" --quiet "$@"
    rows=$(($(key "$job" epochs) + $(key "$job" freeze-epochs)))
    test "$(grep -c '^[0-9]' "$tmp/out")" -eq "$rows" || fail "$job: not $rows epochs"
    run 0 eval --model "$out/model.safetensors" --data toy
}

run 0 toy-pets toy --count 60 --size 32
try toy-pets
try oxford-pets
try oxford-tutorial --pretrained runs/toy-pets/model.safetensors
try oxford-breeds --pretrained runs/toy-pets/model.safetensors
grep -qx 'recipe = fine-tune' runs/oxford-breeds/job.conf || fail "breeds: no fine-tune"
test "$(value images)" = 12 || fail "eval takes $(value images) pictures"
finish
