#!/bin/sh
# SPDX-License-Identifier: MIT
# The whole job at small size: draw, train, evaluate, predict, stop, resume. The parts
# agree with one another, and wrong input is refused on the way.
. "${srcdir:-.}/tests/program.sh"
tiny_network
cd "$tmp" || exit 99

# --- the data set: the same bytes for the same seed

run 0 toy-pets toy --count 40 --size 32 --seed 7
run 0 toy-pets toy2 --count 40 --size 32 --seed 7
diff -r toy toy2 >/dev/null || fail "the same seed draws other pictures"
rm -r toy2

# --- train, from a job file

cat >job.conf <<END
# a thin job
data = toy
arch = tiny   # the small one
size = 32
batch = 8
epochs = 9
END
run 0 train --job job.conf --epochs=1 --threads 2 --out runs/a
table='epoch train_loss valid_loss error_rate time'
test "$(head -n 1 out | tr -s ' ')" = "$table" || fail "the table's head"
test "$(wc -l <out)" -eq 2 || fail "the table has not one row"
read -r epoch train_loss valid_loss error_rate time <<END
$(tail -n 1 out)
END
test "$epoch" = 0 || fail "epoch $epoch is not 0"
echo "$train_loss $time" | grep -q '^[0-9.]* [0-9]*:[0-9]*$' || fail "odd row"
for file in model.safetensors best.safetensors checkpoint.safetensors metrics.csv \
    steps.csv job.conf split.txt first-batch.svg curves.svg report.html; do
    test -s runs/a/$file || fail "the run folder lacks $file"
done
test "$(ls runs/a | wc -l)" -eq 10 || fail "the run folder holds more: $(ls runs/a)"
test "$(wc -l <runs/a/steps.csv)" -eq 5 || fail "steps.csv has not 4 steps"
test "$(grep -c . runs/a/split.txt)" -eq 8 || fail "split.txt has not 8 names"

# --- eval and predict agree with train's table

# as_table WHAT LOSS: eval found LOSS, the table's, up to rounding: eval folds batch
# norm into the convolutions, the validation of train does not.
as_table() {
    awk "BEGIN { exit !(($(value loss) - $2) ^ 2 < 1e-10) }" ||
        fail "$1: loss $(value loss), table $2"
}

run 0 eval --model runs/a/model.safetensors --data toy
test "$(value images)" = 8 || fail "eval takes $(value images) pictures"
as_table plain "$valid_loss"
test "$(value error_rate)" = "$error_rate" ||
    fail "error rate $(value error_rate), table $error_rate"
grep -qE '^class cat images [0-9]+ errors [0-9]+ precision [01][.][0-9]+ recall [01][.][0-9]+$' out || fail "no line for cats"
run 0 eval --model runs/a/model.safetensors --data toy --split all --batch 7
test "$(value images)" = 40 || fail "eval --split all: $(value images) pictures"

# --- the report: with eight pictures all of them are among the largest losses

# check_report: runs/a/report agrees with eval's last output.
check_report() {
    test "$(ls runs/a/report | tr '\n' ' ')" = "classes.csv confused.csv confusion.csv \
confusion.svg index.html top-losses.csv top-losses.svg " ||
        fail "eval --report has not its seven files"
    awk -F , -v loss="$(value loss)" 'NR > 1 { sum += $4; if (NR > 2 && $4 > last) exit 1
        last = $4 } END { exit !(NR == 9 && (sum / 8 - loss) ^ 2 < 1e-10) }' \
        runs/a/report/top-losses.csv || fail "top-losses.csv is not $(value loss)"
    awk -F , -v rate="$(value error_rate)" 'NR > 1 { all += $2 + $3; wrong += $(5 - NR) }
        END { exit !(all == 8 && (wrong / 8 - rate) ^ 2 < 1e-10) }' \
        runs/a/report/confusion.csv || fail "confusion.csv is not $(value error_rate)"
    for figure in precision recall f1; do
        mean=$(awk -F , -v name=$figure '
            NR == 1 { for (i = 1; i <= NF; i++) if ($i == name) column = i; next }
            $2 > 0 { sum += $column; n++ }
            END { printf "%.5f", sum / n }' runs/a/report/classes.csv)
        value macro_$figure | grep -q "^${mean%?}" ||
            fail "macro_$figure is $(value macro_$figure), classes.csv says $mean"
    done
    test "$(grep -c '<image ' runs/a/report/top-losses.svg)" -eq 8 ||
        fail "top-losses.svg has not 8 pictures"
}

run 0 eval --model runs/a/model.safetensors --data toy --report runs/a/report
check_report
cp runs/a/report/top-losses.csv before.csv
run 0 eval --model runs/a/model.safetensors --data toy --report runs/a/report --tta
check_report
cmp -s runs/a/report/top-losses.csv before.csv && fail "the report is not replaced"
rm -r runs/a/report
refuse 1 'job.conf' eval --model runs/a/model.safetensors --data toy --report job.conf

# A set of one class can be evaluated, but not trained on.
mkdir -p cats/images
cp toy/images/Toy_* cats/images
run 0 eval --model runs/a/model.safetensors --data cats --split all
grep -q '^class dog images 0 errors 0 ' out || fail "eval of cats alone"

# Of a data set that has no picture of the run's split all pictures are evaluated.
mkdir -p renamed/images
cp "$(ls toy/images/Toy_* | head -n 1)" renamed/images/Toy_Bengal_900.jpg
cp "$(ls toy/images/toy_* | head -n 1)" renamed/images/toy_pug_900.jpg
run 0 eval --model runs/a/model.safetensors --data renamed
says err 'renamed has none of the pictures in ' eval
test "$(value images)" = 2 || fail "eval of other data takes $(value images) pictures"
rm -r renamed

# An unreadable picture ends eval, or is left out.
cp -R toy broken
echo text >broken/images/toy_text_1.jpg
eval="eval --model runs/a/model.safetensors --data broken --split all"
refuse 1 'toy_text_1.jpg is not in a known picture format' $eval
says err '(use --bad-images skip to leave it out)' eval
run 0 $eval --bad-images skip
says err 'toy_text_1.jpg is left out: it is not in a known picture format' eval
test "$(value images)" = 40 || fail "eval --bad-images skip: $(value images) pictures"
rm -r broken

# Augmentation: the weights file stores the presizing, so that the figures agree; --seed
# draws the views of --tta.
run 0 train --data toy --arch tiny --size 32 --batch 8 --augment fastai \
    --threads 2 --workers 3 --out runs/aug --quiet
loss=$(tail -n 1 out | awk '{ print $3 }')
grep -q '^presize = 66$' runs/aug/job.conf || fail "no presizing with --augment fastai"
run 0 train --job runs/aug/job.conf --workers 1 --threads 1 --out runs/aug1 --quiet
cmp -s runs/aug/model.safetensors runs/aug1/model.safetensors ||
    fail "augmentation depends on the workers"
run 0 eval --model runs/aug/model.safetensors --data toy
as_table augmented "$loss"
loss=$(value loss)
run 0 eval --model runs/aug/model.safetensors --data toy --tta --seed 1
test "$(value tta)" = 4 || fail "eval --tta does not say so"
blended=$(value loss)
test "$blended" != "$loss" || fail "eval --tta changes nothing"
run 0 eval --model runs/aug/model.safetensors --data toy --tta --seed 1 --workers 1
test "$(value loss)" = "$blended" || fail "eval --tta depends on the workers"
run 0 eval --model runs/aug/model.safetensors --data toy --tta --seed 2
test "$(value loss)" != "$blended" || fail "eval --tta does not heed its seed"
run 1 train --data toy --size 64 --presize 40 --out runs/no
says err 'im2cat: --presize is 40, but must be 0 or at least --size' presize
rm -r runs/aug runs/aug1

# Fast decoding applies to validation too; the weights file does not store it.
run 0 toy-pets large --count 20 --size 96 --seed 7
run 0 train --data large --arch tiny --size 32 --batch 8 --decode fast \
    --out runs/fast --quiet
loss=$(tail -n 1 out | awk '{ print $3 }')
grep -q '^decode = fast$' runs/fast/job.conf || fail "job.conf does not keep --decode"
run 0 eval --model runs/fast/model.safetensors --data large --decode fast
as_table 'decoded fast' "$loss"
loss=$(value loss)
run 0 eval --model runs/fast/model.safetensors --data large
test "$(value loss)" != "$loss" || fail "eval decodes fast unasked"
run 0 predict --model runs/fast/model.safetensors large --logits
mv out exact
run 0 predict --model runs/fast/model.safetensors large --logits --decode fast
cmp -s out exact && fail "predict does not heed --decode"
rm -r runs/fast large exact

(cd toy && cat ../runs/a/split.txt) | sed 's,^,toy/,' >valid
run 0 predict --model runs/a/model.safetensors $(cat valid)
test "$(cut -f 1 out)" = "$(cat valid)" || fail "predict keeps no order"
wrong=$(awk -F '\t' '{ n = split($1, part, "/"); cat = part[n] ~ /^[A-Z]/
    if ((cat ? "cat" : "dog") != $2) wrong++ } END { print wrong + 0 }' out)
test "$(awk "BEGIN { printf \"%.6f\", $wrong / 8 }")" = "$error_rate" ||
    fail "predict errs $wrong times of 8, the table says $error_rate"
grep -qvE '	(cat|dog)	0\.[5-9][0-9]*$|	(cat|dog)	1\.0*$' out && fail "odd line"

run 0 predict --model runs/a/model.safetensors toy/images --top 5 --logits
test "$(wc -l <out)" -eq 40 || fail "predict walks over $(wc -l <out) pictures"
test "$(awk -F '\t' '{ print NF }' out | sort -u)" = 7 || fail "not 7 columns"
run 0 predict --model runs/a/model.safetensors toy/images --json --top 2 --logits
object='\{"path":"toy/images/[^"]*","class":"(cat|dog)","probability":[0-9.e-]+'
object=$object',"top":\[\{"class":[^]]*\}\],"logits":\[[^]]*\]\}'
test "$(grep -cE "^$object\$" out)" -eq 40 || fail "predict --json"

# --- a batch too large for memory is cut to the number of pictures

run 0 predict --model runs/a/model.safetensors --batch 65536 $(head -n 1 valid)

# --- unreadable pictures cost a line each, and the others are still predicted

head -c 300 "$(head -n 1 valid)" >broken.jpg
run 1 predict --model runs/a/model.safetensors broken.jpg missing.jpg $(head -n 2 valid)
test "$(wc -l <out)" -eq 2 || fail "the whole pictures are not predicted"
test "$(wc -l <err)" -eq 2 || fail "the others are not named"
says err 'im2cat: broken.jpg: ' predict
says err 'im2cat: missing.jpg: cannot open it: No such file' predict

# --- the same job gives the same bytes, with other threads and from its own job.conf

run 0 train --job runs/a/job.conf --out runs/b --threads 1 --workers 1 --quiet
test ! -s err || fail "train --quiet is not quiet"
cmp -s runs/a/model.safetensors runs/b/model.safetensors ||
    fail "the same job gives another model"
cmp -s runs/a/first-batch.svg runs/b/first-batch.svg ||
    fail "the same job begins with another batch"
test "$(grep -c '<image ' runs/a/first-batch.svg)" -eq 8 ||
    fail "first-batch.svg has not 8 pictures"
refuse 1 'the run folder runs/a exists' train --job runs/a/job.conf
rm runs/b/first-batch.svg
run 0 train --resume --out runs/b
says err 'is finished' train
test ! -s out || fail "a table without a row"
test ! -e runs/b/first-batch.svg || fail "a resume draws the first batch again"
mkdir -p runs/blocked/first-batch.svg
cp runs/a/job.conf runs/blocked
run 1 train --resume --out runs/blocked
says err 'cannot write runs/blocked/first-batch.svg: it is a folder' train

# --- validation measures a moving average of the weights, which is written

run 0 train --job job.conf --epochs 1 --ema 0.8 --out runs/e --threads 2
loss=$(tail -n 1 out | awk '{ print $3 }')
grep -q '^ema = 0.8$' runs/e/job.conf || fail "job.conf lacks the average"
cmp -s runs/a/steps.csv runs/e/steps.csv || fail "--ema changes the training"
cmp -s runs/a/model.safetensors runs/e/model.safetensors &&
    fail "--ema writes the weights themselves"
run 0 eval --model runs/e/model.safetensors --data toy
as_table averaged "$loss"
refuse 1 '--ema was 0.8 and is now 0' train --resume --out runs/e --ema 0
rm -r runs/e

# summary counts the average's memory.
together() { awk '/together/ { print $2; exit }' out; }
run 0 summary --arch resnet18
without=$(together)
run 0 summary --arch resnet18 --ema 0.8
average=$(awk '/moving average/ { print $6 }' out)
awk "BEGIN { d = $(together) - $without - $average; exit !(d < 0.2 && d > -0.2) }" ||
    fail "summary --ema: $(together) MiB, without $without, the average $average"

# --- early stopping: one line gives the reason, also on a resume

run 0 train --job job.conf --patience 1 --lr 1e-9 --out runs/p --threads 2
test "$(wc -l <out)" -lt 10 || fail "--patience 1 ends no run of 9 epochs"
why="im2cat: the run ended early, after epoch $(tail -n 1 out | cut -d ' ' -f 1): no epoch since"
says err "$why" 'train --patience'
grep -q '^patience = 1$' runs/p/job.conf || fail "job.conf lacks the patience"
run 0 train --resume --out runs/p
says err "$why" 'resume of a run that ended early'
refuse 1 '--patience was 1 and is now 2' train --resume --out runs/p --patience 2
rm -r runs/p

# --- weights that do not fit

head -c 4000 runs/a/model.safetensors >broken.safetensors
refuse 1 'broken.safetensors: cut off' eval --model broken.safetensors --data toy
refuse 1 'is a checkpoint' eval --model runs/a/checkpoint.safetensors --data toy
refuse 1 'records that it is a tiny for 32 x 32 pixels' \
    eval --model runs/a/model.safetensors --data toy --arch resnet34
refuse 1 'with head plain; --arch, --size and the like are only for' \
    predict --model runs/a/model.safetensors toy/images --head fastai
refuse 1 "but the model has no such class (its 2 classes:" \
    eval --model runs/a/model.safetensors --data toy --labels breed
refuse 1 'there are no labels or file colour: expected species, breed, folder or a CSV file' \
    eval --model runs/a/model.safetensors --data toy --labels colour
refuse 1 'there are no labels or file colour: expected species, breed, folder or a CSV file' \
    train --data toy --size 32 --labels colour --out no
refuse 1 '--labels applies only to the pictures of --data' \
    dump no.safetensors --model runs/a/model.safetensors --labels folder
refuse 1 '--classes applies only to random weights; runs/a/model.safetensors records' \
    dump no.safetensors --model runs/a/model.safetensors --classes 2
run 0 eval --model runs/a/model.safetensors --data toy --arch tiny --labels species
refuse 1 'runs/a/model.safetensors is a tiny, but the network is a resnet34: give --arch' \
    train --data toy --pretrained runs/a/model.safetensors --size 32 --batch 8 --out no
mkdir -p folders/cat folders/dog
cp toy/images/Toy_*.jpg folders/cat
cp toy/images/toy_*.jpg folders/dog
refuse 1 'runs/a/model.safetensors was trained with --labels species, but folders has no' \
    eval --model runs/a/model.safetensors --data folders --split all
run 0 eval --model runs/a/model.safetensors --data folders --split all --labels folder
run 0 train --job job.conf --data folders --labels folder --epochs 1 --out runs/f \
    --quiet
for command in eval 'dump no.safetensors'; do
    refuse 1 'f/model.safetensors was trained with --labels folder, but toy has the' \
        $command --model runs/f/model.safetensors --data toy
done
run 0 eval --model runs/f/model.safetensors --data folders
test ! -e no.safetensors || fail "a refused dump writes"
rm -r folders runs/f
refuse 1 'broken.safetensors: it is not in a known picture format' \
    predict --model runs/a/model.safetensors broken.safetensors
for word in random missing.txt; do
    refuse 1 "--split expects all, official or FILE, found \"$word\"" \
        eval --model runs/a/model.safetensors --data toy --split $word
done
refuse 2 '--size expects a whole number: 0, or from 32 to 4096, found "31"' \
    eval --model runs/a/model.safetensors --data toy --size 31

# --- dump and compare

dump="--arch resnet18 --size 32 --batch 2"
run 0 dump one.safetensors $dump --threads 1
run 0 dump two.safetensors $dump --threads 2
run 0 dump three.safetensors $dump --seed 1
cmp -s one.safetensors two.safetensors || fail "threads change what a batch computes"
run 0 compare one.safetensors two.safetensors --quiet
test "$(wc -l <out)" -eq 1 || fail "compare --quiet prints a table without a row"
run 0 compare one.safetensors two.safetensors
test "$(head -n 1 out | tr -s ' ')" = 'tensor shape relative largest' ||
    fail "compare prints no header"
for name in pixels input labels conv1.weight losses logits activation.layer1.0.conv1 \
    gradient.layer1.0.bn2 layer2.0.downsample.1.running_var \
    updated.layer2.0.downsample.1.running_var fc.weight.grad; do
    grep -q "^$name .* 0  *0\$" out || fail "no equal $name in the comparison"
done
run 1 compare one.safetensors three.safetensors
says err 'differ by more than 0.0001 in' compare
says out 'The first tensor that departs, in the order of computation, is pixels; its' compare
run 0 dump four.safetensors --model runs/a/model.safetensors --data toy --mode eval
run 1 compare one.safetensors four.safetensors --quiet
says out 'fc.weight.grad' compare
says out 'only in A' compare
run 1 compare four.safetensors one.safetensors --quiet
says out 'only in B' compare

run 0 dump five.safetensors $dump --step --optimizer sgd --lr 0.1 --label-smoothing 0.1
run 1 compare five.safetensors one.safetensors
for row in '^updated.fc.weight .* only in A$' '^optimizer.velocity.fc.bias .* only in A$' \
    '^losses .* \*$' '^logits .* 0  *0$' '^updated.bn1.running_var .* 0  *0$'; do
    grep -q "$row" out || fail "no $row in the comparison with a step"
done
says out 'is losses: A has a label smoothing of 0.1.' compare
run 1 compare five.safetensors one.safetensors --common
! grep -q 'only in' out || fail "compare --common lists what one file lacks"
refuse 1 '--step needs the gradients of --mode train' \
    dump no.safetensors $dump --step --mode eval
refuse 1 '--lr applies only to --step' dump no.safetensors $dump --lr 0.1

# --- a signal ends the step, saves, and the run resumes from there

# rows: the number of lines of the run's steps.csv.
rows() {
    cat runs/c/steps.csv 2>/dev/null | wc -l
}

# stop SIGNAL ROWS [SIGNAL...]: sends the signals to $! once there are more than ROWS
# rows.
stop() {
    process=$!
    tries=0
    while test "$(rows)" -le "$2" -a $tries -lt 200; do
        sleep 0.2
        tries=$((tries + 1))
    done
    kill -"$1" $process
    shift 2
    for signal; do
        kill -"$signal" $process
    done
    wait $process
}

"$program" train --job job.conf --epochs 1000 --out runs/c >out 2>err &
stop INT 2
test $? -eq 3 || fail "SIGINT ends with another status"
says err 'im2cat: stopped; to continue: im2cat train --resume --out runs/c' train
refuse 1 '--lr was 0.002 and is now 0.1' train --resume --out runs/c --lr 0.1
cp toy/images/Toy_Bengal_1.jpg saved.jpg
echo >>toy/images/Toy_Bengal_1.jpg
refuse 1 'the data set changed since runs/c/checkpoint.safetensors was written (its pictures' \
    train --resume --out runs/c
cp saved.jpg toy/images/Toy_Bengal_1.jpg
cp runs/c/checkpoint.safetensors whole
head -c 10000 whole >runs/c/checkpoint.safetensors
refuse 1 'runs/c/checkpoint.safetensors' train --resume --out runs/c
cp whole runs/c/checkpoint.safetensors
steps=$(rows)
"$program" train --resume --out runs/c >out 2>err &
stop TERM "$steps"
test $? -eq 3 || fail "SIGTERM ends with another status"
test "$(rows)" -gt "$steps" || fail "the run did not go on"

# The other signals of schedulers and closing terminals.
signals=USR1
# shellcheck disable=SC2016 # the inner shell's own number
test -n "$(sh -c 'kill -HUP $$; echo ignored' 2>/dev/null)" || signals='USR1 HUP'
for signal in $signals; do
    steps=$(rows)
    "$program" train --resume --out runs/c >out 2>err &
    stop "$signal" "$steps"
    test $? -eq 3 || fail "SIG$signal ends with another status"
    says err 'im2cat: stopped; to continue: im2cat train --resume --out runs/c' train
done

# Several signals at once count as one request.
steps=$(rows)
"$program" train --resume --out runs/c >out 2>err &
stop TERM "$steps" INT USR1 TERM
test $? -eq 3 || fail "a pair of signals ends with another status"

# From another folder: the data path no longer leads to the data.
mkdir elsewhere
cd elsewhere || exit 99
refuse 1 'there is no folder toy, which job.conf names as the data' \
    train --resume --out ../runs/c
steps=$(cd .. && rows)
"$program" train --resume --out ../runs/c --data ../toy >"$tmp/out" 2>"$tmp/err" &
cd ..
stop TERM "$steps"
test $? -eq 3 || fail "a run does not go on from another folder"
test "$(rows)" -gt "$steps" || fail "the run did not go on from another folder"

# A picture that disappears ends the run, which can be resumed.
steps=$(rows)
"$program" train --resume --out runs/c --data toy >out 2>err &
process=$!
while test "$(rows)" -le "$steps" && kill -0 $process 2>/dev/null; do sleep 0.1; done
mv toy/images/Toy_Bengal_1.jpg saved.jpg
wait $process
test $? -eq 1 || fail "a picture that is missing ends with another status"
says err 'cannot open toy/images/Toy_Bengal_1.jpg: No such file' train
says err 'to continue from the last checkpoint: im2cat train --resume --out runs/c' train
refuse 1 '(40 pictures then, 39 now)' train --resume --out runs/c
mv saved.jpg toy/images/Toy_Bengal_1.jpg

# --- runs without a name: each gets its own folder, also when several start together; a
# run that does not begin leaves none

mkdir unnamed
cd unnamed || exit 99
for seed in 1 2 3; do
    "$program" train --data ../toy --arch tiny --size 32 --batch 8 --max-steps 1 \
        --quiet --seed $seed >/dev/null 2>err.$seed &
    started="${started:-} $!"
done
wait $started
test "$(echo runs/*)" = 'runs/toy-tiny runs/toy-tiny-2 runs/toy-tiny-3' ||
    fail "unnamed runs: $(echo runs/*)"
for folder in runs/*; do
    test -s "$folder/model.safetensors" || fail "$folder has no model"
done
rm -r runs
refuse 1 '--batch is 400' train --data ../toy --arch tiny --size 32 --batch 400
test ! -e runs || fail "a run that does not begin leaves a folder"
cd ..

# --- a full disk, where a small one can be mounted

if unshare -Urm true 2>/dev/null; then
    mkdir disk
    cat >full.sh <<END
mount -t tmpfs -o size=60m none disk || exit 77
"$program" train --job job.conf --arch resnet18 --epochs 1 --out disk/run
status=\$?
ls disk/run/*.tmp-* 2>/dev/null && echo "half a file is left"
exit \$status
END
    unshare -Urm sh full.sh >out 2>err
    status=$?
    if test $status -ne 77; then
        test $status -eq 1 || fail "a full disk ends with $status"
        says err 'No space left on device' "train on a full disk"
        says err 'disk/run/checkpoint.safetensors' "train on a full disk"
        grep -q 'half a file' out && fail "a full disk leaves half a file"
    else
        echo "left out: a full disk, which may not be mounted here"
    fi
else
    echo "left out: a full disk, which may not be mounted here"
fi

finish
