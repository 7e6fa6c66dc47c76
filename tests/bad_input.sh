#!/bin/sh
# SPDX-License-Identifier: MIT
# Bad data and files: each is refused with one clear line, and nothing is damaged. Cases
# that need a trained network are in job.sh.
. "${srcdir:-.}/tests/program.sh"
cd "$tmp" || exit 99

run 0 toy-pets toy --count 24 --size 32 --seed 7
train="train --arch resnet18 --size 32 --batch 4 --threads 1"

# --- data sets

refuse 1 'nowhere: No such file or directory' $train --data nowhere
mkdir empty
refuse 1 'no pictures in empty' $train --data empty
refuse 1 'no pictures in empty' check-data empty
refuse 1 'there is no folder nowhere' check-data nowhere
mkdir -p one/images
cp toy/images/Toy_*.jpg one/images
refuse 1 'are of one class, cat' $train --data one
mkdir -p unnamed/images
cp toy/images/Toy_Bengal_1.jpg unnamed/images/Picture.jpg
cp toy/images/Toy_Bengal_1.jpg unnamed/images/picture.jpg
refuse 1 'cannot tell the breed of unnamed/images/Picture.jpg:' \
    $train --data unnamed --labels breed
mv unnamed/images/Picture.jpg unnamed/images/_1.jpg
refuse 1 'cannot tell the species of unnamed/images/_1.jpg:' $train --data unnamed
refuse 1 'use --labels species or breed' $train --data toy --labels folder
mkdir -p classes/cat classes/dog
cp toy/images/Toy_*.jpg classes/cat
cp toy/images/toy_*.jpg classes/dog
refuse 1 'use --labels folder' $train --data classes --labels species
refuse 1 'toy is not empty' toy-pets toy

# --- splits

refuse 1 'no split or file missing.txt' $train --data toy --split missing.txt
echo Toy_Nobody_1 >names.txt
refuse 1 'Toy_Nobody_1' $train --data toy --split names.txt
refuse 1 '--batch is 24, but there are only 20 training pictures' \
    $train --data toy --batch 24
refuse 1 'another --valid-pct' $train --data toy --valid-pct 0.01
refuse 1 '--batch 1 with --size 32 gives batch norm layer4.0.bn1 a single value' \
    $train --data toy --batch 1

# --- pictures

cp -R toy broken
first=$(cd broken/images && ls Toy_*.jpg | head -n 1)
second=$(cd broken/images && ls toy_*.jpg | head -n 1)
head -c 400 "toy/images/$first" >"broken/images/$first"
: >"broken/images/$second"
echo "some text" >broken/images/Toy_Text_1.jpg
run 1 $train --data broken
test ! -s out || fail "a table is begun on broken pictures"
says err "images/$first cannot be read" train
says err "images/$second cannot be read: it is empty" train
says err "images/Toy_Text_1.jpg cannot be read" train
test "$(tail -n 1 err | grep -c '^im2cat: 3 of the 25 pictures in broken cannot be')" \
    -eq 1 || fail "the last line does not sum up"
test ! -e runs || fail "a run folder is made before the pictures are checked"

run 1 check-data broken
test "$(grep -c "^broken/images/[^	]*	" out)" -eq "$(wc -l <out)" ||
    fail "check-data does not print path, tab, reason"
says out "broken/images/$second	it is empty" check-data
says out "broken/images/Toy_Text_1.jpg	" check-data
printf '\211PNG\r\n\032\n\0\0\0\rIHDR\0\0\352\140\0\0\352\140\010\002\0\0\0' >bomb.png
run 1 check-data bomb.png
says out "bomb.png	" check-data
says err '1 picture: 1 unreadable, 0 odd but readable' check-data
cp toy/images/Toy_Bengal_1.jpg misnamed.png
run 1 check-data misnamed.png
says err '1 picture: 0 unreadable, 1 odd but readable' check-data

# A mistake that shows without reading the pictures is refused before they are read.
refuse 1 'no split or file missing.txt' $train --data broken --split missing.txt
refuse 1 'training pictures: use a smaller batch' $train --data broken --batch 30
refuse 1 'cannot open none.pth' $train --data broken --pretrained none.pth
refuse 1 'there is no weights file imagenet; ImageNet'"'"'s are fetched by datasets/fetch-weights' \
    $train --data broken --pretrained imagenet
test ! -e runs || fail "a run folder is made before the weights are there"
if test "$(id -u)" -ne 0; then
    mkdir shut
    chmod a-w shut
    refuse 1 'make the folder shut/run: Permission denied' \
        $train --data broken --out shut/run
fi

# Files among the pictures that are not pictures must neither block nor end the program.
cp -R toy strange
mkfifo strange/images/toy_pipe_1.jpg
ln -s toy_loop_1.jpg strange/images/toy_loop_1.jpg
ln -s . strange/images/toy_here_1.jpg
ln -s /dev/zero strange/images/toy_zero_1.jpg
ln -s nowhere strange/images/toy_lost_1.jpg
run 1 check-data strange
grep -q "^28 pictures: 4 unreadable" err || fail "check-data on a strange folder"
says out "toy_pipe_1.jpg	it is a special file, expected a regular file" check-data
says out "toy_zero_1.jpg	it is a special file, expected a regular file" check-data
says out "toy_loop_1.jpg	cannot open it: Too many levels of symbolic links" check-data
says out "toy_lost_1.jpg	cannot open it: No such file or directory" check-data

# --- folders that cannot be written

echo text >file
refuse 1 'file' $train --data toy --out file
refuse 1 'cannot make the folder file/run: Not a directory' \
    $train --data toy --out file/run
refuse 1 'cannot make the folder file: Not a directory' toy-pets file/toy
long=$(printf '%0300d' 0)
refuse 1 '00: File name too long' $train --data toy --out "$long"
refuse 1 '00: File name too long' $train --data "$long/$long/$long"
mkdir used
touch used/something
refuse 1 'used exists but is not a run folder' $train --data toy --out used
test -e used/something || fail "a used folder is touched"
refuse 1 'no run to resume in nothing: the folder has no job.conf (use --job FILE to' \
    train --resume --out nothing
refuse 1 'no run to resume in toy: the folder has no job.conf' train --resume --out toy

# --- memory

refuse 1 'a batch of 65536 needs' $train --data toy --batch 65536 --size 512
says err 'MiB of memory, the device cpu allows' train

# --- weights

refuse 1 'missing.safetensors' eval --model missing.safetensors --data toy
refuse 1 'toy/images' predict --model "toy/images/$first" toy/images
refuse 1 'a path is empty' predict --model missing.safetensors ''
: >empty.safetensors
refuse 1 'empty.safetensors' predict --model empty.safetensors toy/images
refuse 1 'missing.pth' convert missing.pth out.safetensors
refuse 1 'missing.safetensors' compare missing.safetensors empty.safetensors

# Names of tensors come from files of others: compare shows them without the escape
# sequences that a terminal would obey.
# tensor FILE NAME [SHAPE [METADATA]]: a weights file with one number of that name.
tensor() {
    header='{'$4'"'$2'":{"dtype":"F32","shape":['${3:-1}'],"data_offsets":[0,4]}}'
    {
        # shellcheck disable=SC2059 # the length is an octal escape
        printf "\\$(printf %03o ${#header})\\0\\0\\0\\0\\0\\0\\0"
        printf '%s\0\0\0\0' "$header"
    } >"$1"
}
tensor one.safetensors 'a\u001b[31m\u009bm'
tensor other.safetensors b
run 1 compare one.safetensors other.safetensors
cat out err >shown
grep -q 'a?\[31m?m' shown || fail "compare does not show the name: $(cat -v shown)"
! grep -q "$(printf '\033\|\302\233')" shown || fail "compare shows a control character"

# Axes of size 1 make no difference to compare. A list of nodes is a claim, too.
tensor one.safetensors b 1,1,1
run 0 compare one.safetensors other.safetensors
tensor one.safetensors a
refuse 1 'one.safetensors and other.safetensors have no tensor of the same name' \
    compare one.safetensors other.safetensors --common
tensor one.safetensors b 1,1,1,1,1 '"__metadata__":{"nodes":"{}"},'
printf 'A' | dd of=one.safetensors bs=1 seek=$(($(wc -c <one.safetensors) - 1)) conv=notrunc \
    2>/dev/null
run 1 compare one.safetensors other.safetensors
says err "one.safetensors: entry 0 of the metadata's \"nodes\" is not a node" compare

# A path that is not a file is refused before it is opened: nobody ever writes to the
# pipe.
mkfifo pipe
ln -s /dev/zero zero
printf '#!/bin/sh\nexec timeout 60 "%s" "$@"\n' "$program" >bounded
chmod +x bounded
unbounded=$program
program=$(pwd)/bounded
for strange in pipe zero; do
    said="$strange is a special file, expected a regular file"
    refuse 1 "$said" eval --model $strange --data toy
    refuse 1 "$said" predict --model $strange toy/images
    refuse 1 "$said" convert $strange out.safetensors
    refuse 1 "$said" compare $strange empty.safetensors
    refuse 1 "$said" train --data toy --split $strange --out never
    refuse 1 "$said" train --job $strange --out never
    refuse 1 "$said" train --data toy --arch resnet18 --pretrained $strange --out never
done
refuse 1 'toy is a folder, expected a regular file' eval --model toy --data toy
test ! -e never || fail "a run begins all the same"
program=$unbounded

finish
