#!/bin/sh
# SPDX-License-Identifier: MIT
# Random ends: four ranks (two of MPICH, whose ranks use a core each while they wait)
# train a job. At some moment one rank gets SIGKILL, or the launcher SIGTERM or SIGUSR1.
# The run is resumed with another number of ranks, which may end in the same way. In the
# end all files are those of an undisturbed single process.
#
# ROUNDS is their number (10), SEED chooses them, LAUNCHERS is a list of "local" and
# "mpi" (both, where the module for MPI is built).
. "${srcdir:-.}/tests/program.sh"
. "${srcdir:-.}/tests/ranks_kit.sh"
rounds=${ROUNDS:-10} seed=${SEED:-$(date +%s)}
echo "ROUNDS=$rounds SEED=$seed"
cd "$tmp" || exit 99
write_jobs 72
find_mpirun
launchers=${LAUNCHERS:-local${launcher:+ mpi}}
most=4
case $mpi in MPICH*) most=2 ;; esac

# Besides the two jobs with all features of a fine-tuning: five micro-batches instead of
# three, four that the ranks choose themselves, and sums in bf16.
sed -i 's/^micro-batch.*/micro-batch = 3/' head.conf
cat >free.conf <<OF_FREE
data = toy
arch = resnet18
conv = im2col
size = 32
batch = 14
epochs = 2
ema = 0.9
cutmix = 1
clip-norm = 0.5
OF_FREE
sed -e 's/^mixup.*/precision = bf16/' -e 's/^freeze.*/freeze-epochs = 0/' \
    -e '/^max-rotate/d' \
    -e 's/^augment.*/augment = flip/' deep.conf >bf16.conf
echo 'epochs = 2' >>bf16.conf
test $most -eq 4 && chosen=4 || chosen=7

# random COUNT: sets $drawn to a number from 0 to COUNT - 1.
random() {
    seed=$(((seed * 1103515245 + 12345) % 2147483648))
    drawn=$((seed / 1024 % $1))
}

# pick WORD...: sets $picked to a random word.
pick() {
    random $#
    shift "$drawn"
    picked=$1
}

# single JOB: trains it in one process, once.
single() {
    test ! -e "runs/$1" || return 0
    set -- --job "$1.conf" --out "runs/$1"
    test "$job" != free || set -- "$@" --micro-batch "$chosen"
    run 0 train "$@"
}

# go_on LAUNCHER COUNT: starts the ranks, as `team` does. A run that had not begun has
# no micro-batch to keep either.
go_on() {
    test -e runs/hit/job.conf || set -- "$1" $most
    pick 0 1 2 100
    team "$1" "$2" --job "$job.conf" --resume --out runs/hit --checkpoint-every "$picked"
}

# hit: ends the run at random, up to a fifth of a second after the start or one of the
# steps.
hit() {
    before=$(rows runs/hit)
    random $(($(rows "runs/$job") - before + 1))
    test "$drawn" -eq 0 || await_step runs/hit "$first" $((before + drawn - 1))
    random 200
    sleep "$(printf '0.%03d' "$drawn")"
    pick KILL TERM USR1
    signal=$picked target=$first who=launcher
    members=$(ranks_of "$first")
    if test "$signal" = KILL; then
        random "$(echo "$members" | wc -l)"
        who="rank $drawn"
        target=$(echo "$members" | sed -n "$((drawn + 1))p")
    fi
    kill -"$signal" "${target:-$first}" 2>/dev/null
    wait "$first"
    found=$?
    # shellcheck disable=SC2086
    all_gone $first $members
    story="$story, SIG$signal to $who after $(rows runs/hit) steps: $found"
    test $found -eq 0 || hits=$((hits + 1))
    test -z "$(find runs -maxdepth 1 -name '.im2cat-ranks*')" ||
        { rm -f runs/.im2cat-ranks*; story="$story (a file of the ranks is left)"; }
}

round=0 hits=0
while test $round -lt "$rounds"; do
    round=$((round + 1))
    known=$failures
    rm -rf runs/hit
    pick deep head free bf16
    job=$picked
    # shellcheck disable=SC2086 # a list
    pick $launchers
    by=$picked
    story="$job, $by"
    test "$by" = local || by=$launcher
    single "$job"
    go_on "$by" $most
    hit
    while random 3 && test $drawn -eq 0; do
        pick 1 2 3
        count=$((picked < most ? picked : most))
        story="$story; $count ranks"
        go_on "$by" "$count"
        hit
    done
    pick 1 2 3
    count=$((picked < most ? picked : most))
    story="$story; $count ranks to the end"
    go_on "$by" "$count"
    wait "$first"
    found=$?
    test $found -eq 0 || fail "the run does not go on: $found"
    same runs/hit "runs/$job"
    test "$failures" -eq "$known" || fail "round $round of SEED: $story"
    echo "$round: $story"
done
echo "$rounds rounds, $hits ends before the end"
finish
