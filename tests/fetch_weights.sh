#!/bin/bash
# SPDX-License-Identifier: MIT
# datasets/fetch-weights on a mirror of its own: complete, resumed, damaged, offline.
set -u
script=$(cd "${srcdir:-.}" && pwd)/datasets/fetch-weights
command -v curl > /dev/null || {
    echo "skipped: no curl"
    exit 77
}
folder=$(mktemp -d) || exit 99
trap 'rm -rf "$folder"' EXIT
cd "$folder" || exit 99
status=0

complain() {
    echo "$1" >&2
    status=1
}

head -c 50000 /dev/urandom > resnet34-b627a593.pth
head -c 70000 /dev/urandom > resnet152-394f9c45.pth
IM2CAT_WEIGHTS_URL=file://$folder
export IM2CAT_WEIGHTS_URL

# run EXPECTED-STATUS TEXT [ARGUMENT...]: the output holds the text.
run() {
    local expected=$1 text=$2 found
    shift 2
    "$script" "$@" > output 2>&1 < /dev/null
    found=$?
    test $found -eq "$expected" || complain "$*: status $found, expected $expected"
    grep -q -- "$text" output || complain "$*: no \"$text\" in the output"
}

run 0 usage --help
for file in resnet18-f37072fd resnet34-b627a593 resnet50-0676ba61 resnet101-63fe2227 \
    resnet152-394f9c45; do
    grep -q "^  ${file%-*}  *$file.pth " output || complain "--help does not list $file"
done
run 2 usage
run 2 usage --unknown
run 2 usage resnet34 one two
run 2 "no network resnet51" resnet51
run 2 "no network resnet" resnet

# Without a sum of its own, the sum in the name counts, which these files do not match.
run 1 "begins with b627a593" resnet34
run 1 "begins with 394f9c45" resnet152
test ! -e data/resnet34-b627a593.pth || complain "damaged weights are there"

IM2CAT_WEIGHTS_SHA256=$(sha256sum < resnet152-394f9c45.pth | cut -c 1-8)
export IM2CAT_WEIGHTS_SHA256
run 0 "begins with $IM2CAT_WEIGHTS_SHA256" resnet152
cmp -s resnet152-394f9c45.pth data/resnet152-394f9c45.pth ||
    complain "resnet152's default file differs"
IM2CAT_WEIGHTS_SHA256=$(sha256sum < resnet34-b627a593.pth | cut -c 1-8)
run 0 "begins with $IM2CAT_WEIGHTS_SHA256" resnet34
cmp -s resnet34-b627a593.pth data/resnet34-b627a593.pth ||
    complain "resnet34's default file differs"
run 1 "left as it is" resnet34

# A truncated download is resumed: a beginning of zeros stays, and is detected.
head -c 20000 resnet34-b627a593.pth > cut.download
run 0 begins resnet34 deep/cut
run 0 begins resnet34 cut
cmp -s resnet34-b627a593.pth cut || complain "cut differs"
test ! -e cut.download || complain "cut.download was left behind"
head -c 20000 /dev/zero > zeros.download
run 1 "zeros is damaged" resnet34 zeros
test ! -e zeros || complain "zeros is there"
cp resnet34-b627a593.pth whole.download
IM2CAT_WEIGHTS_URL=http://127.0.0.1:9 run 0 begins resnet34 whole

IM2CAT_WEIGHTS_URL=file://$folder/nowhere run 1 "fetch-weights: " resnet34 lost
IM2CAT_WEIGHTS_URL=http://127.0.0.1:9 run 1 "is there a network" resnet34 offline
test ! -e offline || complain "offline is there"
exit $status
