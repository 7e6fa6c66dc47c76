#!/bin/bash
# SPDX-License-Identifier: MIT
# Signals at random moments of a run, and SIGSTOP with SIGCONT between them. The run
# finishes its step, saves, and ends with exit status 3, or has ended before; a signal
# before main ends the process itself. Resumed, it ends with the bytes of the reference.
. "${srcdir:-.}/tests/campaign/kit.sh"
make_reference
begin=$(date +%s%N)
"$program" "${train[@]}" --out timed >out 2>err </dev/null
micros=$((($(date +%s%N) - begin) / 1000))

struck=0

nap() {
    random "$micros"
    sleep "$(printf '0.%06d' "$drawn")"
}

signalled() {
    rm -rf new
    "$program" "${train[@]}" --out new >out 2>err </dev/null &
    local process=$!
    nap
    test "$2" != stopped || { kill -STOP $process && nap; kill -CONT $process; }
    kill "-$1" $process
    wait $process
    status=$?
    why="exit status $status: $(tail -n 1 err)"
    test $status -eq 0 || struck=$((struck + 1))
    case $status in
    0 | 3) goes_on new ;;
    $((128 + $(kill -l "$1")))) test ! -e new/checkpoint.safetensors && goes_on new ;;
    *) return 1 ;;
    esac 2>>signalled.err
}

for i in $(seq "${COUNT:-200}"); do
    set -- TERM INT HUP
    random 3
    shift $drawn
    random 2
    test $drawn -eq 0 && how=running || how=stopped
    verdict "SIG$1 while $how" signalled "$1" $how
done 2>/dev/null
echo "$struck runs ended by the signal"
verdict "signals that struck" test $struck -gt 0
done_with signals
