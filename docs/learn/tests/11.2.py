# SPDX-License-Identifier: MIT
"""Exercise 11.2: a machine of 128 operations and 16 bytes per second."""
from kit import run, same


def test(exercise):
    same("roofline of 1280 operations, 16 bytes", exercise.roofline(1280.0, 16.0, 128.0, 16.0),
         [10.0, "arithmetic", 128.0])
    same("roofline of 128 operations, 64 bytes", exercise.roofline(128.0, 64.0, 128.0, 16.0),
         [4.0, "memory", 32.0])
    same("roofline of 128 operations, 16 bytes (the ridge)", exercise.roofline(128.0, 16.0, 128.0, 16.0),
         [1.0, "arithmetic", 128.0])
    same("roofline of 0 operations, 32 bytes", exercise.roofline(0.0, 32.0, 128.0, 16.0),
         [2.0, "memory", 0.0])


run(test)
