# SPDX-License-Identifier: MIT
"""
Exercise 8.3: the valley of a range test.

`losses` are the smoothed losses of a range test, in the order of rising rates. Find the
longest falling subsequence: the longest list of indices i < j < k < ... whose losses fall
strictly. (Where several are as long, the one that ends first. The points need not be
neighbours.) Let it have n points and end at index e. Return the index

    e - n + n / 3 + n / 6      with each division rounded down, but at least 0.

That is fastai's point half-way down the fall: it counts back from e as if the points were
neighbours. (fastai leaves out the first tenth of the curve and its last five points before.)
"""


def valley(losses):
    return 0  # yours
