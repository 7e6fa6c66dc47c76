# SPDX-License-Identifier: MIT
"""
Exercise 10.1: the number of parameters of a ResNet.

blocks: how many blocks each of the four stages has, such as [2, 2, 2, 2] for ResNet-18.
bottleneck: False for blocks of two 3 x 3 convolutions (ResNet-18, -34), True for blocks of
1 x 1, 3 x 3, 1 x 1, the last with four times the channels (ResNet-50 and deeper).

The stem is a 7 x 7 convolution from 3 to 64 channels. Stage s (0 .. 3) has 64 * 2^s channels
(its 1 x 1 convolutions that end a bottleneck 4 times as many); its first block has stride 2
in stages 1 to 3. No convolution has a bias; behind each is a batch norm of two numbers per
channel. Where a block's input and output differ in shape, its shortcut is a 1 x 1 convolution
with a batch norm. At the end a linear layer with bias gives `classes` outputs.
"""


def parameters(blocks, bottleneck, classes):
    def conv_norm(inside, out, kernel):
        return out * inside * kernel * kernel + 2 * out

    total = conv_norm(3, 64, 7)
    inside = 64
    for stage, count in enumerate(blocks):
        channels = 64 * 2 ** stage
        out = 4 * channels if bottleneck else channels
        for block in range(count):
            if bottleneck:
                total += conv_norm(inside, channels, 1) + conv_norm(channels, channels, 3)
                total += conv_norm(channels, out, 1)
            else:
                total += conv_norm(inside, channels, 3) + conv_norm(channels, channels, 3)
            # The mistake: a projection where the stride is 2. The first block of a bottleneck
            # network has stride 1, but 64 channels in and 256 out.
            if stage > 0 and block == 0:
                total += conv_norm(inside, out, 1)
            inside = out
    return total + (inside + 1) * classes
