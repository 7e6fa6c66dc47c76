#!/bin/sh
# SPDX-License-Identifier: MIT
# deploy/mpirun-wrapper with each installed mpirun: after a stop signal the ranks can
# save, for longer than the second that Open MPI's mpirun gives, and the wrapper exits
# with their status. The ranks are shell scripts and need no MPI.
source=$(cd "${srcdir:-.}" && pwd)
wrapper=$source/deploy/mpirun-wrapper
test -x "$wrapper" || { echo "$wrapper is not there" >&2; exit 99; }
tmp=$(mktemp -d) || exit 99
pid=
trap 'test -z "$pid" || kill -9 "$pid" 2> /dev/null; rm -rf "$tmp"' EXIT
trap 'exit 99' HUP INT TERM
cd "$tmp" || exit 99
failures=0

fail() {
    failures=$((failures + 1))
    echo "FAIL: $MPIRUN: $*" >&2
    head -n 20 "$tmp/log" >&2
}

# A rank: it reports that it has begun, and takes two seconds to save. It ends when both
# ranks have saved, like the ranks of a training, and after half a minute in any case.
cat > rank.sh << 'END'
rank=${OMPI_COMM_WORLD_RANK:-${PMI_RANK:?}}
stop() {
    trap '' USR1
    sleep 2
    : > saved.$rank
    while ! test -e saved.0 || ! test -e saved.1; do sleep 0.1; done
    exit 3
}
trap stop USR1
trap '' INT
: > begun.$rank
i=0
while test $i -lt 300; do i=$((i + 1)); sleep 0.1; done
END

# statuses STATUS COMMAND...: the wrapper's status where both ranks run the command.
statuses() {
    expected=$1
    shift
    # shellcheck disable=SC2086 # options are words
    "$wrapper" $options -np 2 "$@" > log 2>&1 < /dev/null
    found=$?
    test $found -eq "$expected" || fail "$*: status $found, not $expected"
}

# A shell's background command ignores SIGINT, unless told otherwise.
heed_int=
env --default-signal=INT true 2> /dev/null && heed_int="env --default-signal=INT"

# stopped SIGNAL: both ranks save, and the wrapper's status is 3.
stopped() {
    rm -f begun.* saved.*
    # shellcheck disable=SC2086
    $heed_int "$wrapper" $options -np 2 sh rank.sh > log 2>&1 < /dev/null &
    pid=$!
    i=0
    while ! test -e begun.0 || ! test -e begun.1; do
        i=$((i + 1))
        test $i -lt 600 || { fail "the ranks have not begun after a minute"; return; }
        sleep 0.1
    done
    kill -s "$1" $pid
    wait $pid
    found=$?
    pid=
    test $found -eq 3 || fail "$1: status $found, not 3"
    for rank in 0 1; do
        test -e saved.$rank || fail "$1: rank $rank has not saved"
    done
}

# For a test, running as root and with two cores is fine.
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
tried=
for MPIRUN in mpirun.openmpi mpirun.mpich; do
    command -v $MPIRUN > /dev/null || continue
    export MPIRUN
    tried=yes
    options=
    test $MPIRUN = mpirun.mpich || options="--oversubscribe --bind-to none"
    statuses 0 true
    statuses 1 sh -c 'exit 1'
    statuses 2 sh -c 'exit 2'
    # shellcheck disable=SC2016 # the rank's shell replaces it
    statuses 1 sh -c 'kill -KILL $$'
    grep -q "mpirun-wrapper: $MPIRUN ended with status" log || fail "a status without a line"
    stopped TERM
done
MPIRUN=$tmp/none statuses 1 true
grep -q "there is no $tmp/none" log || fail "a missing mpirun is not named"
test -n "$tried" || { echo "skipped: needs mpirun.openmpi or mpirun.mpich"; exit 77; }

# An mpirun that ends with 0 after a stop, whatever the ranks end with, as MPICH's may.
cat > careless << 'END'
#!/bin/sh
shift 2
trap 'kill -USR1 $first $second' USR1
PMI_RANK=0 "$@" &
first=$!
PMI_RANK=1 "$@" &
second=$!
while kill -0 $first || kill -0 $second; do wait; done 2> /dev/null
exit 0
END
chmod +x careless
MPIRUN=$tmp/careless
options=
stopped TERM

if command -v mpirun.openmpi > /dev/null && test -n "$heed_int"; then
    MPIRUN=mpirun.openmpi
    options="--oversubscribe --bind-to none"
    stopped INT
fi

test $failures -eq 0 || { echo "$failures failures" >&2; exit 1; }
