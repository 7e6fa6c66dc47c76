#!/bin/bash
# SPDX-License-Identifier: MIT
# SIGKILL at each system call that changes a file, and at random moments. The run is
# resumed, may be killed again, and ends with the bytes of one that never was.
. "${srcdir:-.}/tests/campaign/kit.sh"
make_reference

# --- at each call that changes a file -------------------------------------------------

changing="openat write fsync rename ftruncate mkdir close unlink"
if command -v strace >/dev/null && strace -o /dev/null true 2>/dev/null; then
    strace -f -qq -o trace -e "trace=${changing// /,}" "$program" "${train[@]}" \
        --out counted >out 2>err </dev/null
    for call in $changing; do
        seq 1 "$(grep -cE "^[0-9]+ +$call\(" trace)" | sed "s/^/$call /"
    done >cases
    draw
    while read -r call n; do
        rm -rf new
        strace -f -qq -o trace -e "trace=$call" -e "inject=$call:signal=KILL:when=$n" \
            "$program" "${train[@]}" --out new >out 2>err </dev/null
        verdict "SIGKILL at $call $n" goes_on new
    done <drawn 2>/dev/null # the shell's "Killed"
else
    echo "without strace: only at random moments"
fi

# --- at random ------------------------------------------------------------------------

# As many kills as COUNT, or 10,000, each within the time of an undisturbed run. One run
# in eight is let to its end after a kill.
begin=$(date +%s%N)
"$program" "${train[@]}" --out timed >out 2>err </dev/null
micros=$((($(date +%s%N) - begin) / 1000))
kills=0 runs=0 struck=0
while test $kills -lt "${COUNT:-10000}"; do
    "$program" "${train[@]}" --out new --resume >out 2>err </dev/null &
    process=$!
    random "$micros"
    sleep "$(printf '0.%06d' "$drawn")"
    kill -KILL $process && kills=$((kills + 1))
    wait $process
    ended=$?
    test $ended -ne 137 || struck=$((struck + 1))
    random 8
    if test $ended -eq 0 || test "$drawn" -eq 0 || test $kills -eq "${COUNT:-10000}"; then
        verdict "after $kills random kills" goes_on new
        runs=$((runs + 1))
        rm -rf new
    fi
done 2>/dev/null
echo "$kills random kills of $runs runs, of which $struck struck"
verdict "kills that struck" test $struck -gt 0
done_with kills
