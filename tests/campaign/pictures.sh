#!/bin/bash
# SPDX-License-Identifier: MIT
# Pictures of other projects, which PICTURES names as a folder: decoded as by Pillow, byte
# for byte, or the difference is listed by its kind. docs/reliability.md explains the kinds.
# No picture may end the decoder but by a sentence.
set -u
test -n "${PICTURES:-}" ||
    { echo "skipped: PICTURES names no folder of pictures"; exit 77; }
results=$(mktemp) || exit 99
trap 'rm -f "$results"' EXIT
"${PYTHON:-python3}" "${srcdir:-.}/scripts/compare-pillow" ./tests/picture_crcs "$PICTURES" \
    >"$results"
status=$?
grep -v -e '^Pillow: ' -e '^im2cat: ' "$results"
case $status in
0 | 1) ;;
*) exit $status ;;
esac
awk '/ equal to Pillow/ { tried = $3; equal = $1 } /^ *[0-9]+ other pixels/ { other += $1 }
    /alone refuses/ { alone += $1 }
    END { printf "pictures: %d tried, %d equal, %d with other pixels, %d refused by one alone\n",
          tried, equal, other, alone }' "$results"
