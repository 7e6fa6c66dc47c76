# SPDX-License-Identifier: MIT
# Functions that tests of several ranks share; sourced after program.sh, in $tmp.

# write_jobs COUNT: makes COUNT pictures, and two jobs whose batches are divided into
# five and three micro-batches. deep.conf uses most features of a step; head.conf first
# trains the head on features.
write_jobs() {
    run 0 toy-pets toy --count "$1" --size 40 --seed 7
    cat >deep.conf <<OF_DEEP
data = toy
arch = resnet18
head = fastai
recipe = fine-tune
freeze = bn
conv = im2col
size = 32
batch = 14
micro-batch = 3
mixup = 0.4
ema = 0.9
clip-norm = 1
label-smoothing = 0.1
augment = fastai
max-rotate = 20
p-erase = 0.5
sampling = balanced
patience = 1
OF_DEEP
    cat >head.conf <<OF_HEAD
data = toy
arch = resnet18
head = fastai
recipe = fine-tune
freeze = bn
freeze-epochs = 2
resize = squish
size = 32
batch = 14
micro-batch = 5
optimizer = sgd
class-weights = balanced
OF_HEAD
}

# without_times FOLDER: metrics.csv without the columns seconds and images_per_second.
without_times() {
    cut -d , -f 1-6 "$1/metrics.csv"
}

# same RUN OTHER: both runs left the same files, except for times and job.conf.
same() {
    for file in model.safetensors best.safetensors steps.csv split.txt first-batch.svg; do
        cmp -s "$1/$file" "$2/$file" || fail "$file of $1 is not that of $2"
    done
    without_times "$1" >metrics.one
    without_times "$2" >metrics.other
    cmp -s metrics.one metrics.other || fail "metrics.csv of $1 is not that of $2"
    ls "$1" >files.one
    ls "$2" >files.other
    cmp -s files.one files.other || fail "$1 has other files than $2"
}

# one_line TEXT WHAT: one rank has printed TEXT, once, and as the last line.
one_line() {
    test "$(grep -cF -e "$1" err)" -eq 1 || fail "$2: not told once: $1"
    tail -n 1 err | grep '^im2cat: ' | grep -qF -e "$1" || fail "$2: not the end: $1"
}

# nothing_in FOLDER: the run folder does not exist, nor a file of the ranks beside it.
nothing_in() {
    test ! -e "$1" || fail "$1 is written"
    test -z "$(find "$(dirname "$1")" -maxdepth 1 -name '.im2cat-ranks*')" ||
        fail "a file of the ranks is left beside $1"
}

# rows FOLDER: the number of steps in its steps.csv, or 0.
rows() {
    cat "$1/steps.csv" 2>/dev/null | grep -c '^[0-9]' || :
}

# await_step FOLDER PROCESS COUNT: waits until there are more steps than COUNT, or the
# process has ended.
await_step() {
    while test "$(rows "$1")" -le "$3" && kill -0 "$2" 2>/dev/null; do sleep 0.02; done
}

# ranks_of PROCESS: the im2cat processes among PROCESS and its descendants, in order:
# with local ranks the first is the process itself.
ranks_of() {
    cat /proc/[0-9]*/stat 2>/dev/null |
        sed 's/^\([0-9]*\) (\(.*\)) [A-Za-z] \([0-9]*\) .*/\1 \3 \2/' |
        awk -v root="$1" '
            { parent[$1] = $2 }
            $3 == "im2cat" { ours[$1] = 1 }
            END {
                for (process in ours) {
                    for (p = process; p in parent && p != root; p = parent[p]);
                    if (p == root) print process
                }
            }' | sort -n
}

# await_ranks PROCESS COUNT: waits until the process has started COUNT ranks, or has
# ended, and sets $members to them. They are found before the step that a test waits
# for, because steps of small pictures take a few milliseconds.
await_ranks() {
    members=$(ranks_of "$1")
    while test "$(echo "$members" | wc -l)" -lt "$2" && kill -0 "$1" 2>/dev/null; do
        sleep 0.02
        members=$(ranks_of "$1")
    done
}

# all_gone PROCESS...: the processes end within a minute.
all_gone() {
    for process; do
        waited=0
        while kill -0 "$process" 2>/dev/null && test $waited -lt 600; do
            sleep 0.1
            waited=$((waited + 1))
        done
        test $waited -lt 600 || fail "the process $process is left"
    done
}

# find_mpirun: sets $mpi to the MPI of the module ("Open MPI 4.1.4", empty without a
# module), $openmpi and $mpich to their mpirun, and $launcher to the module's.
find_mpirun() {
    mpi=$("$program" --version |
        sed -n 's/^MPI  *\(Open MPI [0-9].*\|MPICH [0-9].*\)/\1/p')
    openmpi=$(mpirun_of 'Open MPI' mpirun.openmpi mpirun)
    mpich=$(mpirun_of HYDRA mpirun.mpich mpirun)
    case $mpi in
    'Open MPI'*) launcher=$openmpi ;;
    MPICH*) launcher=$mpich ;;
    *) launcher= ;;
    esac
}

# mpirun_of WORD NAME...: the first mpirun whose --version contains the word.
mpirun_of() {
    word=$1
    shift
    for name; do
        if "$name" --version 2>/dev/null | grep -q "$word"; then
            echo "$name"
            return
        fi
    done
}

# team LAUNCHER COUNT ARGUMENT...: starts COUNT ranks that train, in the background, as
# $first: "local" ones, or by an mpirun; they run $rank, which is im2cat.
rank=$program
team() {
    by=$1 count=$2
    shift 2
    case $by in
    local) set -- "$program" train --distributed local --ranks "$count" "$@" ;;
    "$openmpi")
        set -- "$by" --allow-run-as-root --oversubscribe --bind-to none -n "$count" \
            "$rank" train --distributed mpi "$@"
        ;;
    *) set -- "$by" -n "$count" "$rank" train --distributed mpi "$@" ;;
    esac
    "$@" >out 2>err </dev/null &
    first=$!
}
