#!/bin/sh
# SPDX-License-Identifier: MIT
# Each option of train, find-lr, eval and predict against its default: the result changes
# where the option says so, and stays the same, bit for bit, where it must. An option that
# a command's help lists and that no row below has is a failure. Part of `make check-slow`.
. "${srcdir:-.}/tests/program.sh"
cd "$tmp" || exit 99

run 0 toy-pets toy --count 30 --size 64 --seed 5
mkdir -p pets/cat pets/dog
cp $(ls toy/images/[A-Z]*.jpg | head -n 13) pets/cat
cp $(ls toy/images/[a-z]*.jpg | head -n 7) pets/dog

# One picture that a camera wants turned by 90 degrees: an EXIF segment after the first
# two bytes.
photo=$(ls pets/cat/*.jpg | while read -r file; do
    test "$(head -c 2 "$file" | od -An -tx1 | tr -d ' ')" = ffd8 && echo "$file" && break
done)
{
    head -c 2 "$photo"
    printf '\377\341\000\042Exif\000\000MM\000\052\000\000\000\010\000\001'
    printf '\001\022\000\003\000\000\000\001\000\006\000\000\000\000\000\000'
    tail -c +3 "$photo"
} >turned && mv turned "$photo"

small='--arch resnet18 --size 32 --batch 6 --threads 1 --workers 1'
fewer=pets-split.txt
(cd pets && ls cat/*.jpg dog/*.jpg | awk 'NR % 4 == 1') >$fewer
run 0 train --data toy $small --seed 9 --epochs 1 --out other --quiet
printf 'no picture' >broken.jpg

# covered COMMAND ROWS: the rows have every option of the command but those in $elsewhere.
covered() {
    for option in $("$program" "$1" --help | sed -n 's/^  --\([a-z-]*\).*/\1/p'); do
        case " $elsewhere " in *" $option "*) continue ;; esac
        grep -q -- "--$option\( \|\$\)" "$2" || fail "no row has $1 --$option"
    done
}

# A row: what happens ("changes": another result; "same": the same bytes); options that
# both runs have; then, behind a bar, the option.
cat >train.rows <<'END'
changes | --labels folder.csv
changes | --arch resnet34
changes | --head fastai
changes | --pretrained other/model.safetensors --recipe one-cycle --head plain
changes | --recipe fine-tune
changes --recipe fine-tune | --freeze-epochs 2
changes --recipe fine-tune | --freeze bn
changes | --lr 0.01
changes | --batch 5
changes | --micro-batch 3
changes | --size 40
changes | --resize pad
changes | --resize squish
changes | --exif-orientation apply
changes | --decode fast
changes | --augment flip
changes | --augment fastai
changes --augment flip | --p-flip 1
changes --augment fastai | --max-rotate 60
changes --augment fastai | --max-zoom 2
changes --augment fastai | --max-warp 0.4
changes --augment fastai | --p-affine 0
changes --augment fastai | --max-lighting 0.9
changes --augment fastai | --p-lighting 0
changes --augment fastai | --min-scale 0.2
changes --augment fastai | --presize 48
changes | --p-erase 1
changes | --sampling balanced
changes | --class-weights balanced
changes | --valid-pct 0.4
changes | --split pets-split.txt
changes | --seed 7
changes | --optimizer sgd
changes | --weight-decay 0.5
changes | --label-smoothing 0.2
changes | --clip-norm 0.01
changes | --mixup 0.4
changes | --cutmix 1
changes --recipe fine-tune --freeze bn | --mixup 0.4
changes --recipe fine-tune --freeze bn | --cutmix 1
changes --recipe fine-tune --freeze bn | --label-smoothing 0.2
changes --recipe fine-tune --freeze bn | --decode fast
changes | --conv im2col
changes | --precision bf16
same | --threads 2
same | --workers 3
same | --bad-images skip
END
grep -v -e '--lr 0.01' -e '--freeze-epochs 2' train.rows >find-lr.rows
cat >>train.rows <<'END'
changes | --epochs 3
changes | --ema 0.5
changes | --max-steps 1
same | --checkpoint-every 1
same | --quiet
same | --allow-mixed
same --micro-batch 3 | --distributed local --ranks 2 --comm-timeout 30
END
cat >>find-lr.rows <<'END'
changes --recipe fine-tune | --freeze-epochs 0
changes | --steps 7
END
{
    echo 'path,label'
    (cd pets && ls cat/*.jpg dog/*.jpg) | sed 's/^\(.*[02468].jpg\)$/\1,even/; t; s/$/,odd/'
} >folder.csv

# result COMMAND NAME OPTION...: what the command makes, into results/NAME.
result() {
    command=$1 name=$2
    shift 2
    test ! -e "results/$name" || return 0
    mkdir -p results
    case $command in
    train)
        rm -rf one
        run 0 train --data pets $small --epochs 2 --out one "$@"
        cp one/model.safetensors "results/$name"
        ;;
    find-lr)
        case " $* " in *" --steps "*) ;; *) set -- "$@" --steps 6 ;; esac
        run 0 find-lr --data pets $small --out one "$@"
        cp one.csv "results/$name"
        ;;
    *)
        run 0 "$command" "$@"
        grep -v '^device\|images_per_second\|seconds' out >"results/$name"
        ;;
    esac
}

# check COMMAND: all rows of the command's table; $first are its first options.
check() {
    done=0
    while read -r what row; do
        both=${row%|*} option=${row#*|}
        result "$1" "$1.$(echo "$both" | tr -c 'a-z0-9.\n' _)" $first $both
        mine=results/$name
        result "$1" "$1.$(echo "$both$option" | tr -c 'a-z0-9.\n' _)" $first $both $option
        if cmp -s "$mine" "results/$name"; then
            test "$what" = same || fail "$1 $both: $option changes nothing"
        else
            test "$what" = changes || fail "$1 $both: $option changes the result"
        fi
        done=$((done + 1))
    done <"$1.rows"
    echo "$1: $done options"
}

# Tests of their own have these; --patience stands in tests/test_patience.c.
elsewhere='data out resume job device mlflow mlflow-experiment mlflow-register patience help'
covered train train.rows
covered find-lr find-lr.rows
first=''
check train
check find-lr

# --- eval and predict

run 0 train --data pets $small --epochs 2 --split $fewer --out model --quiet
cat >eval.rows <<'END'
changes | --split all
changes --split all | --labels odd.csv
changes --split all | --tta
changes --split all --tta | --seed 9
changes --split all | --decode fast
changes --split all | --precision bf16
same --split all | --batch 3
same --split all | --threads 2
same --split all | --workers 3
same --split all | --bad-images skip
same --split all | --report report
END
cat >predict.rows <<'END'
changes | --top 2
changes | --logits
changes | --json
changes --logits | --decode fast
changes | --precision bf16
changes --logits | --conv im2col
same | --threads 2
same | --workers 3
END
{
    echo 'path,label'
    (cd pets && ls cat/*.jpg dog/*.jpg) | sed 's/^\(.*[02468].jpg\)$/\1,cat/; t; s/$/,dog/'
} >odd.csv
# The first five describe weights of other programs; --conv of eval differs in digits that
# are not printed.
elsewhere='model data arch head size device conv help'
covered eval eval.rows
# The batch decides how convolutions are cut, which the last digits show.
elsewhere="$elsewhere batch"
covered predict predict.rows
first='--model model/model.safetensors --data pets'
check eval
first='--model model/model.safetensors pets/cat pets/dog'
check predict

# An unreadable picture ends a command, or is left out.
cp broken.jpg pets/cat/broken.jpg
for command in "train --data pets $small --epochs 1 --out bad" \
    "eval --model model/model.safetensors --data pets --split all"; do
    run 1 $command --bad-images fail
    says err 'broken.jpg' "$command"
    run 0 $command --bad-images skip
    says err 'broken.jpg is left out' "$command"
done
finish
