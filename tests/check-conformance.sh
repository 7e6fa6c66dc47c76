#!/bin/sh
# SPDX-License-Identifier: MIT
# The conformance set against PyTorch in float64, case by case; a number that is spoiled is
# noticed. Part of `make check-slow`; skipped where Python has no torch. PYTHON names the
# Python.
python=${PYTHON:-python3}
script=${srcdir:-.}/scripts/check-conformance
command -v "$python" >/dev/null || {
    echo "skipped: no $python"
    exit 77
}
tmp=$(mktemp -d) || exit 99
trap 'rm -rf "$tmp"' EXIT
./im2cat conformance "$tmp/set" || exit 1
"$python" "$script" "$tmp/set" || exit
for name in conv2d-3x3 batchnorm adam-step3 resnet18-step; do
    "$python" "$script" --plant $name "$tmp/set" >"$tmp/out"
    test $? -eq 1 || { echo "a spoiled number of $name is not noticed"; exit 1; }
    grep '[*]$' "$tmp/out" | grep -q "^$name " || { echo "$name is not marked"; exit 1; }
    test "$(grep -c '[*]$' "$tmp/out")" -eq 1 || { echo "others than $name are marked"; exit 1; }
done
