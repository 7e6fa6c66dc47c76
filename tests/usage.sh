#!/bin/sh
# SPDX-License-Identifier: MIT
# The program as a new user meets it: help, version, wrong words, and a standard output
# that cannot be written.
. "${srcdir:-.}/tests/program.sh"
cd "$tmp" || exit 99

commands=$("$program" help | sed -n '/^commands:/,/^$/s/^  \([a-z-]*\) .*/\1/p')
test "$(echo "$commands" | wc -l)" -ge 9 || fail "the overview lists: $commands"

# --- help and version

run 2
grep -q '^usage: im2cat COMMAND' err || fail "im2cat alone shows no usage"
for words in help --help -h; do
    run 0 $words
    test ! -s err || fail "im2cat $words prints to standard error"
    grep -q '^usage: im2cat COMMAND' out || fail "im2cat $words shows no usage"
done
for command in $commands; do
    run 0 $command --help
    grep -q "^usage: im2cat $command" out || fail "$command --help shows no usage"
    test -z "$(cut -c 80- out | tr -d '\n')" || fail "$command --help is too wide"
    cp out first
    run 0 help $command
    cmp -s out first || fail "help $command is not $command --help"
done
run 0 --version
for word in 'im2cat [0-9]' compiler jpeg libpng 'giflib [0-9]' 'device cpu' '^MPI  ' '^MLflow  ' '^serve  ' '^sandbox  '; do
    grep -q "$word" out || fail "--version does not tell: $word"
done
if test -e "${program%/*}/im2cat-mpi.so"; then
    ! grep -q '^MPI  *not usable' out || fail "--version does not tell the module's MPI"
fi

# --- a command that a build may leave out

if "$program" --version | grep -q '^serve  *not built'; then
    refuse 1 'install libmicrohttpd' serve --model x
fi

# --- wrong words

refuse 2 'there is no command "trian"; did you mean train?' trian
refuse 2 'there is no command "frobnicate"; im2cat help shows all' frobnicate
refuse 2 'there is no command' help frobnicate
refuse 2 'train has no option --epoch; did you mean --epochs?' train --epoch 3
refuse 2 'eval has no option --epochs' eval --epochs 3
refuse 2 'predict has no option -k' predict -k 3
refuse 2 'train needs --data DIR' train
refuse 2 'predict needs PATH...' predict --model x
refuse 2 'b.pth: im2cat writes safetensors and ONNX; name a file that ends in .safetensors or .onnx' \
    convert a.pth b.pth
refuse 2 '--input applies only to ONNX, but b.safetensors ends in .safetensors' \
    convert a.pth b.safetensors --input uint8
refuse 2 '--input expects uint8 or float, found "half"' \
    convert a.pth b.onnx --input half
refuse 1 'cannot open a.pth' convert a.pth b.onnx
refuse 1 'cannot open a.pth' convert a.pth b --mlflow-model --input float
refuse 2 'compare takes only A B, but also found "c"' compare a b c
refuse 2 'summary takes only options, but also found "x"' summary x
refuse 2 '--batch expects a whole number from 1 to 65536, found "0"' summary --batch 0
refuse 2 '--batch expects a whole number from 1 to 65536, found "1.5"' \
    summary --batch=1.5
refuse 2 '--lr expects a number from 1e-09 to 1000, found "fast"' train --lr fast
refuse 2 '--arch expects resnet18, resnet34, resnet50, resnet101 or resnet152, found "vgg16"' summary --arch vgg16
refuse 2 '--seed expects a whole number' train --data x --seed
refuse 2 '--resume needs --out DIR' train --data x --resume

# --- job files

printf 'data = x\nepohcs = 3\n' >bad.conf
refuse 2 'bad.conf:2: train has no option "epohcs"; did you mean "epochs"?' \
    train --job bad.conf
printf '# comment\nlr = fast\n' >bad.conf
refuse 2 'bad.conf:2: lr expects a number' train --job bad.conf
printf 'just words\n' >bad.conf
refuse 2 'bad.conf:1: expected "key = value", found "just words"' train --job bad.conf
printf 'resume = yes\n' >bad.conf
refuse 2 'bad.conf:1: "resume" belongs on the command line' train --job bad.conf
printf 'epochs = 3\n' >bad.conf
refuse 2 'train needs --data DIR' train --job bad.conf
refuse 1 'cannot open missing.conf' train --job missing.conf

for job in "$source"/datasets/*.conf; do
    refuse 1 'nowhere: No such file or directory' train --job "$job" --data nowhere
done

# --- output that cannot be written

if test -w /dev/full; then
    "$program" help >/dev/full 2>err
    test $? -eq 1 || fail "a full disk is not noticed"
    grep -q '^im2cat: cannot write to standard output: ' err ||
        fail "a full disk is not told"
fi
"$program" summary >&- 2>err
test $? -eq 1 || fail "a closed standard output is not noticed"
test "$("$program" summary | head -n 1 | wc -l)" -eq 1 || fail "summary into head"

# --- summary: a network without weights

run 0 summary --arch resnet34 --classes 1000
grep -q '^total  *21797672 ' out || fail "resnet34 has not 21797672 parameters"
test -z "$(cut -c 80- out | tr -d '\n')" || fail "the summary is too wide"
grep -q '^layer4.2.conv2 *7x7x512 *2359296 .* 49 *512 *4608 ' out ||
    fail "no row of layer4.2.conv2"
run 0 summary --arch resnet34 --head fastai
grep -q '^1\.8 ' out || fail "summary --head fastai has not its last layer"

finish
