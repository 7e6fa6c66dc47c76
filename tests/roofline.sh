#!/bin/sh
# SPDX-License-Identifier: MIT
# scripts/roofline: one row for each kind of layer, with every pass of such a layer, and
# bounds computed by hand for one of them.
command -v python3 >/dev/null || { echo "skipped: python3 is missing"; exit 77; }
. "${srcdir:-.}/tests/program.sh"
cd "$tmp" || exit 99

"$source/scripts/roofline" --arch resnet18 --size 64 --batch 2 --steps 1 --threads 2 \
    "$program" >out || fail "roofline exits with $?"
test "$(grep -c '^| [0-9]*: [137] x' out)" -eq 11 || fail "not 11 kinds of convolutions"
test "$(grep -c '^| [0-9]*: batch norm' out)" -eq 9 || fail "not 9 kinds of batch norms"
test "$(awk -F'[|:]' '/x .* to / { n += $2 } END { print n }' out)" -eq 20 ||
    fail "resnet18 has 20 convolutions"
test "$(awk -F'[|:]' '/batch norm/ { n += $2 } END { print n }' out)" -eq 20 ||
    fail "resnet18 has 20 batch norms"
! grep '|  *|' out | grep -v '7 x 7, 3 to 64\|batch norm, 64, 32 x 32\|and residual' || fail "a pass is missing"

# 3 x 3, 64 to 64, 16 x 16, direct or Winograd's (32 tiles of 36 products each), batch 2:
# 37.7 or 9.4 million operations on 0.41 MB.
case $(grep '3 x 3, 64 to 64' out) in
*direct*) per_byte=92 ;;
*) per_byte=23 ;;
esac
grep -q "3 x 3, 64 to 64, 16 x 16, [a-z]* | $per_byte |" out || fail "not $per_byte FLOP/byte"
finish
