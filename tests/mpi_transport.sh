#!/bin/sh
# SPDX-License-Identifier: MIT
# The module im2cat-mpi.so under mpirun: tests/test_mpi_transport with 1, 2 and 3 ranks,
# a rank that ends all, and the mpirun of another MPI. The module exports one symbol,
# and only the module is linked to MPI.
. "${srcdir:-.}/tests/program.sh"
. "${srcdir:-.}/tests/ranks_kit.sh"
ranks=$(pwd)/tests/test_mpi_transport
module=$IM2CAT_MODULES/im2cat-mpi.so

ldd "$program" >"$tmp/libraries" || exit 99
! grep -E 'libmpi|libmpich|libopen-rte' "$tmp/libraries" >&2 ||
    fail "the program is linked to MPI"
if test ! -e "$module"; then
    test $failures -eq 0 || finish
    echo "skipped: the module im2cat-mpi.so was not built (configure --with-mpi)" >&2
    exit 77
fi
names=$(${NM:-nm} -D --defined-only "$module" | awk '{ print $NF }')
test "$names" = ic_transport_module || fail "the module exports: $names"

find_mpirun

# start LAUNCHER COUNT [TASK]: sets $found to the exit status.
start() {
    launcher=$1 count=$2
    shift 2
    if test "$launcher" = "$openmpi"; then
        set -- --allow-run-as-root --oversubscribe --bind-to none -n "$count" "$ranks" "$@"
    else
        set -- -n "$count" "$ranks" "$@"
    fi
    timeout 600 "$launcher" "$@" >"$tmp/out" 2>"$tmp/err" </dev/null
    found=$?
}

mpi=$("$ranks" describe) || fail "one rank without mpirun ends with $?"
case $mpi in
"Open MPI "[0-9]*.[0-9]*.[0-9]*) own=$openmpi other=$mpich ;;
"MPICH "[0-9]*.[0-9]*) own=$mpich other=$openmpi ;;
*)
    echo "skipped: what starts a program of $mpi is not known here" >&2
    exit 77
    ;;
esac
if test -z "$own"; then
    echo "skipped: there is no mpirun of $mpi" >&2
    exit 77
fi

for count in 1 2 3; do
    start "$own" $count
    test $found -eq 0 || fail "$count ranks of $mpi end with $found"
    grep -qxF "$mpi: $count ranks" "$tmp/out" || fail "$mpi does not find $count ranks"
done

start "$own" 2 abandon
test $found -eq 3 || fail "2 ranks of $mpi, of which one ends all with 3, end with $found"

if test -n "$other"; then
    start "$other" 3
    test $found -eq 1 || fail "3 ranks of $mpi under $other end with $found"
    grep '^test_mpi_transport: ' "$tmp/err" >"$tmp/lines"
    test "$(wc -l <"$tmp/lines")" -eq 1 || fail "not one rank tells of $other"
    grep -q "has started 3 ranks, but $mpi, .* finds 1: start" "$tmp/lines" ||
        fail "what is told of $other"
else
    echo "left out: the mpirun of another MPI, which is not here"
fi
finish
