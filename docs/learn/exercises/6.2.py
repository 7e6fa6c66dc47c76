# SPDX-License-Identifier: MIT
"""
Exercise 6.2: a batch norm with a ReLU behind it, backward, for one channel.

Forward computed xhat = (x - mean) * invstd, with the mean and the variance of the batch x,
and y = max(0, weight * xhat + bias), called z on the page. weight is gamma, bias is beta,
invstd is r. Given dy, the gradient of this y, return (dx, dweight, dbias).
"""


def backward(dy, x, y, weight, mean, invstd):
    n = len(x)
    xhat = [(v - mean) * invstd for v in x]
    return [], 0, 0  # yours
