# SPDX-License-Identifier: MIT
"""
Exercise 9.2: where the arrays lie.

`buffers` is a list of (size, first, last). Two buffers are alive together if they share a
step; then their memory must not overlap. Place the largest first (of equals the earlier in
the list), each at the lowest offset where it meets no buffer that is already placed and alive
together with it. Return the list of offsets, in the order of `buffers`.
"""


def layout(buffers):
    return []  # yours
