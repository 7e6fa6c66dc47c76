#!/bin/sh
# SPDX-License-Identifier: MIT
# Each mutant of tests/mutants/ still applies: its line is in its file exactly once, and
# its tests are there. `make mutants` tries them; tests/gradcheck_mutants.sh tries those of
# gradcheck.list.
command -v python3 >/dev/null || { echo "needs python3"; exit 77; }
export PYTHONDONTWRITEBYTECODE=1
mutants=${srcdir:-.}/tests/mutants
python3 "$mutants/run" --check && exec python3 "$mutants/gradcheck" --check
