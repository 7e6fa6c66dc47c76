# SPDX-License-Identifier: MIT
"""Lesson 10: how large the gradient is behind each block of a ResNet, from the last to the
first, with what `im2cat dump` wrote. The size of a gradient is the root of the sum of its
squares.

    docs/learn/run 10-dump FILE"""
import sys
from math import sqrt

from tensors import dot, load

tensors = load(sys.argv[1])
for stage in (4, 3, 2, 1):
    sizes = [sqrt(dot(t, t)) for name, t in sorted(tensors.items(), reverse=True)
             if name.startswith(f"gradient.layer{stage}.") and name.endswith(".bn2")]
    print(f"layer{stage}:", *(f"{size:.4f}" for size in sizes))
