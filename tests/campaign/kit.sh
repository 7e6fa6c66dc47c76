# SPDX-License-Identifier: MIT
# Functions that the parts of the campaign share; sourced by bash in the build folder.
# A part puts the program into one trouble after the other, and checks after each that
# nothing was lost: the outcome is what it is without the trouble, or exit status 1 with
# one sentence, and a run that is resumed ends with the bytes of one that was never
# disturbed.
#
#   SEED=N    chooses what is random (by default another number each time)
#   COUNT=N   tries N of a part's cases, drawn at random; by default all of them
set -u
. "${srcdir:-.}/tests/program.sh"
tiny_network
# shellcheck disable=SC2034 # parts use it
inject=$built/tests/campaign/inject.so
if test -n "${SANITIZERS:-}"; then
    echo "skipped: the sanitizers replace the allocator, and the program is many times slower"
    exit 77
fi
seed=${SEED:-$(date +%s)}
RANDOM=$((seed % 32768))
tried=0
export OPENBLAS_NUM_THREADS=1
unset MLFLOW_TRACKING_URI
exec 3>&2 # for verdicts, also where the shell's own messages are left out
cd "$tmp" || exit 99
: >usual.err

# The job of most parts: two epochs of two steps, with all that a run writes, and its
# outcome without any trouble.
train=(train --job job.conf --quiet)
cat >job.conf <<'END'
data = toy
arch = tiny
size = 32
batch = 4
threads = 1
workers = 1
epochs = 2
checkpoint-every = 1
ema = 0.9
END

# random LIMIT: sets $drawn to a number from 0 to LIMIT - 1.
random() {
    drawn=$(((RANDOM * 32768 + RANDOM) % $1))
}

# draw: takes the lines of `cases`, all of them or COUNT drawn at random, into `drawn`.
# (A loop that reads from a process would keep a child for hours; bash once waited for the
# wrong one when process numbers came round.)
draw() {
    if test -z "${COUNT:-}"; then
        cp cases drawn
    else
        awk -v seed="$seed" 'BEGIN { srand(seed) } { print rand() "\t" $0 }' cases |
            sort -n | head -n "$COUNT" | cut -f 2- >drawn
    fi
}

# make_half: half/, a run that was killed behind its second step.
make_half() {
    command -v strace >/dev/null || { echo "skipped: needs strace"; exit 77; }
    {
        strace -f -qq -o trace -e trace=fsync -e inject=fsync:signal=KILL:when=12 \
            "$program" "${train[@]}" --out half >out 2>err </dev/null
    } 2>/dev/null # the shell's "Killed"
    test -s half/checkpoint.safetensors && test ! -e half/report.html ||
        { echo "the half run is not half"; exit 99; }
}

# watch_out PROGRAM...: runs it, at most for 30 seconds; then it hangs, and is killed.
watch_out() {
    timeout -s KILL 30 "$@" >out 2>err </dev/null
    status=$?
}

make_reference() {
    run 0 toy-pets toy --count 12 --size 32 --seed 7
    run 0 "${train[@]}" --out reference
}

# same_run FOLDER: it has the files of the reference, except for times and job.conf.
same_run() {
    local file
    for file in model.safetensors best.safetensors steps.csv split.txt; do
        cmp -s "reference/$file" "$1/$file" || { why="another $file"; return 1; }
    done
    cmp -s <(cut -d , -f 1-6 reference/metrics.csv) <(cut -d , -f 1-6 "$1/metrics.csv") ||
        { why="another metrics.csv"; return 1; }
    no_leftovers "$1"
}

# no_leftovers FOLDER: no half-written file is there.
no_leftovers() {
    local leftover
    leftover=$(find "$1" -name '*.tmp-*' 2>/dev/null | head -n 1)
    why="$leftover is left"
    test -z "$leftover"
}

# ends_well FOLDER: after a trouble, the run there has ended with the bytes of the
# reference, or with one sentence and exit status 1; then it goes on.
ends_well() {
    why="exit status $status: $(tail -n 1 err)"
    case $status in
    0) same_run "$1" ;;
    1) one_sentence && goes_on "$1" ;;
    *) return 1 ;;
    esac
}

# goes_on FOLDER: the run there is resumed, or begun where nothing of it is left, and
# ends like the reference.
goes_on() {
    "$program" "${train[@]}" --out "$1" --resume >out 2>err </dev/null ||
        { why="cannot be resumed: $(tail -n 1 err)"; return 1; }
    same_run "$1"
}

# one_sentence: the program said why it ended, in one line of its own, or of libgomp,
# which ends a process itself. Lines that it prints without any trouble, in usual.err,
# do not count.
one_sentence() {
    test "$(grep -vxFf usual.err err | grep -cE '^(im2cat|libgomp): ')" -eq 1
    local one=$?
    why="not one sentence: $(tail -n 1 err)"
    return $one
}

# verdict WHAT COMMAND...: counts a point as tried, and as failed unless COMMAND holds.
verdict() {
    local what=$1
    shift
    tried=$((tried + 1))
    why=
    "$@" || { failures=$((failures + 1)); echo "FAIL: $what: $why" >&3; }
}

# done_with PART: the result of the part.
done_with() {
    echo "$1: $tried tried, $((tried - failures)) passed, $failures failed, seed $seed"
    test "$tried" -gt 0 || { echo "nothing was tried" >&2; exit 99; }
    finish
}
