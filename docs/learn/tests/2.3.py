# SPDX-License-Identifier: MIT
"""Exercise 2.3: counts the gathered windows."""
from kit import run, same, wrong


def test(exercise):
    for points, tile, length, channels in [(4, 4, 9, 2), (6, 2, 3, 1), (10, 4, 5, 3),
                                           (3, 8, 4, 2), (97, 16, 2, 2)]:
        windows = [[(3 * i + 5 * p) % 7 - 3 for p in range(length)] for i in range(points)]
        weights = [[(2 * o + p) % 5 - 2 for p in range(length)] for o in range(channels)]
        gathered = []

        def gather(first, count):
            if not 1 <= count <= tile:
                wrong(f"{count} windows are gathered at a time, with room for {tile}")
            if first < 0 or first + count > points:
                wrong(f"windows {first} to {first + count - 1} are gathered, of {points}")
            gathered.extend(range(first, first + count))
            return windows[first:first + count]

        found = exercise.convolve(points, tile, gather, weights)
        name = f"{points} points, tiles of {tile}"
        same(f"{name}: y", found,
             [[sum(a * b for a, b in zip(w, v)) for v in weights] for w in windows])
        same(f"{name}: the list of windows gathered", sorted(gathered), list(range(points)))


run(test)
