# SPDX-License-Identifier: MIT
"""
Exercise 3.3: a gradient that trusts nothing: central differences.

`f` takes a list of numbers and returns a number. Return the list of its partial derivatives
at `w`, each as (f(w + h e) - f(w - h e)) / (2 h), where e has a 1 in one place. Leave w as
it was.
"""


def numeric_gradient(f, w, h):
    return []  # yours
