#!/bin/sh
# SPDX-License-Identifier: MIT
# A folder of src/ includes only its own headers and those of lower floors: no header of
# a higher floor, nor of another folder of its own floor. Every include of ours names
# its folder.
set -u
src=${srcdir:-.}/src
status=0

complain() {
    echo "$1" >&2
    status=1
}

floor_of() {
    case $1 in
    base) echo 0 ;;
    image | backend | format | comm) echo 1 ;;
    data | graph) echo 2 ;;
    model) echo 3 ;;
    score | export) echo 4 ;;
    train | library) echo 5 ;;
    report | track) echo 6 ;;
    serve) echo 7 ;;
    cli) echo 8 ;;
    *) echo none ;;
    esac
}

# The lines `file:include "folder/header"` of all sources, as `file folder/header`.
includes() {
    find "$src" -type f \( -name '*.[ch]' -o -name '*.cu' \) | sort |
        xargs grep -H '^ *# *include *"' |
        sed 's/^\([^:]*\):[^"]*"\([^"]*\)".*/\1 \2/'
}

for folder in "$src"/*/; do
    name=$(basename "$folder")
    test "$(floor_of "$name")" != none || complain "$folder stands on no floor"
done

list=$(mktemp) || exit 99
trap 'rm -f "$list"' EXIT
includes > "$list"
test -s "$list" || { echo "no includes found below $src" >&2; exit 99; }

while read -r file header; do
    own=${file#"$src"/}
    own=${own%%/*}
    used=${header%%/*}
    if test "$used" = "$header"; then
        complain "$file: include \"$header\" by its folder"
    elif test ! -f "$src/$header" && test ! -f "src/$header"; then # make generates some
        complain "$file: \"$header\" is not there"
    elif test "$used" = "$own"; then
        :
    elif test "$(floor_of "$used")" -ge "$(floor_of "$own")"; then
        complain "$file: $own may not include \"$header\""
    fi
done < "$list"
exit $status
