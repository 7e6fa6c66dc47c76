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
    draw 3
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

troubles=0
status=1
while test $status -ne 0; do
    draw 3
    case $drawn in
    0) limit=(-f $((RANDOM % 200 + 1))) ;;
    1) limit=(-n $((RANDOM % 30 + 5))) ;;
    *) limit=(-n 1024) ;;
    esac
    draw 5
    injected=()
    test $drawn -ne 0 || injected=(env "LD_PRELOAD=$inject" "IM2CAT_INJECT=alloc:$RANDOM$RANDOM")
    (
        ulimit "${limit[@]}"
        exec "${injected[@]}" "$program" "${train[@]}" --resume --out wild
    ) >out 2>err </dev/null &
    process=$!
    draw $((long * 20))
    sleep "$(printf '%d.%03d' $((drawn / 1000)) $((drawn % 1000)))"
    kill -0 $process && disturb
    wait $process
    status=$?
    troubles=$((troubles + 1))
    case $status in
    0 | 1 | 3 | 130 | 137 | 143) tried=$((tried + 1)) ;;
    *) fail "exit status $status after trouble $troubles" ;;
    esac
done 2>/dev/null
wait $calm || fail "the undisturbed run ends with $?"
echo "$epochs epochs, $troubles troubles"
mv calm reference.long && rm -rf reference && mv reference.long reference
verdict "the end of the disturbed run" same_run wild

# Memory and open files of the undisturbed run: its second quarter beside its last.
flat() {
    local quarter
    quarter=$(($(wc -l <usage) / 4))
    test $quarter -gt 0 || return
    sed -n "$((quarter + 1)),$((2 * quarter))p" usage | sort -n | tail -n 1 >early
    tail -n $((quarter + 1)) usage | head -n $quarter | sort -n | tail -n 1 >late
    echo "memory in KiB and open files: $(cat early), at the end $(cat late)"
    why="memory or descriptors grow"
    awk 'NR == 1 { m = $1; f = $2 } NR == 2 { exit !($1 <= m * 1.05 + 512 && $2 <= f) }' \
        early late
}
verdict "memory and descriptors" flat
done_with soak
