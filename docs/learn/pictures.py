#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Draws the pictures of the course: docs/learn/pictures.py [FOLDER]

Each function draws one picture; its name is that of the file. FOLDER is pictures/ beside
this script unless it is named."""
import sys
from math import cos, log2, pi
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


def im2col():
    p = Picture(640, 250, "Each window becomes a row of a matrix")
    rows, kinds = padded(X)
    windows = []
    for oy in range(2):
        for ox in range(2):
            windows.append([rows[2 * oy + i][2 * ox + j] for i in range(3) for j in range(3)])
    for i in range(3):
        for j in range(3):
            kinds[i, j] = "c"
            kinds[2 + i, 2 + j] = "a"
    kinds[2, 2] = "d"
    p.grid(20, 40, rows, 26, kinds)
    p.text(98, 28, "x, with a border of zeros")
    p.arrow(186, 110, 226, 110)
    p.grid(236, 58, windows, 24, {**{(0, j): "c" for j in range(9)},
                                  **{(3, j): "a" for j in range(9)}}, 13)
    p.text(344, 46, "one row for each window")
    p.text(479, 111, "times", 14, "soft")
    p.grid(506, 20, [[w] for row in W for w in row], 22, {(i, 0): "b" for i in range(9)}, 12)
    p.text(547, 111, "=", 16)
    p.grid(566, 58, [[0], [2], [1], [9]], 24, {(0, 0): "c", (3, 0): "a"}, 13)
    p.text(320, 240, "The pixel in the middle of the picture is in both coloured windows, so it is "
                     "copied twice.", 13, "soft")
    return p


def weight_gradient():
    p = Picture(640, 270, "The weight gradient is the sum of all windows, each times the "
                          "gradient of its output pixel")
    rows, _ = padded(X)
    x = 30
    for (oy, ox), dy, kind in [((0, 0), 1, "c"), ((0, 1), 2, "b"), ((1, 0), 0, "plain"),
                               ((1, 1), -1, "a")]:
        window = [[rows[2 * oy + i][2 * ox + j] for j in range(3)] for i in range(3)]
        p.text(x + 39, 40, f"{dy} times" if x == 30 else f"+ {dy} times" if dy >= 0
               else f"- {-dy} times")
        p.grid(x, 52, window, 26, {(i, j): kind for i in range(3) for j in range(3)}, 13)
        p.text(x + 39, 148, f"window {oy} {ox}", 13, "soft")
        x += 116
    p.text(x + 4, 96, "=", 18)
    p.grid(x + 24, 46, [[-1, -3, -1], [3, 1, 4], [2, 5, 1]], 30,
           {(i, j): "d" for i in range(3) for j in range(3)})
    p.text(x + 69, 34, "dw")
    p.grid(40, 190, [[1, 2], [0, -1]], 28, {(0, 0): "c", (0, 1): "b", (1, 1): "a"})
    p.text(22, 222, "dy", 14, "ink", "end")
    p.text(120, 210, "In each window a weight multiplies one pixel. Where the loss grows dy times as",
           13, "soft", "start")
    p.text(120, 230, "fast as the output, it grows dy times that pixel as fast as the weight.",
           13, "soft", "start")
    return p


def phases():
    p = Picture(640, 300, "Stride 2: input pixels of one colour are reached by the same taps")
    names = {(0, 0): "a", (0, 1): "b", (1, 0): "c", (1, 1): "d"}
    dx = [[1, -1, 2, -2], [0, 4, -2, 2], [0, 0, -1, 1], [0, -2, 0, -1]]
    p.text(98, 30, "dx, coloured by phase")
    p.grid(30, 44, dx, 34, {(i, j): names[i % 2, j % 2] for i in range(4) for j in range(4)})
    p.text(270, 30, "dy")
    p.grid(236, 78, [[1, 2], [0, -1]], 34)
    p.text(480, 30, "the taps of each phase, in falling order")
    for k, ((top, left), kind) in enumerate(names.items()):
        rows, columns = ([1], [2, 0])[top], ([1], [2, 0])[left]
        x, y = 360 + 140 * (k % 2), 60 + 96 * (k // 2)
        p.grid(x, y, [[f"w{r}{c}" for c in columns] for r in rows], 38,
               {(i, j): kind for i in range(2) for j in range(2)}, 13)
    p.text(320, 250, "Each phase is a convolution of dy with stride 1: its taps lie on dy, and the "
                     "result", 13, "soft")
    p.text(320, 270, "goes to every second pixel of dx. 1 + 2 + 2 + 4 = 9 taps: none is used twice.",
           13, "soft")
    p.text(30, 206, "the 4: 1*w22 + 2*w20 + 0*w02 - 1*w00", 13, "ink", "start")
    return p


def pooling():
    p = Picture(640, 260, "Max pooling keeps the largest value of each window; backward sends the "
                          "gradient to the pixel that won")
    p.text(84, 30, "x")
    p.grid(30, 44, X, 30, {(0, 1): "c", (1, 2): "a", (2, 0): "b"})
    p.arrow(158, 104, 206, 104)
    p.text(244, 30, "y, and the winner's cell")
    p.grid(214, 74, [[2, 3], [2, 3]], 30, {(0, 0): "c", (0, 1): "a", (1, 0): "b", (1, 1): "a"})
    p.grid(284, 74, [[5, 7], [4, 1]], 30)
    p.text(390, 30, "dy")
    p.grid(360, 74, [[1, 2], [0, -1]], 30, {(0, 0): "c", (0, 1): "a", (1, 0): "b", (1, 1): "a"})
    p.arrow(428, 104, 476, 104)
    p.text(544, 30, "dx")
    p.grid(486, 44, [[0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 0], [0, 0, 0, 0]], 30,
           {(0, 1): "c", (1, 2): "a", (2, 0): "b"})
    p.text(30, 196, "cells of a window:", 13, "soft", "start")
    p.grid(150, 176, [[0, 1, 2], [3, 4, 5], [6, 7, 8]], 22, {}, 12)
    p.text(244, 196, "The blue 3 wins in two windows, in cell 7 of one", 13, "soft", "start")
    p.text(244, 216, "and in cell 1 of the other. It gets both gradients:", 13, "soft", "start")
    p.text(244, 236, "2 - 1 = 1.", 13, "soft", "start")
    return p


def batchnorm():
    p = Picture(640, 250, "A batch norm sees four values of a channel: they are moved to mean 0, "
                          "scaled to deviation 1, then scaled and moved by learned numbers")
    lines = [("x: mean 8, deviation 5", [1, 7, 9, 15], 60),
             ("xhat: mean 0, deviation 1", [-1.4, -0.2, 0.2, 1.4], 120),
             ("y = 10 xhat + 3", [-11, 1, 5, 17], 180)]
    for text, values, y in lines:
        p.text(20, y + 4, text, 14, "ink", "start")
        scale = 14 if y == 120 else 8
        zero = 390 if y == 120 else 395
        p.line([(220, y), (620, y)])
        p.line([(zero, y - 8), (zero, y + 8)])
        p.text(zero, y + 22, "0", 12, "soft")
        for value, kind in zip(values, "abcd"):
            at = zero + value * scale * (4 if y == 120 else 1.6)
            p.add(f'<circle cx="{at:g}" cy="{y}" r="6" class="edge {kind}"/>')
            p.text(at, y - 12, f"{value:g}", 12)
    p.text(320, 236, "The four values stand for one channel of all pixels of all pictures of a "
                     "batch.", 13, "soft")
    return p


def softmax():
    p = Picture(640, 270, "From logits to probabilities to the gradient: probability minus target")
    columns = [("logits z", ["log 1", "log 2", "log 5"], [0, 0.69, 1.61], "plain"),
               ("exp z", ["1", "2", "5"], [0.25, 0.5, 1.25], "b"),
               ("p = exp z / 8", ["0.125", "0.25", "0.625"], [0.2, 0.4, 1.0], "a"),
               ("target t", ["0", "1", "0"], [0, 1.6, 0], "c"),
               ("p - t", ["0.125", "-0.75", "0.625"], [0.2, -1.2, 1.0], "d")]
    for k, (title, labels, heights, kind) in enumerate(columns):
        x, zero = 24 + 124 * k, 150
        p.text(x + 50, 28, title)
        p.line([(x, zero), (x + 100, zero)])
        for j, (label, height) in enumerate(zip(labels, heights)):
            size = abs(height) * 60
            p.box(x + 6 + 32 * j, zero - size if height >= 0 else zero, 24, size, kind)
            p.text(x + 18 + 32 * j, zero - size - 6 if height >= 0 else zero + size + 15,
                   label, 11)
    for k in range(1, 3):
        p.arrow(24 + 124 * k - 22, 90, 24 + 124 * k - 4, 90)
    p.text(320, 258, "The label is the middle class: its logit should rise, the others should fall, in "
                     "all by 0.", 13, "soft")
    return p


def one_cycle():
    p = Picture(640, 260, "One-cycle: the learning rate rises to its peak and falls to nothing; the "
                          "momentum does the opposite")
    def cosine(start, end, part):
        return start + (1 + cos(pi * (1 - part))) * (end - start) / 2
    def at(start, turn, end, position):
        return (cosine(start, turn, position / 0.25) if position < 0.25
                else cosine(turn, end, (position - 0.25) / 0.75))
    p.line([(60, 30), (60, 200), (610, 200)])
    rates = [(60 + 5.5 * i, 200 - 150 * at(0.04, 1, 1e-5, i / 100)) for i in range(101)]
    momenta = [(60 + 5.5 * i, 200 - 1400 * (at(0.95, 0.85, 0.95, i / 100) - 0.84))
               for i in range(101)]
    p.line(rates, "curve-a")
    p.line(momenta, "curve-b")
    p.text(215, 44, "learning rate: lr/25, lr, lr/100000", 13, "ink", "start")
    p.text(612, 30, "momentum: 0.95, 0.85, 0.95", 13, "ink", "end")
    p.line([(197.5, 200), (197.5, 206)])
    p.text(197.5, 222, "a quarter of the steps", 13, "soft")
    p.text(610, 222, "the end", 13, "soft", "end")
    p.text(60, 222, "0", 13, "soft")
    p.text(320, 250, "Where the rate is high, a step should forget the gradients of the steps before "
                     "it sooner.", 13, "soft")
    return p


def plan():
    p = Picture(640, 330, "Arrays as rectangles: from the step that writes them to the step that "
                          "reads them last, and from their first to their last unit of memory")
    arrays = [("input", 0, 9, 0, "plain"), ("conv1", 1, 8, 8, "a"), ("bn1", 2, 3, 16, "b"),
              ("conv2", 3, 6, 24, "a"), ("bn2", 4, 6, 16, "b"), ("again", 7, 7, 16, "b"),
              ("d bn2", 5, 6, 32, "c"), ("d conv2", 6, 7, 40, "d"),
              ("d bn1, d conv1", 7, 9, 24, "c")]
    left, bottom, wide, high = 70, 272, 54, 5
    for name, first, last, unit, kind in arrays:
        p.labelled(left + first * wide, bottom - (unit + 8) * high, (last - first + 1) * wide,
                   8 * high, name, kind, 12)
    for unit in range(0, 49, 8):
        p.text(left - 10, bottom - unit * high + 4, unit, 12, "soft", "end")
    steps = ["input", "conv1", "bn1", "conv2", "bn2", "loss", "bn2", "conv2", "bn1", "conv1"]
    for i, name in enumerate(steps):
        p.text(left + (i + 0.5) * wide, bottom + 18, i, 12, "soft")
        p.text(left + (i + 0.5) * wide, bottom + 34, name, 12)
    p.text(left + 2.5 * wide, bottom + 52, "forward", 13, "soft")
    p.text(left + 8 * wide, bottom + 52, "backward", 13, "soft")
    p.text(20, 20, "memory", 13, "soft", "start")
    return p


def resnet():
    p = Picture(640, 330, "A ResNet: a stem, four stages of blocks, a head; and a basic block")
    parts = [("7 x 7, 64\nstride 2", "112", "a"), ("max pool\nstride 2", "56", "plain"),
             ("layer1\n64", "56", "b"), ("layer2\n128", "28", "b"), ("layer3\n256", "14", "b"),
             ("layer4\n512", "7", "b"), ("mean,\nlinear", "1", "c")]
    for k, (text, side, kind) in enumerate(parts):
        x = 18 + 88 * k
        p.labelled(x, 40, 74, 50, text, kind, 13)
        if k > 0:
            p.arrow(x - 13, 65, x - 1, 65)
        p.text(x + 37, 106, side + " x " + side, 12, "soft")
    p.text(18, 26, "The network: pixels become fewer, channels more", 14, "ink", "start")
    p.text(18, 148, "A basic block", 14, "ink", "start")
    chain = [("x", 40, "plain"), ("3 x 3", 76, "a"), ("norm, ReLU", 96, "plain"),
             ("3 x 3", 76, "a"), ("norm", 62, "plain"), ("+", 32, "d"), ("ReLU", 62, "plain")]
    x = 18
    for k, (text, width, kind) in enumerate(chain):
        p.labelled(x, 220, width, 36, text, kind, 13)
        if k < len(chain) - 1:
            p.arrow(x + width, 238, x + width + 17, 238)
        if text == "+":
            plus = x + width / 2
        x += width + 18
    p.arrow(x - 18, 238, x + 8, 238)
    p.line([(38, 220), (38, 180), (plus, 180), (plus, 206)])
    p.arrow(plus, 204, plus, 219)
    p.text((38 + plus) / 2, 172, "shortcut: x itself, or a 1 x 1 convolution where the shape changes",
           13, "soft")
    p.text(320, 300, "Backward, the gradient arrives at + and goes both ways, whole: through the "
                     "branch and along", 13, "soft")
    p.text(320, 318, "the shortcut, where nothing can make it smaller.", 13, "soft")
    return p


def roofline():
    p = Picture(640, 330, "A roofline: below the ridge the memory is the limit, above it the "
                          "arithmetic")
    left, bottom, wide, high = 80, 270, 62, 62
    def at(intensity, rate):
        """Both axes are logarithms to base 2; a step is two doublings."""
        return left + (log2(intensity) + 2) / 2 * wide * 1.5, bottom - log2(rate / 2) / 2 * high
    p.line([(left, 30), (left, bottom), (620, bottom)])
    for intensity in (0.5, 2, 8, 32, 128):
        x, _ = at(intensity, 2)
        p.line([(x, bottom), (x, bottom + 5)])
        p.text(x, bottom + 20, f"{intensity:g}", 12, "soft")
    for rate in (2, 8, 32, 128):
        _, y = at(1, rate)
        p.line([(left - 5, y), (left, y)])
        p.text(left - 10, y + 4, rate, 12, "soft", "end")
    p.line([at(0.25, 4), at(8, 128), at(200, 128)], "curve-a")
    for name, intensity, kind, dx, dy in [("batch norm", 0.5, "b", 14, 18), ("1 x 1", 15.8, "a", 0, 24),
                                          ("3 x 3 of 512", 24, "a", 20, -14),
                                          ("3 x 3 of 64", 131.9, "a", -14, 24)]:
        x, y = at(intensity, min(128, 16 * intensity))
        p.add(f'<circle cx="{x:g}" cy="{y:g}" r="6" class="edge {kind}"/>')
        p.text(x + dx, y + dy, name, 13, "ink", "start" if kind == "b" else "middle")
    p.text(320, 318, "operations per byte read or written", 13, "soft")
    p.text(14, 22, "thousand million operations per second", 13, "soft", "start")
    p.text(150, 120, "16 GB/s", 13, "soft")
    return p


PICTURES = {
    "01-convolution": convolution,
    "02-im2col": im2col,
    "03-weight-gradient": weight_gradient,
    "04-phases": phases,
    "05-pooling": pooling,
    "06-batchnorm": batchnorm,
    "07-softmax": softmax,
    "08-one-cycle": one_cycle,
    "09-plan": plan,
    "10-resnet": resnet,
    "11-roofline": roofline,
}


def main():
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parent / "pictures")

    folder.mkdir(exist_ok=True)
    for name, draw in PICTURES.items():
        (folder / f"{name}.svg").write_text(draw().svg())


if __name__ == "__main__":
    main()
