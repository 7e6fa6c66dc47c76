# SPDX-License-Identifier: MIT
"""Lesson 4: checks sum dy y = sum dx x for a convolution of a ResNet, one picture at a time
(a convolution treats each picture on its own), with what `im2cat dump` wrote.

    docs/learn/run 04-dump FILE"""
import sys

from tensors import load

tensors = load(sys.argv[1])
y, dy = tensors["activation.layer1.0.conv2"], tensors["gradient.layer1.0.conv2"]
x, dx = tensors["activation.layer1.0.bn1"], tensors["gradient.layer1.0.bn1"]


def by_picture(a, b):
    size = len(a.numbers) // a.shape[0]
    return [sum(a.numbers[i] * b.numbers[i] for i in range(n * size, (n + 1) * size))
            for n in range(a.shape[0])]


sums_y, sums_x = by_picture(dy, y), by_picture(dx, x)
for n, (of_y, of_x) in enumerate(zip(sums_y, sums_x)):
    print(f"picture {n}: sum dy y {of_y:10.6f}   sum dx x {of_x:10.6f}")
print(f"together:  sum dy y {sum(sums_y):10.6f}   sum dx x {sum(sums_x):10.6f}")
