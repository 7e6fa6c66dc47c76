# SPDX-License-Identifier: MIT
"""Exercise 10.1: the numbers that `im2cat summary --classes 1000` prints; torchvision's are
the same."""
from kit import run, same


def test(exercise):
    for name, blocks, bottleneck, wanted in [
            ("resnet18", [2, 2, 2, 2], False, 11689512),
            ("resnet34", [3, 4, 6, 3], False, 21797672),
            ("resnet50", [3, 4, 6, 3], True, 25557032),
            ("resnet101", [3, 4, 23, 3], True, 44549160),
            ("resnet152", [3, 8, 36, 3], True, 60192808)]:
        same(f"{name}: the number of parameters", exercise.parameters(blocks, bottleneck, 1000), wanted)
    same("resnet18 with 2 classes: the number of parameters",
         exercise.parameters([2, 2, 2, 2], False, 2), 11177538)


run(test)
