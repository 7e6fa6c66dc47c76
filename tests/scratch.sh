#!/bin/sh
# SPDX-License-Identifier: MIT
# Prints the parent folder for the tests' temporary folders: $TMPDIR where it is set;
# else memory, where there is plenty and it may hold programs, because the tests write
# gigabytes of checkpoints, each flushed to the disk; else /tmp.

# plenty: 8 GiB free in /dev/shm, and 12 GiB of memory.
plenty() {
    free=$(df -Pk /dev/shm 2>/dev/null | awk 'NR == 2 { print $4 }')
    memory=$(awk '$1 == "MemAvailable:" { print $2 }' /proc/meminfo 2>/dev/null)
    test "${free:-0}" -ge 8388608 && test "${memory:-0}" -ge 12582912
}

# runs_programs: /dev/shm is not mounted with noexec.
runs_programs() {
    probe=$(mktemp /dev/shm/im2cat-XXXXXX 2>/dev/null) || return
    printf '#!/bin/sh\n' >"$probe"
    chmod +x "$probe"
    "$probe" 2>/dev/null
    found=$?
    rm "$probe"
    return $found
}

if test -n "${TMPDIR:-}"; then
    echo "$TMPDIR"
elif plenty && runs_programs; then
    echo /dev/shm
else
    echo /tmp
fi
