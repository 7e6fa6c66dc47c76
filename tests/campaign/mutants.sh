#!/bin/bash
# SPDX-License-Identifier: MIT
# Damaged files. A damaged checkpoint is never taken: 100,000 of them, in memory. Of the
# other files of a run, and of the files that people give to the program, each damage
# ends in an outcome or in one sentence, never in a crash or without an end.
. "${srcdir:-.}/tests/campaign/kit.sh"
damage=$built/tests/campaign/damage
make_reference
make_half
(cd toy/images && ls *.jpg) | sed 's,^,images/,; s,$,;dog,' >labels.csv

verdict "damaged checkpoints in memory" \
    "$damage" check reference/checkpoint.safetensors "${COUNT:-100000}" "$seed"

# survives NUMBER FILE ARGUMENT...: the program reads a damaged FILE, a copy in new/.
survives() {
    local number=$1 file=$2
    shift 2
    rm -rf new && cp -R half new
    cp reference/model.safetensors new/
    cp labels.csv new/
    "$damage" make "new/$file" damaged "$number" || return
    mv damaged "new/$file"
    watch_out "$program" "$@"
    why="exit status $status: $(tail -n 1 err)"
    case $status in
    0) ;;
    1 | 2) one_sentence ;;
    *) return 1 ;;
    esac
}

files=(job.conf split.txt steps.csv metrics.csv checkpoint.safetensors model.safetensors
    labels.csv)
for i in $(seq "${COUNT:-7000}"); do
    echo "$i ${files[i % ${#files[@]}]}"
done >cases
draw
while read -r number file; do
    case $file in
    model.*) set -- predict --model new/model.safetensors toy/images/toy_pug_1.jpg ;;
    labels.*) set -- train --data toy --labels new/labels.csv --arch tiny --size 32 \
        --max-steps 1 --quiet --out new/labelled ;;
    *) set -- train --resume --out new --quiet ;;
    esac
    verdict "damage $number of $file" survives $((number + seed)) "$file" "$@"
done <drawn
done_with mutants
