#!/bin/sh
# SPDX-License-Identifier: MIT
# What ONNX runtimes, OpenVINO, PyTorch and MLflow make of im2cat's files, and the code on
# docs/onnx.md. Part of `make check-slow`; skipped where the Python has not their packages.
# PYTHON says which Python.
exec "${PYTHON:-python3}" "${srcdir:-.}/scripts/compare-onnx" ./im2cat
