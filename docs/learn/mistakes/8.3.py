# SPDX-License-Identifier: MIT
"""
Exercise 8.3: the valley of a range test.

`losses` are the smoothed losses of a range test, in the order of rising rates. Find the
longest falling subsequence: the longest list of indices i < j < k < ... whose losses fall
strictly. (Where several are as long, the one that ends first. The points need not be
neighbours.) Let it have n points and end at index e. Return the index

    e - n + n / 3 + n / 6      with each division rounded down, but at least 0.

That is fastai's point half-way down the fall.
"""


def valley(losses):
    # The mistake: the rate with the lowest loss. There the loss is about to rise again; a rate
    # that is a little larger makes the training diverge.
    return losses.index(min(losses))
