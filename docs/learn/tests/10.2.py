# SPDX-License-Identifier: MIT
"""Exercise 10.2: the numbers that `im2cat summary` prints, in units of 10,000."""
from kit import run, same


def test(exercise):
    for name, blocks, bottleneck, classes, size, wanted in [
            ("resnet18", [2, 2, 2, 2], False, 2, 224, 1813.56),
            ("resnet18", [2, 2, 2, 2], False, 2, 32, 37.01),
            ("resnet18", [2, 2, 2, 2], False, 1000, 224, 1814.07),
            ("resnet34", [3, 4, 6, 3], False, 1000, 224, 3663.76),
            ("resnet50", [3, 4, 6, 3], True, 2, 224, 4087.14),
            ("resnet101", [3, 4, 23, 3], True, 1000, 224, 7801.41),
            ("resnet152", [3, 8, 36, 3], True, 1000, 224, 11513.63)]:
        found = exercise.multiply_adds(blocks, bottleneck, classes, size)
        same(f"{name}, {classes} classes, {size} pixels: the number of millions of multiply-adds",
             round(found / 1e6, 2), wanted)


run(test)
