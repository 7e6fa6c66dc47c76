#!/bin/sh
# SPDX-License-Identifier: MIT
# Folders of pictures in the layouts that users have: each trains by `train --data DIR`
# alone, with the pictures in the right parts, and the pictures left out are reported.
# tests/ test_dataset.c has the rules without pictures; `make check-slow` runs more
# layouts here.
. "${srcdir:-.}/tests/program.sh"
tiny_network
cd "$tmp" || exit 99

run 0 toy-pets toy --count 24 --size 32
cats=$(ls toy/images/[A-Z]*.jpg | head -n 8)
dogs=$(ls toy/images/[a-z]*.jpg | head -n 8)

# put FOLDER PICTURE...: copies pictures.
put() {
    mkdir -p "$1"
    to=$1
    shift
    cp "$@" "$to/"
}
few() { echo "$1" | sed -n "$2p"; }
small='--arch tiny --size 32 --batch 4 --threads 1 --max-steps 1'

# trains NAME TRAINING VALIDATION LABELS: data/NAME trains, with these numbers of
# pictures.
trains() {
    rm -rf out-run
    run 0 train --data "data/$1" $small --out out-run
    says err " 2 classes, $2 pictures to train on and $3 to validate" "train --data $1"
    grep -q "^labels = $4$" out-run/job.conf || fail "$1: not --labels $4"
}

# torchvision's and Ultralytics' train and val, with the files that archives and
# desktops leave.
for side in train val; do
    put data/torchvision/$side/cat $cats
    put data/torchvision/$side/dog $dogs
done
put data/torchvision/test/unknown $cats
put data/torchvision/__MACOSX/train/cat $cats
touch data/torchvision/.DS_Store data/torchvision/train/cat/Thumbs.db \
    data/torchvision/val/dog/desktop.ini
trains torchvision 16 16 folder
says err '16 pictures duplicate a picture on the other side of the split, for example val/cat/' \
    'copies on both sides'

if slow; then
    # fastai's train and valid, with a table of labels and a model beside them.
    for side in train valid; do
        put data/fastai/$side/cat $(few "$cats" 1,6)
        put data/fastai/$side/dog $(few "$dogs" 1,6)
    done
    mkdir data/fastai/models
    touch data/fastai/labels.csv data/fastai/models/resnet34.pth data/fastai/export.pkl
    trains fastai 12 12 folder

    # Keras' flow_from_directory, in capitals.
    for side in Train Validation; do
        put data/keras/$side/cat $(few "$cats" 1,5)
        put data/keras/$side/dog $(few "$dogs" 1,5)
    done
    trains keras 10 10 folder
fi

# Kaggle's train and test, where test has no classes.
put data/kaggle/train/cat $cats
put data/kaggle/train/dog $dogs
put data/kaggle/test $(few "$cats" 1,3)
touch data/kaggle/sample_submission.csv
trains kaggle 13 3 folder

# One folder per class, pictures in subfolders, a stray picture, a run and a report of
# ours.
put data/plain/cat $(few "$cats" 1,4)
put data/plain/cat/2024 $(few "$cats" 5,8)
put data/plain/dog $dogs
trains plain 13 3 folder
run 0 train --data data/plain $small --out data/plain/run --quiet
run 0 train --resume --out data/plain/run
run 0 eval --model data/plain/run/model.safetensors --data data/plain \
    --report data/plain/report
cp $(few "$cats" 1) data/plain/stray.jpg
trains plain 13 3 folder
says err "data/plain/stray.jpg is in no class folder and is left out" "a stray picture"

cp $(few "$dogs" 1) data/plain/cat/copy.jpg
trains plain 14 3 folder
says err '1 picture duplicates a picture of another class, for example dog/' \
    'a copy in another class'
run 1 check-data data/plain
says out 'it has the same bytes as data/plain/cat/copy.jpg' 'check-data and copies'
rm data/plain/cat/copy.jpg

# The same folders below images/, and the Oxford layout.
put data/images/images/cat $cats
put data/images/images/dog $dogs
trains images 13 3 folder
put data/oxford/images $cats $dogs
trains oxford 13 3 species

# Links to class folders, and names with spaces.
if slow; then
    mkdir data/links
    put "elsewhere/my cats" $cats
    put elsewhere/dogs $dogs
    ln -s "../../elsewhere/my cats" "data/links/my cats"
    ln -s ../../elsewhere/dogs data/links/dogs
    trains links 13 3 folder
fi

# Labels by breed, when requested.
rm -rf out-run
run 0 train --data data/oxford --labels breed $small --out out-run
grep -q "^labels = breed$" out-run/job.conf || fail "--labels breed is not kept"

# Kaggle's pictures in one folder, and a table of their classes; the same with sides, as
# fastai's from_csv has them.
put data/table/train $cats $dogs
put data/table/test $(few "$dogs" 1)
(cd data/table/train && ls) |
    sed 's/^\([A-Z].*\)[.]jpg$/\1,cat/; s/^\([a-z].*\)[.]jpg$/\1,dog/' >rows
test "$(wc -l <rows)" -eq 16 || fail "the table has not 16 rows"
refuse 1 'no pictures in data/table: expected images/' train --data data/table $small --out x
{ echo id,breed; cat rows; } >data/table/labels.csv
refuse 1 'if its file labels.csv lists pictures and their classes, use --labels data/table/labels.csv' \
    train --data data/table $small --out x
sed -n 1,15p data/table/labels.csv >few.csv # one picture is not in the table
rm -rf out-run
run 0 train --data data/table --labels few.csv $small --out out-run
says err ' 2 classes, 12 pictures to train on and 2 to validate' 'a table of labels'
grep -q '^labels = few.csv$' out-run/job.conf || fail "--labels few.csv is not kept"
run 0 eval --model out-run/model.safetensors --data data/table --labels few.csv
refuse 1 'out-run/model.safetensors was trained with labels from a CSV file: give --labels FILE' \
    eval --model out-run/model.safetensors --data data/table
run 0 eval --model out-run/model.safetensors --data data/plain --split all
says out 16 'a model of a table on class folders'
awk -F, '{ print $0 "," (NR % 4 ? "False" : "True") }' rows >sides.csv
rm -rf out-run
run 0 train --data data/table --labels sides.csv $small --out out-run
says err ' 2 classes, 12 pictures to train on and 4 to validate' 'a table with sides'
run 0 train --resume --out out-run

# --- folders that are not data sets of classes

put data/loose $cats
refuse 1 'no pictures in data/loose: expected images/' train --data data/loose $small --out x
put data/detection/images/train $cats
put data/detection/images/val $dogs
mkdir data/detection/labels
refuse 1 'no pictures in data/detection' train --data data/detection $small --out x

# --- a class that only one side has

put data/sides/train/cat $cats
put data/sides/train/dog $dogs
put data/sides/valid/cat $(few "$cats" 1,2)
put data/sides/valid/bird $(few "$dogs" 1)
rm -rf out-run
run 0 train --data data/sides $small --out out-run
says err "the class bird has no pictures for training" "a class without training"
says err "the class dog has no pictures for validation" "a class without validation"
says err "per class: bird 0 + 1, cat 8 + 2, dog 8 + 0" "the counts"
put data/sides/train/emu $cats
put data/sides/train/fox $cats
rm -rf out-run
run 0 train --data data/sides $small --out out-run --quiet
says err "3 of the 5 classes have no pictures for validation; dog is the first" "classes"

# --- the model of a run on another data set: all of its pictures

run 0 train --data data/plain $small --out plain-run
run 0 eval --model plain-run/model.safetensors --data data/plain
test "$(value images)" = 3 || fail "eval on the run's data: $(value images) pictures"
put data/other/cat $(few "$cats" 1,4)
put data/other/dog $(few "$dogs" 1,2)
for picture in data/other/*/*.jpg; do
    mv "$picture" "${picture%.jpg}-other.jpg"
done
run 0 eval --model plain-run/model.safetensors --data data/other
test "$(value images)" = 6 || fail "eval on other data: $(value images) pictures"
says err "has none of the pictures in plain-run/split.txt: evaluating all of" "eval on other data"
test "$(value split)" = all || fail "eval on other data: split $(value split)"
finish
