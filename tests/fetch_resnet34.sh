#!/bin/bash
# datasets/fetch-resnet34 on a mirror of its own: complete, resumed, damaged, offline.
set -u
script=$(cd "${srcdir:-.}" && pwd)/datasets/fetch-resnet34
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

head -c 50000 /dev/urandom > weights
IM2CAT_RESNET34_URL=file://$folder/weights
IM2CAT_RESNET34_SHA256=$(sha256sum < weights | cut -c 1-8)
export IM2CAT_RESNET34_URL IM2CAT_RESNET34_SHA256

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
run 2 usage --unknown
run 2 usage one two
run 0 "begins with $IM2CAT_RESNET34_SHA256"
cmp -s weights data/resnet34-b627a593.pth || complain "the default file differs"
run 1 "left as it is"

# A download that was cut goes on: a beginning of zeros stays, and is found out.
head -c 20000 weights > cut.download
run 0 begins deep/cut
run 0 begins cut
cmp -s weights cut || complain "cut differs"
test ! -e cut.download || complain "cut.download was left behind"
head -c 20000 /dev/zero > zeros.download
run 1 "zeros is damaged" zeros
test ! -e zeros || complain "zeros is there"
cp weights whole.download
IM2CAT_RESNET34_URL=http://127.0.0.1:9 run 0 begins whole

IM2CAT_RESNET34_URL=file://$folder/nowhere run 1 "fetch-resnet34: " lost
IM2CAT_RESNET34_URL=http://127.0.0.1:9 run 1 "is there a network" offline
test ! -e offline || complain "offline is there"
exit $status
