# SPDX-License-Identifier: MIT
"""
Exercise 3.3: a gradient that trusts nothing: central differences.

`f` takes a list of numbers and returns a number. Return the list of its partial derivatives
at `w`, each as (f(w + h e) - f(w - h e)) / (2 h), where e has a 1 in one place. Leave w as
it was.
"""


def numeric_gradient(f, w, h):
    # The mistake: one-sided differences. Their error shrinks as h, that of central ones as
    # h squared: for a quadratic function central differences are exact, these are off by h.
    gradient = []
    at = f(w)
    for i, value in enumerate(w):
        w[i] = value + h
        gradient.append((f(w) - at) / h)
        w[i] = value
    return gradient
