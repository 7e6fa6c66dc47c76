# SPDX-License-Identifier: MIT
"""Exercise 9.2: by hand, and every pair of buffers of larger lists."""
from kit import run, same, wrong


def test(exercise):
    same("4@0-2 2@1-3 4@3-5 2@2-4 1@4-5: the list of offsets",
         exercise.layout([(4, 0, 2), (2, 1, 3), (4, 3, 5), (2, 2, 4), (1, 4, 5)]),
         [0, 4, 0, 6, 4])
    same("a gap below another buffer: the list of offsets",
         exercise.layout([(6, 0, 1), (5, 1, 4), (4, 3, 6), (3, 2, 3)]), [0, 6, 0, 11])
    state = 1
    buffers = []
    for _ in range(60):
        numbers = []
        for _ in range(3):
            state = (state * 1103515245 + 12345) % 2 ** 31
            numbers.append(state >> 16)
        buffers.append((numbers[0] % 50 + 1, numbers[1] % 30,
                        numbers[1] % 30 + numbers[2] % 8))
    offsets = exercise.layout(buffers)
    same("60 buffers: the number of offsets", len(offsets), 60)
    order = sorted(range(60), key=lambda k: -buffers[k][0])
    for place, i in enumerate(order):
        size, first, last = buffers[i]
        def free(offset):
            return all(buffers[j][1] > last or first > buffers[j][2] or
                       offsets[j] + buffers[j][0] <= offset or offset + size <= offsets[j]
                       for j in order[:place])
        if not free(offsets[i]):
            wrong(f"60 buffers: number {i} overlaps another that is alive with it")
        lowest = next(o for o in range(10000) if free(o))
        same(f"60 buffers: the offset of number {i}", offsets[i], lowest)


run(test)
