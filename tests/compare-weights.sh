#!/bin/sh
# SPDX-License-Identifier: MIT
# Weights files that PyTorch wrote: im2cat's logits on pictures against PyTorch's. Part
# of `make check-slow`; skipped where Python has no torch. PYTHON names the Python.
python=${PYTHON:-python3}
command -v "$python" >/dev/null || {
    echo "skipped: no $python"
    exit 77
}
exec "$python" "${srcdir:-.}/scripts/compare-weights" ./im2cat
