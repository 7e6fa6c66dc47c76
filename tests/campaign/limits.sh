#!/bin/bash
# SPDX-License-Identifier: MIT
# Limits that shells, job systems and containers set: open files, size of a file, address
# space, stack, memory of a control group. A run ends with one sentence, or does its work,
# or the system kills it for its memory; without the limit it goes on to the bytes of the
# reference.
. "${srcdir:-.}/tests/campaign/kit.sh"
. "$source/tests/memory_group.sh"
make_reference

# limited OPTION VALUE: trains below the limit. A library that does not fit ends the
# program before main with status 127.
limited() {
    rm -rf new
    status=0
    ( # the shell itself needs descriptors for its redirections
        exec >out 2>err </dev/null
        ulimit "$1" "$2" || exit 77
        exec timeout -s KILL 30 "$program" "${train[@]}" --out new
    ) || status=$?
    case $status in
    127) test ! -e new ;;
    *) ends_well new ;;
    esac
}

# grouped KIB: trains in a control group with that much memory.
grouped() {
    rm -rf new
    status=0
    ( in_memory_group "$1" "$program" "${train[@]}" --out new ) >out 2>err </dev/null ||
        status=$?
    case $status in
    137)
        killed=$((killed + 1))
        goes_on new
        ;;
    *) ends_well new ;;
    esac
}
killed=0
memory_group || { group=; echo "no control group may be made here, so none is tried"; }

{
    seq 4 40 | sed 's/^/-n /'
    seq 1 40 | sed 's/^/-f /'
    for kib in 60000 100000 150000 200000 300000 400000 600000 1000000; do
        echo "-v $kib"
    done
    for kib in 128 192 256 512 1024 4096; do
        echo "-s $kib"
    done
    test -z "$group" || seq 1000 500 40000 | sed 's/^/group /'
} >cases
draw
while read -r option value; do
    case $option in
    group) verdict "a group of $value KiB" grouped "$value" ;;
    *) verdict "ulimit $option $value" limited "$option" "$value" ;;
    esac
done <drawn 2>/dev/null # the shell's "Killed"
test -z "$group" || echo "the system killed $killed runs in a control group"
done_with limits
