# SPDX-License-Identifier: MIT
"""
Exercise 6.2: a batch norm with a ReLU behind it, backward, for one channel.

Forward computed xhat = (x - mean) * invstd, with the mean and the variance of the batch x,
and y = max(0, weight * xhat + bias). Given dy, return (dx, dweight, dbias).
"""


def backward(dy, x, y, weight, mean, invstd):
    n = len(x)
    xhat = [(v - mean) * invstd for v in x]
    g = [d if v > 0 else 0.0 for d, v in zip(dy, y)]
    dbias = sum(g)
    dweight = sum(a * h for a, h in zip(g, xhat))
    # The mistake: mean and deviation are taken for constants. They depend on x, too; without
    # those two paths the network trains, but badly. (In evaluation it would be right.)
    dx = [weight * invstd * a for a in g]
    return dx, dweight, dbias
