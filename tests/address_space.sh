#!/bin/sh
# SPDX-License-Identifier: MIT
# With any limit of the address space (ulimit -v, as job systems set it), the program
# ends: its work is done, or it prints one sentence. OpenBLAS, which needs 128 MiB for
# each thread, would otherwise retry for ever. In a control group with little memory it
# says what does not fit, before the system kills it.
. "${srcdir:-.}/tests/program.sh"
. "${srcdir:-.}/tests/memory_group.sh"
cd "$tmp" || exit 99
if test -n "${SANITIZERS:-}"; then
    echo "skipped: the sanitizers take terabytes of address space" >&2
    exit 77
fi
command -v timeout >/dev/null || { echo "skipped: needs timeout" >&2; exit 77; }
run 0 toy-pets toy --count 24 --size 32
run 0 train --data toy --arch resnet18 --size 32 --batch 8 --threads 1 --out run --quiet

# within KIB ARGUMENT...: the program's status within half a minute; 137 where it hangs.
within() {
    (
        # every shell that runs this has -v
        ulimit -v "$1" || exit 77
        shift
        exec timeout -s KILL 30 "$program" "$@" >out 2>err </dev/null
    )
}

ended=0 worked=0
for kib in 60000 90000 150000 220000 300000 400000 600000 700000 800000 1000000; do
    for what in 'help' 'predict --model run/model.safetensors --threads 1 toy/images' \
        'train --data toy --arch resnet18 --size 32 --batch 8 --threads 2 --quiet --out new'; do
        rm -rf new
        # shellcheck disable=SC2086 # a command is words
        within $kib $what
        found=$?
        test $found -ne 77 || { echo "skipped: no ulimit -v" >&2; exit 77; }
        case $found in
        0) worked=$((worked + 1)) ;;
        1)
            ended=$((ended + 1))
            test "$(grep -c '^im2cat: ' err)" -eq 1 ||
                fail "ulimit -v $kib, $what: not one sentence"
            ;;
        127) ended=$((ended + 1)) ;; # the libraries do not fit
        *) fail "ulimit -v $kib, $what: ends with $found" ;;
        esac
    done
done
test $ended -gt 0 || fail "no limit was felt"
test $worked -gt 0 || fail "no limit was enough"
echo "$worked did their work, $ended said why not"

rm -rf new
if memory_group; then
    ( in_memory_group 40000 "$program" train --data toy --arch resnet18 --size 32 --batch 8 \
        --threads 1 --quiet --out new ) >out 2>err </dev/null
    test $? -eq 1 || fail "it trains in a group of 40000 KiB"
    says err 'the device cpu allows 39 MiB, and not even a batch of 1 fits' train
else
    echo "left out: a control group of little memory, which may not be made here"
fi
finish
