# SPDX-License-Identifier: MIT
# A control group whose memory is limited, for tests that source this file behind
# program.sh. Most containers let nobody make one.

# memory_group: makes the group, of version 2 or 1, and removes it at the end; false
# where it cannot be made.
memory_group() {
    for group in "/sys/fs/cgroup/im2cat-$$" "/sys/fs/cgroup/memory/im2cat-$$"; do
        mkdir "$group" 2>/dev/null || continue
        for limit in "$group/memory.max" "$group/memory.limit_in_bytes"; do
            if test -w "$limit" && echo 1073741824 2>/dev/null >"$limit"; then
                trap 'rmdir "$group"; chmod -R u+w "$tmp"; rm -rf "$tmp"' EXIT
                return 0
            fi
        done
        rmdir "$group"
    done
    return 1
}

# in_memory_group KIB PROGRAM...: becomes the program, in the group with that limit, so
# that it must be called in a subshell.
in_memory_group() {
    echo $(($1 * 1024)) >"$limit" && sh -c 'echo $PPID' >"$group/cgroup.procs" || exit 77
    shift
    exec "$@"
}
