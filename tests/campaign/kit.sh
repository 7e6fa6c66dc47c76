# SPDX-License-Identifier: MIT
# Functions that the parts of the campaign share; sourced by bash in the build folder.
# A part puts the program into one trouble after the other, and checks after each that
# nothing was lost: the outcome is what it is without the trouble, or exit status 1 with
# one sentence, and a run that is resumed ends with the bytes of one that was never
# disturbed.
#
#   SEED=N    chooses what is random (by default another number each time)
#   COUNT=N   tries N of a part's points, drawn at random; by default all of them
. "${srcdir:-.}/tests/program.sh"
program=$(pwd)/tests/campaign/im2cat-tiny
# shellcheck disable=SC2034 # parts use it
inject=$(pwd)/tests/campaign/inject.so
test -x "$program" || { echo "$program is not built (make campaign builds it)" >&2; exit 99; }
if test -n "${SANITIZERS:-}"; then
    echo "skipped: the sanitizers replace the allocator, and the program is many times slower"
    exit 77
fi
seed=${SEED:-$(date +%s)}
RANDOM=$((seed % 32768))
tried=0
export OPENBLAS_NUM_THREADS=1
unset MLFLOW_TRACKING_URI
cd "$tmp" || exit 99
: >usual.err

# The job of most parts: two epochs of two steps, with all that a run writes, and its
# outcome without any trouble.
job=(--data toy --arch tiny --size 32 --batch 4 --threads 1 --workers 1)
train=(train "${job[@]}" --epochs 2 --checkpoint-every 1 --ema 0.9 --quiet)

# draw LIMIT: sets $drawn to a number from 0 to LIMIT - 1.
draw() {
    drawn=$(((RANDOM * 32768 + RANDOM) % $1))
}

# points TOTAL: prints the points to try, all from 1 to TOTAL, or COUNT of them.
points() {
    local i
    if test -z "${COUNT:-}" || test "$COUNT" -ge "$1"; then
        seq 1 "$1"
    else
        for ((i = 0; i < COUNT; i++)); do
            draw "$1"
            echo $((drawn + 1))
        done
    fi
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
    "$@" || { failures=$((failures + 1)); echo "FAIL: $what: $why" >&2; }
}

# done_with PART: the result of the part.
done_with() {
    echo "$1: $tried tried, $((tried - failures)) passed, $failures failed, seed $seed"
    test "$tried" -gt 0 || { echo "nothing was tried" >&2; exit 99; }
    finish
}
