# SPDX-License-Identifier: MIT
"""Lesson 7: softmax and cross-entropy of three logits whose exponentials are whole numbers:
the logarithms of 1, 2 and 5."""
from math import exp, log

z = [log(1), log(2), log(5)]
label, smoothing = 1, 0.3

largest = max(z)
total = sum(exp(v - largest) for v in z)
p = [exp(v - largest) / total for v in z]
print("probabilities", *(f"{v:.4f}" for v in p))
print(f"loss {-log(p[label]):.6f}, which is log(8/2) = {log(4):.6f}")
print("gradient", *(f"{v - (j == label):.4f}" for j, v in enumerate(p)))

t = [(1 - smoothing) * (j == label) + smoothing / 3 for j in range(3)]
print("smoothed targets", *(f"{v:.4f}" for v in t))
print(f"loss {-sum(a * log(b) for a, b in zip(t, p)):.6f}")
print("gradient", *(f"{a - b:.4f}" for a, b in zip(p, t)))
print("the same logits plus 1000:", *(f"{exp((v + 1000) - (largest + 1000)) / total:.4f}"
                                      for v in z))
