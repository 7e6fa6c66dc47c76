#!/bin/sh
# SPDX-License-Identifier: MIT
# The symbols that the library's object files use and define: the library does not
# print, does not end the process, and every name that the linker sees starts with ic_.
set -u
library=libim2cat.a
status=0

test -f $library || { echo "$library is not in $(pwd)" >&2; exit 99; }
names=$(${NM:-nm} $library) || exit 99
test -n "$names" || { echo "$library has no symbols" >&2; exit 99; }

# Standard streams, functions that write to them, and functions that end the process.
# __assert_fail is allowed: a failed assertion is a bug of ours.
forbidden='stdin|stdout|stderr
|printf|vprintf|__printf_chk|__vprintf_chk|puts|putchar|putchar_unlocked|perror|psignal
|getchar|gets|scanf|vscanf|__isoc99_scanf
|err|errx|verr|verrx|warn|warnx|vwarn|vwarnx|error|error_at_line
|exit|_exit|_Exit|quick_exit|abort|__builtin_trap'
forbidden=$(echo "$forbidden" | tr -d '\n')

found=$(echo "$names" | awk '/^[^ ]*\.o:$/ { object = $0 } $1 == "U" { print object, $2 }' |
    grep -E " ($forbidden)(@.*)?$")
if test -n "$found"; then
    echo "The library must leave this to the program:" >&2
    echo "$found" >&2
    status=1
fi

# Capital letters are global, and so may i be (a function that is chosen when the
# program is loaded), hence -g. Names that start with two underscores are the compiler's
# own (the sanitizers', for instance).
found=$(${NM:-nm} -g $library |
    awk '/^[^ ]*\.o:$/ { object = $0 } NF == 3 && $2 ~ /^[A-TV-Zi]$/ { print object, $3 }' |
    grep -Ev ' (ic_|__)')
if test -n "$found"; then
    echo "Global names that do not start with ic_:" >&2
    echo "$found" >&2
    status=1
fi
exit $status
