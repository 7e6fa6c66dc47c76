#!/bin/sh
# SPDX-License-Identifier: MIT
# Every source file names its licence in its first two lines, in SPDX form, and no file
# of src/ has more than 350 lines, except for one: the loops of the reference backend are
# the whole network in one file, to be read from top to bottom, and have at most 700. No
# script defines a function twice: the second would silently stand for the first.
set -u
source=${srcdir:-.}
list=$(mktemp) || exit 99
trap 'rm -f "$list"' EXIT
status=0

complain() {
    echo "$1" >&2
    status=1
}

for folder in datasets deploy docs/learn examples scripts src tests; do
    find "$source/$folder" -type f
done >"$list"
test "$(grep -c '\.[ch]$' "$list")" -gt 300 || { echo "$source has no sources" >&2; exit 99; }

while IFS= read -r file; do
    case $file in
    *.c | *.h | *.cu | *.py | *.sh) ;;
    *) test "$(head -c 2 "$file" | tr -d '\0')" = '#!' || continue ;;
    esac
    head -n 2 "$file" | grep -q 'SPDX-License-Identifier: MIT' ||
        complain "$file does not name its licence"
    twice=$(sed -n 's/^\([a-z_0-9]*\)() *[{(].*/\1/p' "$file" | sort | uniq -d | xargs)
    test -z "$twice" || complain "$file defines twice: $twice"
    case $file in
    "$source"/src/backend/reference/loops.c) most=700 ;;
    "$source"/src/*) most=350 ;;
    *) continue ;;
    esac
    test "$(wc -l <"$file")" -le $most || complain "$file has more than $most lines"
done <"$list"
exit $status
