#!/bin/sh
# SPDX-License-Identifier: MIT
# im2cat's files in ONNX runtimes, OpenVINO, PyTorch and MLflow, and the code of
# docs/onnx.md. Part of `make check-slow`; skipped where the Python lacks their
# packages. PYTHON names the Python.
exec "${PYTHON:-python3}" "${srcdir:-.}/scripts/compare-onnx" ./im2cat
