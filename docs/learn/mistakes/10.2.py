# SPDX-License-Identifier: MIT
"""
Exercise 10.2: the multiply-adds of the same networks, for one picture of size x size pixels.

Count convolutions and the linear layer. Padding is kernel / 2, rounded down. Behind the
stem's convolution (stride 2) is a max pool of 3 x 3 with stride 2 and padding 1. The stride
of a bottleneck is in its 3 x 3 convolution, that of a basic block in its first one.
"""


def multiply_adds(blocks, bottleneck, classes, size):
    total = 0

    def conv(side, inside, out, kernel, stride):
        nonlocal total
        after = (side + 2 * (kernel // 2) - kernel) // stride + 1
        total += after * after * out * inside * kernel * kernel
        return after

    side = conv(size, 3, 64, 7, 2)
    side = (side + 2 - 3) // 2 + 1
    inside = 64
    for stage, count in enumerate(blocks):
        channels = 64 * 2 ** stage
        out = 4 * channels if bottleneck else channels
        for block in range(count):
            stride = 2 if stage > 0 and block == 0 else 1
            if stride == 2 or inside != out:
                conv(side, inside, out, 1, stride)
            if bottleneck:
                # The mistake: the stride is in the first 1 x 1 convolution, as in the paper.
                # Everybody's weights today are those of "version 1.5".
                side = conv(side, inside, channels, 1, stride)
                conv(side, channels, channels, 3, 1)
                conv(side, channels, out, 1, 1)
            else:
                side = conv(side, inside, channels, 3, stride)
                conv(side, channels, channels, 3, 1)
            inside = out
    return total + inside * classes
