#!/bin/bash
# SPDX-License-Identifier: MIT
# datasets/fetch-oxford-pets on small archives of its own, without a network: it leaves
# a complete folder or none, and says why.
set -u
script=$(cd "${srcdir:-.}" && pwd)/datasets/fetch-oxford-pets
status=0

test -x "$script" || { echo "$script is not there" >&2; exit 99; }
for tool in curl md5sum tar gzip; do
    command -v $tool > /dev/null || { echo "skipped: needs $tool" >&2; exit 77; }
done
folder=$(mktemp -d) || exit 99
trap 'rm -rf "$folder"' EXIT
cd "$folder" || exit 99

complain() {
    echo "$*" >&2
    sed 's/^/    /' output >&2
    status=1
}

# Archives laid out like the real ones, and stand-ins for the script's tools: a disk
# with space, and an im2cat that finds something.
mkdir -p mirror images annotations bin
for i in 1 2 3; do
    head -c 30000 /dev/urandom > images/Toy_Cat_$i.jpg
done
echo "stray" > images/Toy_Cat_1.mat
echo "Toy_Cat_1 1 1 1" > annotations/list.txt
tar -czf mirror/images.tar.gz images && tar -czf mirror/annotations.tar.gz annotations ||
    exit 99
sum() { md5sum < "$1" | cut -d ' ' -f 1; }
cat > bin/df << 'EOF'
#!/bin/sh
echo "Filesystem 1048576-blocks Used Available Capacity Mounted on"
echo "disk 9999 0 ${FREE_MB:-9999} 0% /"
EOF
cat > bin/im2cat << 'EOF'
#!/bin/sh
echo "im2cat was asked: $*"
exit 1
EOF
chmod +x bin/df bin/im2cat
PATH=$folder/bin:$PATH
IM2CAT_PETS_URL=file://$folder/mirror
IM2CAT_PETS_MD5="$(sum mirror/images.tar.gz) $(sum mirror/annotations.tar.gz)"
export PATH IM2CAT_PETS_URL IM2CAT_PETS_MD5
unset IM2CAT

# run EXPECTED-STATUS TEXT [ARGUMENT...]: the output holds the text.
run() {
    local expected=$1 text=$2 found
    shift 2
    "$script" "$@" > output 2>&1 < /dev/null
    found=$?
    test $found -eq "$expected" || complain "$*: status $found, expected $expected"
    grep -q -- "$text" output || complain "$*: no \"$text\" in the output"
}

complete() { # DIR: all files exist, and no others
    diff -r images "$1/images" > /dev/null || complain "$1/images differs"
    diff -r annotations "$1/annotations" > /dev/null || complain "$1/annotations differs"
    test ! -e "$1.download" || complain "$1.download was left behind"
}

absent() {
    test ! -e "$1" || complain "$1 is half made"
}

run 0 IM2CAT_PETS_URL --help
run 2 usage --unknown
run 2 usage one two

run 0 "3 pictures"
complete data/oxford-pets
run 0 "im2cat was asked: check-data deep/down/pets" deep/down/pets/
complete deep/down/pets

# An existing folder is never overwritten.
mkdir full empty
echo mine > full/file
run 1 "left as it is" full
run 1 "left as it is" full/file
test "$(ls full)" = file || complain "full was changed"
run 0 "3 pictures" empty
complete empty

# A truncated download is resumed; a complete one is not fetched again.
mkdir cut.download
head -c 20000 mirror/images.tar.gz > cut.download/images.tar.gz
cp mirror/annotations.tar.gz cut.download/
run 0 "annotations.tar.gz: is here" cut
complete cut

# Proof of the resume: a beginning of zeros stays, and is detected.
mkdir zeros.download
head -c 20000 /dev/zero > zeros.download/images.tar.gz
run 1 "images.tar.gz is damaged" zeros
absent zeros

# Damaged in transit: named, removed, and no folder; the next run succeeds.
IM2CAT_PETS_MD5="0123 $(sum mirror/annotations.tar.gz)" run 1 "images.tar.gz is damaged" bad
absent bad
absent bad.download/images.tar.gz
run 0 "3 pictures" bad
complete bad

# An archive with other content.
mkdir other
tar -czf other/images.tar.gz annotations
cp mirror/annotations.tar.gz other/
IM2CAT_PETS_URL=file://$folder/other \
    IM2CAT_PETS_MD5="$(sum other/images.tar.gz) $(sum mirror/annotations.tar.gz)" \
    run 1 "lack images" wrong
absent wrong

# A missing file; no server (port 9 of this machine discards, or refuses).
IM2CAT_PETS_URL=file://$folder/nowhere run 1 "fetch-oxford-pets: " lost
absent lost
IM2CAT_PETS_URL=http://127.0.0.1:9 run 1 "is there a network" offline
absent offline

FREE_MB=100 run 1 "has 100 MB free" small
absent small
absent small.download

touch file
run 1 "cannot make" file/below
exit $status
