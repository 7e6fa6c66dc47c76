#!/bin/bash
# SPDX-License-Identifier: MIT
# One long run, with kills, signals, stops, full disks and missing memory in turn, each at
# a random moment, and a resume after each. Beside it, a run that nobody disturbs, whose
# memory and open files must stay as they were. In the end both have the same bytes.
#
#   SECONDS_LONG=N   how long the undisturbed run is (an hour); COUNT makes it 10 seconds
. "${srcdir:-.}/tests/campaign/kit.sh"
make_reference
long=${SECONDS_LONG:-${COUNT:+10}}
long=${long:-3600}

# How many epochs fit into that time, by a run of 200.
begin=$(date +%s%N)
run 0 "${train[@]}" --epochs 200 --out timed
epochs=$((long * 200 * 1000 / (($(date +%s%N) - begin) / 1000000) + 1))
train=(train --job job.conf --quiet --epochs "$epochs")

# --- undisturbed ----------------------------------------------------------------------

"$program" "${train[@]}" --out calm >out.calm 2>err.calm </dev/null &
calm=$!
(
    while test -e /proc/$calm/status; do
        memory=$(awk '$1 == "VmRSS:" { print $2 }' /proc/$calm/status)
        echo "${memory:-0} $(ls /proc/$calm/fd 2>/dev/null | wc -l)"
        sleep 1
    done
) >usage &

# --- disturbed ------------------------------------------------------------------------

disturb() {
    random 3
    case $drawn in
    0) kill -KILL $process ;;
    1) kill -TERM $process ;;
    2)
        kill -STOP $process
        sleep 0.1
        kill -CONT $process
        kill -INT $process
        ;;
    esac
}

# known STATUS: a run may end so, by itself or by a signal.
known() {
    case $1 in
    0 | 1 | 3 | 130 | 137 | 143) ;;
    *) return 1 ;;
    esac
}

# A piece of the run may be as long as that, in milliseconds: time for some epochs, and
# hundreds of troubles within an hour.
piece=$((long * 5 + 200))
troubles=0 struck=0
status=1
while test $status -ne 0; do
    random 3
    case $drawn in
    0) limit=(-f $((RANDOM % 200 + 1))) ;;
    1) limit=(-n $((RANDOM % 30 + 5))) ;;
    *) limit=(-n 1024) ;;
    esac
    random 5
    injected=()
    if test $drawn -eq 0; then
        random $((piece * 1000)) # some 1000 allocations a millisecond
        injected=(env "LD_PRELOAD=$inject" "IM2CAT_INJECT=alloc:$drawn")
    fi
    (
        ulimit "${limit[@]}"
        exec "${injected[@]}" "$program" "${train[@]}" --resume --out wild
    ) >out 2>err </dev/null &
    process=$!
    random $piece
    sleep "$(printf '%d.%03d' $((drawn / 1000)) $((drawn % 1000)))"
    kill -0 $process && disturb
    wait $process
    status=$?
    troubles=$((troubles + 1))
    test $status -eq 0 || struck=$((struck + 1))
    verdict "piece $troubles ends with $status" known $status
done 2>/dev/null
wait $calm || fail "the undisturbed run ends with $?"
echo "$epochs epochs in $troubles pieces, of which $struck ended early"
verdict "troubles that struck" test $struck -gt 0
mv calm reference.long && rm -rf reference && mv reference.long reference
verdict "the end of the disturbed run" same_run wild

# Memory and open files of the undisturbed run: its second quarter beside its last. Of
# the files, the fewest of a quarter count, since a file that is being written is open
# only now and then.
quarter() {
    sort -n "$1" | tail -n 1 | cut -d ' ' -f 1
    cut -d ' ' -f 2 "$1" | sort -n | head -n 1
}

flat() {
    local lines
    lines=$(($(wc -l <usage) / 4))
    test $lines -gt 0 || return
    sed -n "$((lines + 1)),$((2 * lines))p" usage >early
    tail -n $((lines + 1)) usage | head -n $lines >late
    set -- $(quarter early) $(quarter late)
    echo "memory $1 KiB and $2 open files, at the end $3 KiB and $4"
    why="memory or descriptors grow"
    test "$3" -le $(($1 * 105 / 100 + 512)) && test "$4" -le "$2"
}
verdict "memory and descriptors" flat
done_with soak
