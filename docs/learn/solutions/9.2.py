# SPDX-License-Identifier: MIT
"""
Exercise 9.2: where the arrays lie.

`buffers` is a list of (size, first, last). Two buffers are alive together if they share a
step; then their memory must not overlap. Place the largest first (of equals the earlier in
the list), each at the lowest offset where it meets no buffer that is already placed and alive
together with it. Return the list of offsets, in the order of `buffers`.
"""


def layout(buffers):
    offsets = [None] * len(buffers)
    placed = []  # (offset, number), in order of offsets
    for i in sorted(range(len(buffers)), key=lambda k: -buffers[k][0]):
        size, first, last = buffers[i]
        offset = 0
        for at, j in placed:
            together = buffers[j][1] <= last and first <= buffers[j][2]
            if not together or at + buffers[j][0] <= offset:
                continue
            if at - offset >= size:
                break  # the gap in front of it is large enough
            offset = at + buffers[j][0]
        offsets[i] = offset
        placed = sorted(placed + [(offset, i)])
    return offsets
