# SPDX-License-Identifier: MIT
"""
Exercise 8.1: a step of Adam, with decoupled weight decay, for one parameter.

    p becomes p (1 - rate * decay)                   first
    m becomes beta1 m + (1 - beta1) g
    v becomes beta2 v + (1 - beta2) g^2
    p becomes p - rate (m / (1 - beta1^t)) / (sqrt(v / (1 - beta2^t)) + epsilon)

t is the number of the step, 1 for the first. Return the new (p, m, v).
"""
from math import sqrt


def adam(p, m, v, g, t, rate, decay, beta1, beta2, epsilon):
    return p, m, v  # yours
