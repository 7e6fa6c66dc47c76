# SPDX-License-Identifier: MIT
"""
Exercise 6.1: mean and squares of a long list, chunk by chunk.

`chunks` is a list of lists of numbers, none of them empty. Return (mean, squares) of all
numbers, where squares is the sum of (x - mean)^2. The numbers may have a mean of a million
million and a deviation of 1, and double precision has 16 digits: no large squares may be
subtracted from each other. Compute both for each chunk, and combine the chunks one by one.
"""


def statistics(chunks):
    # The mistake: the school formula, sum of squares minus count times mean squared. Both are
    # about 1e24 here, known to 16 digits: their difference, about 1, is rounding alone.
    count, total, squares = 0, 0.0, 0.0
    for chunk in chunks:
        count += len(chunk)
        total += sum(chunk)
        squares += sum(x * x for x in chunk)
    mean = total / count
    return mean, squares - count * mean * mean
