# SPDX-License-Identifier: MIT
"""
Exercise 6.3: a batch norm that disappears.

In evaluation a batch norm uses fixed running statistics. So a convolution (without bias) and
the batch norm behind it are one convolution with a bias. `weights` has a list of numbers for
each out channel; gamma, beta, mean and var have one number for each out channel. Return
(folded weights, biases).
"""
from math import sqrt


def fold(weights, gamma, beta, mean, var, epsilon):
    return [], []  # yours
