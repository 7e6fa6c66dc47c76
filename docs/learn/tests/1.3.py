# SPDX-License-Identifier: MIT
"""Exercise 1.3: follows a pixel back through the layers, as a set of pixels."""
from kit import run, same


def seen(layers):
    pixels = {0}
    for kernel, stride in reversed(layers):
        pixels = {pixel * stride + tap for pixel in pixels for tap in range(kernel)}
    return max(pixels) - min(pixels) + 1


def test(exercise):
    stem = [(7, 2), (3, 2)]
    for name, layers in {
            "one pixel": [(1, 1)],
            "3 x 3": [(3, 1)],
            "two of 3 x 3": [(3, 1), (3, 1)],
            "a stride, then 3 x 3": [(1, 2), (3, 1)],
            "the stem of a ResNet": stem,
            "its first stage": stem + [(3, 1)] * 4,
            "a ResNet-18": stem + [(3, 1)] * 4 + ([(3, 2)] + [(3, 1)] * 3) * 3,
    }.items():
        same(f"{name}: the receptive field", exercise.receptive_field(layers), seen(layers))


run(test)
