#!/bin/bash
# SPDX-License-Identifier: MIT
# The script that conda build runs in the unpacked distribution.
set -eu
./configure --prefix="$PREFIX" --with-mlflow --with-serve
make -j "${CPU_COUNT:-2}"
make install
