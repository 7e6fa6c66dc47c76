#!/bin/sh
# SPDX-License-Identifier: MIT
# Builds libFuzzer's programs for the readers (tests/fuzz/) and runs each briefly, from
# its own seeds and with the same random numbers every time: enough to see that they
# work and that no reader has broken. docs/building.md has the long runs.
set -u
clang=${FUZZ_CLANG:-clang}
tmp=$(mktemp -d) || exit 99
trap 'rm -rf "$tmp"' EXIT
trap 'exit 99' HUP INT TERM
status=0

skip() {
    echo "skipped: $*; install it by: apt-get install clang libclang-rt-dev"
    exit 77
}

test -z "${SANITIZERS:-}" ||
    { echo "skipped: these programs bring their own sanitizers, in any build"; exit 77; }
command -v "$clang" >/dev/null || skip "there is no $clang"
cat >"$tmp/empty.c" <<'END'
#include <stddef.h>
int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t size) { return 0; }
END
"$clang" -fsanitize=fuzzer,address,undefined -o "$tmp/empty" "$tmp/empty.c" \
    >"$tmp/log" 2>&1 || skip "$clang has no libFuzzer"

# The outer make's settings must not reach this one.
unset MAKEFLAGS MFLAGS MAKELEVEL ASAN_OPTIONS
make -j "$(nproc)" FUZZ_CLANG="$clang" fuzz >"$tmp/log" 2>&1 ||
    { cat "$tmp/log"; exit 1; }

for program in tests/fuzz/fuzz_*; do
    test -x "$program" || continue
    name=$(basename "$program")
    mkdir "$tmp/$name"
    "$program" --seeds="$tmp/$name" || { echo "$name makes no seeds"; exit 1; }
    if "$program" -seed=1 -runs=10000 -timeout=10 -rss_limit_mb=512 \
        -artifact_prefix="$tmp/" "$tmp/$name" >"$tmp/log" 2>&1; then
        echo "$name: $(grep DONE "$tmp/log")"
    else
        status=1
        cat "$tmp/log"
        echo "FAIL: $name; the input, in base 64, is:"
        cat "$tmp"/crash-* "$tmp"/oom-* "$tmp"/timeout-* "$tmp"/leak-* 2>/dev/null |
            base64
    fi
done
exit $status
