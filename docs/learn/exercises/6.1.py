# SPDX-License-Identifier: MIT
"""
Exercise 6.1: mean and squares of a long list, chunk by chunk.

`chunks` is a list of lists of numbers, none of them empty. Return (mean, squares) of all
numbers, where squares is the sum of (x - mean)^2. The numbers may have a mean of a million
million and a deviation of 1, and double precision has 16 digits: no large squares may be
subtracted from each other. Compute both for each chunk, and combine the chunks one by one.
"""


def statistics(chunks):
    return 0, 0  # yours
