#!/bin/bash
# SPDX-License-Identifier: MIT
# im2cat against PyTorch, live: with weights exchanged in both directions, and ten steps
# of Adam on the two deepest networks against freshly made goldens. Part of `make
# check-slow`; skipped where Python has no torch. PYTHON names the Python.
python=${PYTHON:-python3}
source=${srcdir:-.}
command -v "$python" >/dev/null || {
    echo "skipped: no $python"
    exit 77
}
"$python" "$source/scripts/compare-pytorch" ./im2cat || exit

folder=$(mktemp -d) || exit 99
trap 'rm -rf "$folder"' EXIT
for arch in resnet101 resnet152; do
    "$python" "$source/scripts/golden-pytorch.py" "$arch" --exact \
        >"$folder/$arch.txt" || exit
    tests/test_golden_resnet "$arch" "$folder/$arch.txt" || exit
done
