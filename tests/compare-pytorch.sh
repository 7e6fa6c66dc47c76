#!/bin/sh
# im2cat against PyTorch, live, with weights exchanged in both directions. Part of
# `make check-slow`; skipped where Python has no torch. PYTHON says which Python.
python=${PYTHON:-python3}
command -v "$python" >/dev/null || {
    echo "skipped: no $python"
    exit 77
}
exec "$python" "${srcdir:-.}/scripts/compare-pytorch" ./im2cat
