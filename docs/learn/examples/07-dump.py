# SPDX-License-Identifier: MIT
"""Lesson 7: losses and gradients of a batch, from the logits that `im2cat dump` wrote.

    docs/learn/run 07-dump FILE"""
import sys
from math import exp, log

from tensors import load

tensors = load(sys.argv[1])
logits, losses = tensors["logits"], tensors["losses"].numbers
dlogits = tensors["gradient.fc"]
batch, classes = logits.shape

for n, label in enumerate(tensors["labels"].numbers):
    z = [logits.at(n, j) for j in range(classes)]
    total = sum(exp(v) for v in z)
    p = [exp(v) / total for v in z]
    print(f"picture {n}, label {label}: loss {-log(p[label]):.6f}, in the file "
          f"{losses[n]:.6f}")
    print("   gradient", end="")
    for j in range(classes):
        print(f" {(p[j] - (j == label)) / batch:.6f}", end="")
    print(", in the file", *(f"{dlogits.at(n, j):.6f}" for j in range(classes)))
