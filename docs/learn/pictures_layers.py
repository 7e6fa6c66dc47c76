# SPDX-License-Identifier: MIT
"""The pictures of lessons 1 to 7: one function each. See pictures.py."""
from drawing import Picture

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
    p.text(120, 210, "Raise a weight by e: each output rises by e times the pixel below the weight,",
           13, "soft", "start")
    p.text(120, 230, "and the loss by dy times that.", 13, "soft", "start")
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
    p.text(320, 250, "Each phase is a correlation of dy with stride 1: its taps lie on dy, and the "
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
    p.text(320, 236, "The four values stand for a channel of all pixels of a batch. The middle line "
                     "is enlarged.", 13, "soft")
    return p


def softmax():
    p = Picture(640, 286, "From logits to probabilities to the gradient: probability minus target")
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
    p.text(320, 258, "The label is the middle class: a step against p - t raises its logit and lowers the "
                     "others. Each", 13, "soft")
    p.text(320, 276, "column has a scale of its own.", 13, "soft")
    return p
