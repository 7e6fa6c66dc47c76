# SPDX-License-Identifier: MIT
"""
Exercise 7.1: the loss of one picture, without overflow.

Return -log(p), where p is the softmax probability of z[label]. Logits may be as large as
10,000; exp(710) is more than a double can hold. Of the module math, exp and log are
enough.
"""
from math import exp, log


def loss(z, label):
    return 0.0  # yours
