#!/bin/sh
# SPDX-License-Identifier: MIT
# Every command of docs/learn prints what its page shows. Part of `make check-slow`;
# `make check-docs` runs it alone.
command -v python3 >/dev/null || { echo "skipped: python3 is missing"; exit 77; }
command -v bash >/dev/null || { echo "skipped: bash is missing"; exit 77; }
exec "${srcdir:-.}/scripts/check-docs" --build "$(pwd)"
