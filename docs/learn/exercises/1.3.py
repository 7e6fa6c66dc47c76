# SPDX-License-Identifier: MIT
"""
Exercise 1.3: how much of the picture an output pixel sees.

`layers` is a list of (kernel, stride), from the picture upwards. Return the side, in pixels
of the picture, of the square that a pixel of the last layer's output depends on: its
receptive field. Two convolutions of 3 x 3 with stride 1 see 5 x 5 pixels.
"""


def receptive_field(layers):
    return 0  # yours
