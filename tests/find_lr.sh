#!/bin/sh
# SPDX-License-Identifier: MIT
# The learning-rate finder: its output and files, the same result however the job is
# given, runs and weights left unchanged, and refusals.
. "${srcdir:-.}/tests/program.sh"
tiny_network
cd "$tmp" || exit 99

"$program" toy-pets toy --count 40 --size 32 >out 2>err || fail "no toy pets"
cat >job.conf <<END
data = toy
arch = tiny
size = 32
batch = 8
epochs = 1
lr = 0.004
out = runs/a
checkpoint-every = 0
END

# --- its output and files

run 0 find-lr --data toy --arch tiny --size 32 --batch 8 --steps 20 --threads 1
test ! -s err || fail "it prints to standard error, which is no terminal"
test "$(cut -d ' ' -f 1 out | tr '\n' ' ')" = \
    'suggested_lr smooth_loss steps end curve picture ' || fail "other keys"
test "$(value curve) $(value picture)" = 'find-lr.csv find-lr.svg' || fail "other files"
test "$(value end)" = all-steps || fail "it ends otherwise"
test "$(wc -l <find-lr.csv)" -eq $(($(value steps) + 1)) || fail "rows are not the steps"
head -n 2 find-lr.csv | tr '\n' ' ' | grep -q '^step,lr,loss,smooth_loss 1,1e-07,' ||
    fail "find-lr.csv begins otherwise"
suggested=$(value suggested_lr)
awk -F , -v lr="$suggested" '$2 > 0.99 * lr && $2 < 1.01 * lr' find-lr.csv |
    grep -q . || fail "the suggestion is no row of the table"
grep -q "<svg .*" find-lr.svg || fail "find-lr.svg is no drawing"
grep -q ">suggested $suggested</text>" find-lr.svg || fail "the picture says otherwise"
test "$(ls)" = "$(printf '%s\n' err find-lr.csv find-lr.svg job.conf out toy | sort)" ||
    fail "it leaves more: $(ls)"

# --- a curve that does not fall suggests nothing

run 0 find-lr --data toy --arch tiny --size 32 --batch 8 --steps 6 --out flat
says err 'there is no learning rate to suggest' find-lr
test "$(cut -d ' ' -f 1 out | tr '\n' ' ')" = 'steps end curve picture ' ||
    fail "it suggests a rate on a curve that does not fall"
grep -q '>suggested ' flat.svg && fail "the picture of such a curve suggests one"
rm flat.*

# --- the same with two threads and from train's job file, parts of which it ignores

mkdir again
run 0 find-lr --job job.conf --steps 20 --threads 2 --workers 1 --out again/b
test "$(value suggested_lr)" = "$suggested" || fail "another suggestion"
cmp -s find-lr.csv again/b.csv || fail "another curve"
cmp -s find-lr.svg again/b.svg || fail "another picture"
test ! -e runs || fail "it makes the run folder of the job file"

# --- neither a run nor the weights that it starts from change

run 0 train --job job.conf
cp -r runs runs-before
run 0 find-lr --job job.conf --steps 20 --pretrained runs/a/model.safetensors
diff -r runs runs-before >/dev/null || fail "it changes the run folder"
cp find-lr.csv frozen.csv
run 0 find-lr --job runs/a/job.conf --steps 20 --pretrained runs/a/model.safetensors \
    --freeze-epochs 0
diff -r runs runs-before >/dev/null || fail "it changes the run folder"
cmp -s find-lr.csv frozen.csv && fail "--freeze-epochs 0 moves the same layers"
run 0 train --job job.conf --out runs/b --lr "$suggested"

# --- refused

rm find-lr.*
refuse 2 'find-lr needs --data DIR' find-lr
refuse 2 'find-lr has no option --lr' find-lr --data toy --lr 1
refuse 2 '--steps expects a whole number from 6 to 10000' find-lr --data toy --steps 5
refuse 1 'nowhere: No such file or directory' find-lr --data nowhere
refuse 1 'there is no folder no/such/ for the files of --out no/such/a' \
    find-lr --job job.conf --out no/such/a
refuse 1 'use a smaller batch' find-lr --job job.conf --batch 100
for job in "$source"/datasets/*.conf; do
    refuse 1 'nowhere: No such file or directory' find-lr --job "$job" --data nowhere
done
printf 'data = toy\nepohcs = 1\n' >bad.conf
refuse 2 'bad.conf:2: find-lr has no option "epohcs"; did you mean "epochs"?' \
    find-lr --job bad.conf
printf 'data = toy\nepochs = many\n' >bad.conf
refuse 2 'bad.conf:2: epochs expects a whole number' find-lr --job bad.conf
printf 'data = toy\nresume = yes\n' >bad.conf
refuse 2 'bad.conf:2: "resume" belongs on the command line' find-lr --job bad.conf

# --- a signal ends it, and nothing is written

"$program" find-lr --job job.conf --steps 10000 >out 2>err &
process=$!
sleep 1
kill -INT $process
wait $process
test $? -eq 3 || fail "SIGINT ends with another status"
test ! -s out || fail "a test that was stopped prints a result"
says err 'im2cat: stopped before the end of the test: nothing was written' find-lr
test ! -e find-lr.csv || fail "a test that was stopped writes a curve"

finish
