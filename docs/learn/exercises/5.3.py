# SPDX-License-Identifier: MIT
"""
Exercise 5.3: the head of fastai's networks pools each channel twice: the largest value of
all pixels, and their mean.

forward(x) takes the pixels of one channel and returns (largest, mean, place), where place is
the number of the first pixel that is the largest. backward(dmax, dmean, place, pixels)
returns the list of the gradients of the pixels, of which there are `pixels`.
"""


def forward(x):
    return 0, 0, 0  # yours


def backward(dmax, dmean, place, pixels):
    return []  # yours
