# SPDX-License-Identifier: MIT
"""Reads the file that `im2cat dump` writes: safetensors, which is eight bytes with the
length of a header, the header (JSON: names, shapes, offsets), and the numbers."""
import json
import struct
from array import array


class Tensor:
    """Numbers in the order of their shape, the last index the fastest."""

    def __init__(self, shape, numbers):
        self.shape, self.numbers = shape, numbers

    def at(self, *index):
        place = 0
        for size, i in zip(self.shape, index):
            place = place * size + i
        return self.numbers[place]


def load(path):
    """All tensors of a file, by name. Pictures are n, channel, row, column there, as in
    PyTorch."""
    with open(path, "rb") as file:
        header = json.loads(file.read(struct.unpack("<Q", file.read(8))[0]))
        start = file.tell()
        tensors = {}
        for name, entry in header.items():
            if name == "__metadata__":
                continue
            first, end = entry["data_offsets"]
            file.seek(start + first)
            numbers = array({"I32": "i", "U8": "B"}.get(entry["dtype"], "f"))
            numbers.frombytes(file.read(end - first))
            tensors[name] = Tensor(entry["shape"], numbers)
    return tensors


def dot(a, b):
    """The sum of the products of two tensors' elements."""
    return sum(x * y for x, y in zip(a.numbers, b.numbers))
