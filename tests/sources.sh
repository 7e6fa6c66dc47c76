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

for folder in datasets deploy docs/learn examples scripts src tests; do
    find "$source/$folder" -type f \( -name '*.[ch]' -o -name '*.cu' -o -name '*.py' \
        -o -name '*.sh' -o -name '*.sbatch' \)
    find "$source/$folder" -type f ! -name '*.*' -exec awk \
        'FNR == 1 && /^#!/ { print FILENAME } { nextfile }' {} +
done >"$list"
test "$(grep -c '\.[ch]$' "$list")" -gt 300 || { echo "$source has no sources" >&2; exit 99; }

# One pass over all files: the licence, the functions of scripts, and the lines.
tr '\n' '\0' <"$list" | xargs -0 awk -v src="$source/src/" \
    -v loops="$source/src/backend/reference/loops.c" '
function complain(text) {
    print file " " text
    failed = 1
}
function end_file() {
    if (!licence)
        complain("does not name its licence")
    if (index(file, src) == 1 && lines > (file == loops ? 700 : 350))
        complain("has more than " (file == loops ? 700 : 350) " lines")
}
FNR == 1 {
    if (file != "")
        end_file()
    file = FILENAME
    licence = 0
}
FNR <= 2 && /SPDX-License-Identifier: MIT/ { licence = 1 }
/^[a-z_0-9]+\(\) *[{(]/ {
    if ((file, $1) in defined)
        complain("defines twice: " $1)
    defined[file, $1] = 1
}
{ lines = FNR }
END {
    end_file()
    exit failed
}' >&2
