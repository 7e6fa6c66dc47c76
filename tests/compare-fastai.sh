#!/bin/sh
# SPDX-License-Identifier: MIT
# scripts/compare-fastai on toy pets: it runs to its end, both programs learn, and its
# exit status is its verdict. Part of `make check-slow`; skipped where Python has no
# fastai. PYTHON names the Python.
. "${srcdir:-.}/tests/program.sh"
python=${PYTHON:-python3}
command -v "$python" >/dev/null || {
    echo "skipped: no $python"
    exit 77
}
cd "$tmp" || exit 99

# compare STATUS OPTION...: on two breeds that are easy to tell apart.
compare() {
    "$python" "$source/scripts/compare-fastai" --data toy \
        --weights run/model.safetensors --breeds Toy_Siamese,toy_dalmatian \
        --size 48 --batch 8 "$@" "$program" >out 2>err
}

# The last epoch's means over the seeds: im2cat's, fastai's.
last_means() {
    awk -v measure="$1" '$1 == measure { found = $3 " " $4 } END { print found }' out
}

run 0 toy-pets toy --count 600 --size 64
compare --count 1000
status=$?
test $status -ne 77 || {
    cat out
    exit 77
}
test $status -eq 1 || fail "more pictures than there are: exit $status"
says err "has 50 pictures of Toy_Siamese" "compare-fastai"

run 0 train --data toy --size 48 --batch 16 --epochs 2 --threads 2 --out run --quiet
compare --count 50 --seeds 3 --epochs 3
status=$?
verdict=$(tail -n 1 out)
case "$status $verdict" in
"0 At two standard errors the last epoch is the same." | \
    "1 At two standard errors the last epoch differs in "*) ;;
*) fail "exit $status after: $verdict" ;;
esac
last_means error_rate | awk '{ exit !(NF == 2 && $1 < 0.35 && $2 < 0.35) }' ||
    fail "error rates of $(last_means error_rate), where guessing has 0.5"
cat out
finish
