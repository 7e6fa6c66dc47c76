#!/bin/bash
# SPDX-License-Identifier: MIT
# The clock is set, by an hour or ten years, forward and back, at each reading in turn. A run ends with the bytes of the reference.
. "${srcdir:-.}/tests/campaign/kit.sh"
make_reference
LD_PRELOAD=$inject "$program" --version >out 2>err && ! grep -q preload err ||
    { echo "skipped: needs glibc, whose clock can be replaced"; exit 77; }

with() {
    rm -rf new
    watch_out env LD_PRELOAD="$inject" IM2CAT_INJECT="$1" IM2CAT_INJECT_COUNT="$tmp/count" \
        "$program" "${train[@]}" --out new
    why="exit status $status: $(tail -n 1 err)"
    test $status -eq 0 && same_run new
}

verdict "the clock as it is" with clock:0:0
for n in $(seq 1 "$(cat count)"); do
    for seconds in 3600 -3600 315360000 -315360000; do
        echo "clock:$n:$seconds"
    done
done >cases
draw
while read -r order; do
    verdict "$order" with "$order"
done <drawn
done_with clock
