#!/bin/sh
# The completion of bash is the one that the program writes from its tables; and where
# there is a bash, it offers commands, options and their words.
. "${srcdir:-.}/tests/program.sh"
script=$source/completions/im2cat.bash

"$program" help --bash >"$tmp/written"
cmp "$script" "$tmp/written" ||
    fail "$script is not what the tables say: scripts/from-tables writes it"
command -v bash >/dev/null || finish

# offers EXPECTED WORD...: what completing the last word gives, in order.
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
