#!/bin/sh
# SPDX-License-Identifier: MIT
# gradcheck finds each error of tests/mutants/gradcheck.list, planted in a backward pass of
# the reference or of the CPU, and names the array where it begins. Slow: the program is built
# once for each.
command -v python3 >/dev/null || { echo "skipped: needs python3"; exit 77; }
test -x "${srcdir:-.}/configure" || { echo "skipped: there is no configure"; exit 77; }
test ! -f "${srcdir:-.}/config.status" || { echo "skipped: the sources have a build in them"; exit 77; }
tmp=$(mktemp -d) || exit 99
trap 'rm -rf "$tmp"' EXIT
PYTHONDONTWRITEBYTECODE=1 python3 "${srcdir:-.}/tests/mutants/gradcheck" --folder "$tmp"
