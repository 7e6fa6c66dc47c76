# SPDX-License-Identifier: MIT
"""Lesson 11: a roofline by hand: a processor that does 128 thousand million operations per
second and reads or writes 16 thousand million bytes per second."""

PEAK, MEMORY = 128e9, 16e9
print(f"ridge: {PEAK / MEMORY:g} operations per byte")

LAYERS = [  # name, operations, numbers read or written once
    ("batch norm, 56 x 56 x 64", 4 * 56 * 56 * 64, 2 * 56 * 56 * 64),
    ("1 x 1, 64 to 64", 2 * 56 * 56 * 64 * 64, 2 * 56 * 56 * 64 + 64 * 64),
    ("3 x 3, 64 to 64", 2 * 56 * 56 * 64 * 576, 2 * 56 * 56 * 64 + 64 * 576),
    ("3 x 3, 512 to 512, 7 x 7", 2 * 7 * 7 * 512 * 4608, 2 * 7 * 7 * 512 + 512 * 4608)]
for name, operations, numbers in LAYERS:
    size = 4 * numbers
    by_peak, by_memory = 1e3 * operations / PEAK, 1e3 * size / MEMORY
    print(f"{name:25} {operations / size:6.1f} op/byte  {by_peak:6.3f} ms or {by_memory:.3f} ms:"
          f" {'arithmetic' if by_peak > by_memory else 'memory'}")
