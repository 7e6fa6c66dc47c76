#!/bin/sh
# SPDX-License-Identifier: MIT
# im2cat conformance: the same bytes each time, a small folder whose index names its files,
# and a folder that holds something is refused.
. "${srcdir:-.}/tests/program.sh"
cd "$tmp" || exit 99

run 0 conformance first
says out 'first: 37 cases' conformance
run 0 conformance second
diff -r first second || fail "the second set is not the first"
test "$(du -k --apparent-size first | cut -f 1)" -lt 1024 || fail "the set has a megabyte"
ls first | grep '[.]safetensors$' | sort >files
sed -n 's/^ *"file": "\(.*\)",$/\1/p' first/index.json | sort >named
test "$(wc -l <named)" -eq 37 || fail "the index names $(wc -l <named) files"
cmp -s files named || fail "the index names other files than there are"
grep -q '^| `conv2d` |' first/README.md || fail "README.md does not describe conv2d"
refuse 1 'the folder first holds something' conformance first
refuse 2 'conformance needs DIR' conformance
finish
