#!/bin/sh
# SPDX-License-Identifier: MIT
# Each mutant of tests/mutants/ still applies: its line is in its file exactly once, and
# its tests are there. `make mutants` tries them.
command -v python3 >/dev/null || { echo "needs python3"; exit 77; }
PYTHONDONTWRITEBYTECODE=1 exec python3 "${srcdir:-.}/tests/mutants/run" --check
