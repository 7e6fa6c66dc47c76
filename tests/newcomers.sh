#!/bin/sh
# SPDX-License-Identifier: MIT
# Folders, weights and signals as newcomers have them, three cases of each kind (some of
# them in `make check-slow`): a run or a report inside the data, pictures in deeper
# folders, files that systems leave, classes that one side lacks, grey pictures of 16
# bits, weights that do not fit, runs without --out, and a terminal that closes.
# docs/odd-inputs.md lists the kinds.
. "${srcdir:-.}/tests/program.sh"
tiny_network
cd "$tmp" || exit 99

run 0 toy-pets toy --count 24 --size 32
small='--arch tiny --size 32 --batch 4 --threads 1 --max-steps 1'

# pets FOLDER: 12 cats and 12 dogs, a folder per class.
pets() {
    mkdir -p "$1/cat" "$1/dog"
    cp toy/images/[A-Z]*.jpg "$1/cat"
    cp toy/images/[a-z]*.jpg "$1/dog"
}

# trains DATA PICTURES WHAT: two classes, so many pictures in both parts together.
trains() {
    rm -rf out-run
    run 0 train --data "$1" $small --out out-run
    total=$(sed -n 's/.* 2 classes, \([0-9]*\) pictures to train on and \([0-9]*\) .*/\1 + \2/p' err)
    test "$((${total:-0}))" -eq "$2" || fail "$3: $total pictures, not $2"
}

# --- runs, reports and models inside the data

pets a
run 0 train --data a $small --out a/runs/one --quiet
run 0 train --data a $small --out a/runs/two --quiet
trains a 24 "two runs in a folder of the data"
run 0 eval --model a/runs/one/model.safetensors --data a --report a/cat/report
trains a 24 "a report in a class folder"
run 0 convert a/runs/one/model.safetensors a/served --mlflow-model
if slow; then
    run 0 find-lr --data a --arch tiny --size 32 --batch 4 --threads 1 --out a/rates
    trains a 24 "a served model and a curve of find-lr beside the classes"
fi

# --- deeper folders

pets b
mkdir -p b/cat/2024/05/06 b/dog/a/b
mv b/cat/*_1.jpg b/cat/2024/05/06
mv b/dog/*_1.jpg b/dog/a/b
if slow; then
    trains b 24 "folders three deep in a class"
fi
mkdir -p c/train c/valid
pets c/train/x && mv c/train/x/* c/train && rmdir c/train/x
pets c/valid/x && mv c/valid/x/* c/valid && rmdir c/valid/x
if slow; then
    mkdir c/train/cat/more c/valid/dog/more
    mv c/train/cat/*_2.jpg c/train/cat/more
    mv c/valid/dog/*_2.jpg c/valid/dog/more
    trains c 48 "deeper folders on both sides"
fi
ln -s .. b/cat/up
trains b 24 "a link to the folder above"

# --- what systems leave

pets d
for i in 1 2 3; do
    printf '\0\5\26\7\0\2\0\0Mac OS X' >d/cat/._$i.jpg
done
if slow; then
    trains d 24 "resource forks of macOS"
fi
mkdir -p d/cat/@eaDir/1.jpg '#recycle' d/.ipynb_checkpoints d/dog/.ipynb_checkpoints
cp toy/images/[A-Z]*_1.jpg d/cat/@eaDir/1.jpg
cp toy/images/[a-z]*_1.jpg d/dog/.ipynb_checkpoints
trains d 24 "thumbnails of a file server and checkpoints of Jupyter"
if slow; then
    touch d/Thumbs.db d/cat/desktop.ini d/dog/.DS_Store d/dog/notes.docx.lnk
    trains d 24 "files of Windows"
fi

# --- classes that a side lacks

pets e
mkdir e/emu
cp "$(ls toy/images/[a-z]*.jpg | head -n 1)" e/emu/one.jpg
run 0 train --data e $small --out runs/e
says err 'the class emu has no pictures for validation' "a class of one picture"
mkdir -p c/valid/fox
cp "$(ls toy/images/[a-z]*.jpg | head -n 1)" c/valid/fox/one.jpg
run 0 train --data c $small --out runs/c
says err 'the class fox has no pictures for training' "a class that only valid/ has"
if slow; then
    (cd a && ls cat/*.jpg) >cats.txt
    run 0 train --data a $small --split cats.txt --out runs/cats
    says err 'the class cat has no pictures for training' "a split of one class"
    says err 'the class dog has no pictures for validation' "a split of one class"
fi

# --- grey of 16 bits

# grey NAME VALUE: a PNG of 2 x 2 pixels of 16-bit grey.
grey() {
    "${PYTHON:-python3}" -c '
import struct, sys, zlib
def chunk(kind, data):
    return (struct.pack(">I", len(data)) + kind + data +
            struct.pack(">I", zlib.crc32(kind + data)))
row = b"\0" + struct.pack(">HH", int(sys.argv[2]), int(sys.argv[2]))
open(sys.argv[1], "wb").write(b"\x89PNG\r\n\x1a\n" +
    chunk(b"IHDR", struct.pack(">IIBBBBB", 2, 2, 16, 0, 0, 0, 0)) +
    chunk(b"IDAT", zlib.compress(row * 2)) + chunk(b"IEND", b""))' "$1" "$2"
}
if "${PYTHON:-python3}" -c '' 2>/dev/null; then
    mkdir -p g/a h/a
    grey g/a/white.png 65535
    grey g/a/middle.png 1000
    grey h/a/dark.png 200
    run 1 check-data g
    says out 'g/a/white.png	it decodes with a warning: its grey of 16 bits is cut at 255' white
    says out 'g/a/middle.png	it decodes with a warning: its grey of 16 bits is cut' middle
    run 0 check-data h
fi

# --- weights that do not fit

refuse 1 'records that it is a tiny' eval --model a/runs/one/model.safetensors \
    --data a --arch resnet34
refuse 1 'there is no weights file imagenet; ' train --data a $small \
    --pretrained imagenet --out runs/w
printf '<!DOCTYPE html><html></html>' >page.pth
refuse 1 'page.pth is a web page, not weights' train --data a $small \
    --pretrained page.pth --out runs/w

# --- runs without --out

mkdir -p deep && cd deep || exit 99
run 0 train --data ../a $small --quiet
run 0 train --data ../a $small --quiet
rm -rf runs/a-tiny
run 0 train --data ../a $small --quiet
touch runs/a-tiny-3
run 0 train --data ../a $small --quiet
for name in a-tiny a-tiny-2 a-tiny-4; do
    test -e "runs/$name/model.safetensors" || fail "there is no runs/$name: $(ls runs | xargs)"
done
rm -rf runs
for i in 1 2 3; do
    "$program" train --data ../a $small --quiet 2>err.$i &
done
wait
for name in a-tiny a-tiny-2 a-tiny-3; do
    test -e "runs/$name/model.safetensors" ||
        fail "of three starts at once, none has runs/$name: $(cat err.?)"
done
cd .. || exit 99

# --- a terminal that closes

# hang_up NAME COMMAND...: SIGHUP once the command is at work.
hang_up() {
    name=$1
    shift
    "$program" "$@" >out 2>err &
    process=$!
    sleep 0.5
    kill -HUP $process 2>/dev/null || fail "$name has ended before its SIGHUP"
    wait $process
    status=$?
}
if test -n "$(sh -c 'kill -HUP $$; echo ignored' 2>/dev/null)"; then
    echo "left out: SIGHUP, which is ignored here"
else
    hang_up train train --data a --arch resnet18 --size 32 --batch 4 --threads 1 \
        --epochs 1000 --out runs/hup
    test $status -eq 3 || fail "train ends with $status at SIGHUP"
    hang_up find-lr find-lr --data a --arch resnet34 --size 128 --batch 8 --threads 1
    test $status -eq 3 || fail "find-lr ends with $status at SIGHUP"
    (
        trap '' HUP
        exec "$program" train --data a $small --epochs 3 --max-steps 8 --out runs/nohup
    ) >out 2>err &
    process=$!
    sleep 0.2
    kill -HUP $process 2>/dev/null
    wait $process || fail "train under nohup ends with $?"
    test -e runs/nohup/model.safetensors || fail "train under nohup leaves no model"
fi
finish
