# SPDX-License-Identifier: MIT
"""Lesson 6: two properties of a batch norm's data gradient, for each channel of a layer of a
ResNet, with what `im2cat dump` wrote.

    docs/learn/run 06-dump FILE"""
import sys

from tensors import load

tensors = load(sys.argv[1])
x = tensors["activation.layer1.0.conv1"]   # what layer1.0.bn1 reads
dx = tensors["gradient.layer1.0.conv1"]
batch, channels, height, width = x.shape
pixels = height * width
largest = [0.0, 0.0]

for c in range(channels):
    places = [(n * channels + c) * pixels + p for n in range(batch) for p in range(pixels)]
    size = sum(abs(dx.numbers[i]) for i in places)
    total = sum(dx.numbers[i] for i in places)
    scale = sum(abs(dx.numbers[i] * x.numbers[i]) for i in places)
    along = sum(dx.numbers[i] * x.numbers[i] for i in places)
    largest = [max(largest[0], abs(total) / size), max(largest[1], abs(along) / scale)]

print(f"{channels} channels of {batch * pixels} values")
print("sum of dx is zero:", largest[0] < 1e-4, "  sum of dx x is zero:", largest[1] < 1e-3)
