# SPDX-License-Identifier: MIT
"""Lesson 8: two steps of Adam with whole numbers (beta1 = 1/2, beta2 = 3/4, rate 1, epsilon
0), and the rates of a one-cycle of eight steps."""
from math import cos, pi, sqrt

p, m, v = 10.0, 0.0, 0.0
for t, g in enumerate([4.0, -4.0], 1):
    m = 0.5 * m + 0.5 * g
    v = 0.75 * v + 0.25 * g * g
    corrected_m = m / (1 - 0.5 ** t)
    corrected_v = v / (1 - 0.75 ** t)
    p -= corrected_m / sqrt(corrected_v)
    print(f"step {t}: m {m:g}, v {v:g}, corrected {corrected_m:.4f} and {corrected_v:g}, "
          f"p {p:.4f}")


def cosine(start, end, part):
    return start + (1 + cos(pi * (1 - part))) * (end - start) / 2


for i in range(8):
    position = i / 8
    if position < 0.25:
        rate, momentum = (cosine(0.04, 1, position / 0.25), cosine(0.95, 0.85, position / 0.25))
    else:
        part = (position - 0.25) / 0.75
        rate, momentum = cosine(1, 1e-5, part), cosine(0.85, 0.95, part)
    print(f"step {i + 1}: rate {rate:.6f}, momentum {momentum:.6f}")
