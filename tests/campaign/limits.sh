#!/bin/bash
# SPDX-License-Identifier: MIT
# Limits that shells and job systems set: open files, size of a file, address space,
# stack. A run ends with one sentence, or does its work; without the
# limit it goes on to the bytes of the reference.
. "${srcdir:-.}/tests/campaign/kit.sh"
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

{
    seq 4 40 | sed 's/^/-n /'
    seq 1 40 | sed 's/^/-f /'
    for kib in 60000 100000 150000 200000 300000 400000 600000 1000000; do
        echo "-v $kib"
    done
    for kib in 128 192 256 512 1024 4096; do
        echo "-s $kib"
    done
} >cases
draw
while read -r option value; do
    verdict "ulimit $option $value" limited "$option" "$value"
done <drawn
done_with limits
