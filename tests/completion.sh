#!/bin/sh
# SPDX-License-Identifier: MIT
# The completions of bash, zsh and fish are those that the program generates from its
# tables. Where the shell is installed, it offers commands, options and their words.
. "${srcdir:-.}/tests/program.sh"
script=$source/completions/im2cat.bash

for shell in bash:im2cat.bash zsh:_im2cat fish:im2cat.fish; do
    "$program" help "--${shell%%:*}" >"$tmp/written"
    cmp "$source/completions/${shell#*:}" "$tmp/written" ||
        fail "${shell#*:} is not what the tables say: scripts/from-tables writes it"
done

# Prints fish's suggestions for a line.
fish_offers() {
    found=$(HOME=$tmp fish --no-config -c '
        source $argv[1]
        complete -C $argv[2]' "$source/completions/im2cat.fish" "$2" |
        cut -f 1 | LC_ALL=C sort | tr '\n' ' ')
    test "$found" = "$1 " || fail "fish, $2: offers '$found', expected '$1'"
}
if command -v fish >/dev/null; then
    fish_offers train 'im2cat tra'
    fish_offers '--label-smoothing --labels' 'im2cat train --lab'
    fish_offers breed 'im2cat train --labels b'
    fish_offers '--augment' 'im2cat train --aug'
    fish_offers 'fastai flip' 'im2cat train --augment f'
else
    echo "left out: fish, which is not here" >&2
fi
if command -v zsh >/dev/null; then
    zsh -f -n "$source/completions/_im2cat" || fail "_im2cat is no script of zsh"
else
    echo "left out: zsh, which is not here" >&2
fi
command -v bash >/dev/null || finish

# offers EXPECTED WORD...: completing the last word gives EXPECTED, in order.
offers() {
    expected=$1
    shift
    found=$(bash -c '
        . "$0" || exit 99
        COMP_WORDS=("$@")
        COMP_CWORD=$(($# - 1))
        _im2cat
        echo "${COMPREPLY[*]}"' "$script" "$@")
    test "$found" = "$expected" || fail "$*: offers '$found', expected '$expected'"
}

offers train im2cat tra
offers 'toy-pets' im2cat to
offers 'predict' im2cat help pre
offers '--labels --label-smoothing' im2cat train --lab
offers '--label-smoothing' im2cat find-lr --data x --label-
offers '' im2cat toy-pets --lab
offers 'species breed folder' im2cat train --labels ''
offers breed im2cat train --labels b
offers breed im2cat train --labels = b
offers 'species breed folder' im2cat train --labels =
offers 'random official' im2cat train --split ''
offers '--quiet' im2cat train --resume --qu
offers '' im2cat train --batch 6
offers '' im2cat predict --model x pictures
finish
