# SPDX-License-Identifier: MIT
"""
Exercise 7.3: classes of unequal weight.

There are few pictures of rare classes, so their losses count more: the label's class has
weight class_weight[label], and the target of the label's class is that weight in place of 1
(no smoothing). Return (loss, gradient) of one picture: loss = -sum_j t_j log p_j, and the
list of its derivatives in the logits. The targets no longer add up to 1.
"""
from math import exp, log


def weighted(z, label, class_weight):
    return 0.0, []  # yours
