#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Draws the pictures of the course: docs/learn/pictures.py [FOLDER]

Each function draws one picture; its name is that of the file. FOLDER is pictures/ beside
this script unless it is named."""
import sys
from pathlib import Path

sys.dont_write_bytecode = True

from drawing import Picture  # noqa: E402

X = [[1, 2, 0, 1], [0, 1, 3, 1], [2, 1, 0, 0], [1, 0, 1, 2]]
W = [[1, 2, 0], [0, 1, -1], [2, 0, 1]]
Y = [[0, 2], [1, 9]]


def padded(x):
    """x with a border of zeros, and the colours of the border."""
    size = len(x) + 2
    rows = [[0] * size] + [[0, *row, 0] for row in x] + [[0] * size]
    kinds = {(i, j): "pad" for i in range(size) for j in range(size)
             if i in (0, size - 1) or j in (0, size - 1)}
    return rows, kinds


def convolution():
    p = Picture(640, 250, "A window of the padded picture, times the weights, gives an "
                          "output pixel")
    rows, kinds = padded(X)
    for i in range(3):
        for j in range(3):
            kinds[2 + i, 2 + j] = "a"
    p.grid(30, 40, rows, 30, kinds)
    p.text(120, 28, "x, with a border of zeros")
    p.text(232, 135, "times", 14, "soft")
    p.grid(265, 85, W, 30, {(i, j): "b" for i in range(3) for j in range(3)})
    p.text(310, 73, "w")
    p.arrow(370, 130, 430, 130)
    p.text(400, 120, "sum", 14, "soft")
    p.grid(445, 100, Y, 30, {(1, 1): "c"})
    p.text(475, 88, "y")
    for i, text in enumerate(["stride 2: the", "next window", "begins two", "pixels further"]):
        p.text(572, 112 + 18 * i, text, 13, "soft")
    p.text(320, 240, "1*1 + 3*2 + 1*0 + 1*0 + 0*1 - 0*1 + 0*2 + 1*0 + 2*1 = 9", 14)
    return p


PICTURES = {
    "01-convolution": convolution,
}


def main():
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parent / "pictures")

    folder.mkdir(exist_ok=True)
    for name, draw in PICTURES.items():
        (folder / f"{name}.svg").write_text(draw().svg())


if __name__ == "__main__":
    main()
