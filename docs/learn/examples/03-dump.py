# SPDX-License-Identifier: MIT
"""Lesson 3: recomputes a few weight gradients of a ResNet from what `im2cat dump` wrote: the
nine taps from input channel I to output channel O of layer1.0.conv2.

    docs/learn/run 03-dump FILE O I"""
import sys

from tensors import load

tensors = load(sys.argv[1])
o, i = int(sys.argv[2]), int(sys.argv[3])
x = tensors["activation.layer1.0.bn1"]     # what the convolution reads
dy = tensors["gradient.layer1.0.conv2"]    # the gradient of what it writes
dw = tensors["layer1.0.conv2.weight.grad"]
batch, _, height, width = x.shape

for ky in range(3):
    for kx in range(3):
        total = 0.0
        for n in range(batch):
            for oy in range(height):
                for ox in range(width):
                    iy, ix = oy + ky - 1, ox + kx - 1
                    if 0 <= iy < height and 0 <= ix < width:
                        total += dy.at(n, o, oy, ox) * x.at(n, i, iy, ix)
        print(f"tap {ky} {kx}: {total:13.6e} here, {dw.at(o, i, ky, kx):13.6e} in the file")
