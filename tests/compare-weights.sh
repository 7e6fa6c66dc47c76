#!/bin/sh
# SPDX-License-Identifier: MIT
# Weights files that PyTorch wrote, their logits on pictures against its own. Part of
# `make check-slow`; skipped where Python has no torch. PYTHON says which Python.
python=${PYTHON:-python3}
command -v "$python" >/dev/null || {
    echo "skipped: no $python"
    exit 77
}
exec "$python" "${srcdir:-.}/scripts/compare-weights" ./im2cat
