# SPDX-License-Identifier: MIT
"""
Exercise 7.1: the loss of one picture, without overflow.

Return -log(p), where p is the softmax probability of z[label]. Logits may be as large as
10,000; exp(710) is more than a double can hold. Use exp and log, and no other function.
"""
from math import exp, log


def loss(z, label):
    # The mistake: the largest logit is subtracted, but the probability is computed before its
    # logarithm. A probability of exp(-1000) is 0 in a double, and log(0) is an error; so it
    # was "protected" by a small number, and the loss is a lie.
    largest = max(z)
    total = sum(exp(v - largest) for v in z)
    return -log(exp(z[label] - largest) / total + 1e-12)
