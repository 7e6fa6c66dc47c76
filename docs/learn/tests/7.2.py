# SPDX-License-Identifier: MIT
"""Exercise 7.2: by hand, then by difference quotients."""
from math import exp, log

from kit import run, same


def mean_loss(logits, labels, smoothing):
    total = 0.0
    for z, label in zip(logits, labels):
        log_sum = log(sum(exp(v) for v in z))
        for j, v in enumerate(z):
            target = (1 - smoothing) * (j == label) + smoothing / len(z)
            total -= target * (v - log_sum)
    return total / len(logits)


def test(exercise):
    z = [log(1), log(2), log(5)]
    same("log 1, log 2, log 5; label 1: the gradient", exercise.gradient([z], [1], 0.0),
         [[0.125, -0.75, 0.625]], 1e-12)
    same("the same with smoothing 0.3", exercise.gradient([z], [1], 0.3),
         [[0.025, -0.55, 0.525]], 1e-12)
    logits, labels, smoothing = [[0.5, -1.0, 2.0], [3.0, 0.1, -0.2]], [2, 1], 0.1
    found = exercise.gradient(logits, labels, smoothing)
    same("two pictures: the number of lists", len(found), 2)
    for n in range(2):
        for j in range(3):
            sides = []
            for h in (1e-5, -1e-5):
                moved = [row[:] for row in logits]
                moved[n][j] += h
                sides.append(mean_loss(moved, labels, smoothing))
            same(f"two pictures: the gradient of logit {j} of picture {n}", found[n][j],
                 (sides[0] - sides[1]) / 2e-5, 1e-8)


run(test)
