# SPDX-License-Identifier: MIT
"""Lesson 5: what the max pool of a ResNet keeps, and what it passes on, with what `im2cat
dump` wrote.

    docs/learn/run 05-dump FILE"""
import sys

from tensors import load

tensors = load(sys.argv[1])
y = tensors["activation.maxpool"].numbers
dy = tensors["gradient.maxpool"].numbers
dx = tensors["gradient.bn1"].numbers

print(f"outputs {len(y)}, of which exactly 0: {sum(value == 0 for value in y)}")
print(f"gradient that arrives {sum(dy):.4f}, that is passed on {sum(dx):.4f}")
print(f"pixels with a gradient: {100 * sum(value != 0 for value in dx) / len(dx):.1f} % "
      f"of {len(dx)}")
