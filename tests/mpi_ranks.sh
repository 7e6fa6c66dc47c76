#!/bin/sh
# SPDX-License-Identifier: MIT
# Training with the ranks of an mpirun: the bytes of one process; stops by signals to
# the launcher; a killed rank and a hanging one; and ranks that do not belong together,
# refused in one line by one rank, before anything is written. mpirun itself prints more
# lines: only im2cat's count.
. "${srcdir:-.}/tests/program.sh"
. "${srcdir:-.}/tests/ranks_kit.sh"
cd "$tmp" || exit 99
find_mpirun
if test -z "$mpi"; then
    echo "skipped: the module im2cat-mpi.so was not built (configure --with-mpi)" >&2
    exit 77
fi
if test -z "$launcher"; then
    echo "skipped: there is no mpirun of $mpi" >&2
    exit 77
fi
# Memory that MPI libraries never free is not ours.
export ASAN_OPTIONS="detect_leaks=0:${ASAN_OPTIONS:-}"
most=3 chosen=5 other=$mpich # 14 pictures by 3 ranks
case $mpi in MPICH*) most=2 chosen=7 other=$openmpi ;; esac # waiting ranks spin
write_jobs 36

# ends STATUS WHAT: the ranks have ended with STATUS.
ends() {
    wait "$first"
    found=$?
    test $found -eq "$1" || fail "$2: mpirun ends with $found, not $1"
}

# --- any number of ranks

run 0 train --job deep.conf --out runs/deep
for count in 1 2 $most; do
    team "$launcher" "$count" --job deep.conf --out "runs/deep$count"
    ends 0 "$count ranks"
    test "$(grep -c '^the run is in ' err)" -eq 1 || fail "$count ranks: not one talks"
    test "$(wc -l <out)" -eq 3 || fail "$count ranks do not print a table of two rows"
    same "runs/deep$count" runs/deep
    rm -r "runs/deep$count"
    test "$count" -lt $most || break
done

# --- wrong starts

# wrong STATUS TEXT: the started ranks end with STATUS and TEXT, and have written
# nothing.
wrong() {
    ends "$1" "$2"
    test "$(grep -c '^im2cat: ' err)" -eq 1 || fail "not one line tells: $2"
    grep '^im2cat: ' err | grep -qF -e "$2" || fail "nobody tells: $2"
    nothing_in new/run
}
mkdir new
team "$launcher" 2 --out new/run --job head.conf --batch 7 --micro-batch 7
wrong 1 '2 ranks need as many micro-batches, but --batch 7 with --micro-batch 7 has 1'
team "$launcher" 2 --out new/run --job head.conf --lr high
wrong 2 '--lr expects'
team "$launcher" 2 --out new/run --job head.conf --data nowhere
wrong 1 'nowhere'
team "$launcher" 2 --out new/run --job nofile.conf
wrong 1 'nofile.conf'
if test -n "$other"; then
    team "$other" 2 --out new/run --job head.conf
    wrong 1 "finds 1: start im2cat with the mpirun of that MPI"
else
    echo "left out: the mpirun of another MPI, which is not here"
fi

# pair COMMAND ARGUMENT...: trains with two ranks, of which the second runs COMMAND in a
# shell, with the arguments.
pair() {
    {
        echo '#!/bin/sh'
        echo 'number=${OMPI_COMM_WORLD_RANK:-$PMI_RANK}'
        echo "program='$program'"
        echo 'test "$number" = 1 || exec "$program" "$@"'
        echo "$1"
    } >rank.sh
    chmod +x rank.sh
    shift
    rank=$tmp/rank.sh
    team "$launcher" 2 --job head.conf --max-steps 1 --out new/run "$@"
    rank=$program
}

# Single quotes keep the text for the ranks' shell.
# shellcheck disable=SC2016
{
    pair 'exec "$program" "$@" --batch 13'
    wrong 1 'this rank has batch = 13, but rank 0 has batch = 14'
    cp "$program" another
    echo x >>another
    pair 'exec ./another "$@"'
    wrong 1 'this rank has program = im2cat '
    rm another

    mkdir -p elsewhere/new
    pair 'cd elsewhere && exec "$program" "$@"'
    wrong 1 'head.conf'
    cp head.conf elsewhere
    pair 'cd elsewhere && exec "$program" "$@"'
    wrong 1 'the folder of new/run, where rank 0 writes, is not visible here'
    pair 'cd elsewhere && exec "$program" "$@"' --out "$tmp/new/run"
    wrong 1 'cannot open the folder toy'
    run 0 toy-pets elsewhere/toy --count 36 --size 40 --seed 8
    pair 'cd elsewhere && exec "$program" "$@"' --out "$tmp/new/run"
    wrong 1 '--data must have the same pictures everywhere'
    rm -r elsewhere

    "$program" --version | grep '^device cpu' >cpu
    if OPENBLAS_CORETYPE=Nehalem "$program" --version | grep -qxF "$(cat cpu)"; then
        echo "left out: another processor, which OPENBLAS_CORETYPE does not play here"
    else
        pair 'OPENBLAS_CORETYPE=Nehalem exec "$program" "$@"'
        wrong 1 '(Nehalem), but rank 0 has device = '
        pair 'OPENBLAS_CORETYPE=Nehalem exec "$program" "$@"' --allow-mixed
        ends 0 --allow-mixed
        rm -r new/run
    fi
}

# --- a stopped run, resumed by other numbers of ranks

grep -v micro-batch head.conf >free.conf
echo 'epochs = 12' >>free.conf

# part STATUS SIGNAL WHO COUNT ARGUMENT...: trains runs/part. After a step, the launcher
# or the rank WHO gets the signal, and the launcher must end with STATUS ("-": any). The
# ranks' last line shows whether the signal came too late, since MPICH's mpirun, after a
# signal to it, may end with 0 whatever the ranks end with. Does nothing after an
# earlier part came too late.
part() {
    status=$1 signal=$2 who=$3 count=$4
    shift 4
    test $late -eq 0 || return
    before=$(rows runs/part)
    team "$launcher" "$count" --job free.conf --out runs/part "$@"
    await_ranks "$first" "$count"
    await_step runs/part "$first" "$before"
    target=$first
    test "$who" = launcher || target=$(echo "$members" | sed -n "$((who + 1))p")
    kill -"$signal" "${target:-$first}" 2>/dev/null
    wait "$first"
    found=$?
    # shellcheck disable=SC2086 # one word a process
    all_gone "$first" $members
    ! grep -q '^the run is in ' err || late=1
    ! grep -q ' no message came for ' err || late=1 # no rank hangs, all are slow
    test $late -eq 1 || test "$status" = - || test $found -eq "$status" ||
        fail "a run of which $who gets SIG$signal ends with $found"
}

# MPICH's mpirun lets the ranks save after SIGTERM. Open MPI's kills them a second
# later, so they may not have saved.
saves=USR1 loses=TERM saved=3
case $mpi in MPICH*) saves=TERM saved=- ;; esac

for try in 1 2 3 4 5; do
    late=0
    rm -rf runs/part
    part $saved $saves launcher $most
    test $late -eq 1 ||
        says err 'im2cat: stopped; to continue: im2cat train --resume --out runs/part' $saves
    part - KILL 1 2 --resume
    part 1 STOP 1 $most --resume --comm-timeout 4
    test $late -eq 1 || {
        test "$(grep -c '^im2cat: rank 1 on ' err)" -eq 1 ||
            fail "not one rank tells of one that hangs"
        says err ' has not answered for 4 seconds (--comm-timeout)' 'a rank that hangs'
    }
    part - $loses launcher $most --resume
    test $late -eq 1 || break
done
test $late -eq 0 || fail "$try runs were too fast or too slow to be stopped"
run 0 train --resume --out runs/part
run 0 train --job free.conf --micro-batch $chosen --out runs/whole
same runs/part runs/whole
finish
