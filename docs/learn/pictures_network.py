# SPDX-License-Identifier: MIT
"""The pictures of lessons 8 to 14: one function each. See pictures.py."""
from math import cos, log2, pi

from drawing import Picture


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
    p.text(612, 20, "momentum (dashed): 0.95, 0.85, 0.95", 13, "ink", "end")
    p.line([(197.5, 200), (197.5, 206)])
    p.text(197.5, 222, "a quarter of the steps", 13, "soft")
    p.text(610, 222, "the end", 13, "soft", "end")
    p.text(60, 222, "0", 13, "soft")
    p.text(320, 250, "Where the rate is high, earlier gradients should be forgotten sooner. Each curve "
                     "has its scale.", 13, "soft")
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
    p.text(320, 318, "the shortcut, where no weight can make it smaller.", 13, "soft")
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
    for name, intensity, kind, dx, dy in [("batch norm", 0.5, "b", 14, 18), ("1 x 1", 15.8, "a", -6, 26),
                                          ("3 x 3 of 512", 24, "a", 20, -14),
                                          ("3 x 3 of 64", 131.9, "a", -14, 24)]:
        x, y = at(intensity, min(128, 16 * intensity))
        p.add(f'<circle cx="{x:g}" cy="{y:g}" r="6" class="edge {kind}"/>')
        p.text(x + dx, y + dy, name, 13, "ink", "start" if kind == "b" else "middle")
    p.text(320, 318, "operations per byte read or written; the dots are the layers of the example", 13, "soft")
    p.text(14, 22, "billion (10^9) operations per second; both scales are logarithmic", 13, "soft", "start")
    p.text(150, 120, "16 GB/s", 13, "soft")
    return p


def winograd():
    p = Picture(640, 310, "Winograd's convolution of a tile: transform the patch and the taps, "
                          "multiply element by element, transform back")
    def square(x, y, n, cell, kind):
        p.grid(x, y, [[""] * n for _ in range(n)], cell,
               {(i, j): kind for i in range(n) for j in range(n)})
    square(24, 60, 4, 22, "a")
    p.text(68, 48, "patch d")
    square(35, 194, 3, 22, "b")
    p.text(68, 182, "taps g")
    p.arrow(122, 104, 196, 104)
    p.text(159, 94, "B^T d B", 13, "soft")
    p.arrow(122, 227, 196, 227)
    p.text(159, 217, "G g G^T", 13, "soft")
    square(208, 60, 4, 22, "a")
    p.text(252, 48, "V")
    square(208, 184, 4, 22, "b")
    p.text(252, 172, "U")
    p.arrow(304, 104, 372, 150)
    p.arrow(304, 227, 372, 186)
    p.text(350, 112, "times, place by place", 13, "soft", "start")
    square(384, 124, 4, 22, "d")
    p.text(428, 234, "M: 16 products")
    p.arrow(482, 168, 556, 168)
    p.text(519, 158, "A^T M A", 13, "soft")
    square(570, 146, 2, 22, "c")
    p.text(592, 134, "tile y")
    p.text(320, 298, "The formula as it stands needs 4 x 9 = 36 products for these four pixels.", 13,
           "soft")
    return p


def bf16():
    p = Picture(640, 250, "The bits of a float, of which bf16 keeps the upper half")
    x, y = 32, 60
    for i in range(32):
        kind = "d" if i == 0 else "b" if i < 9 else "a" if i < 16 else "plain"
        p.labelled(x + 18 * i, y, 18, 28, "01000000010010010000111111011011"[i], kind, 13)
    p.text(x + 9, 48, "sign", 12)
    p.text(x + 90, 48, "8 bits of exponent", 12)
    p.text(x + 225, 48, "7 of mantissa", 12)
    p.text(x + 432, 48, "16 bits that bf16 drops", 12)
    p.text(x, 28, "3.14159274 as a float", 14, "ink", "start")
    left, step, line = 60, 260, 175
    p.text(32, 130, "bf16 numbers near it, and what is rounded to which", 14, "ink", "start")
    p.line([(32, line), (608, line)])
    for k, text in enumerate(["3.125", "3.140625", "3.15625"]):
        at = left + step * k
        p.line([(at, line - 10), (at, line + 10)])
        p.text(at, line + 28, text, 13)
    for k in range(2):
        at = left + step * (k + 0.5)
        p.line([(at, line - 5), (at, line + 5)])
        p.text(at, line + 28, "a tie: to even", 12, "soft")
    at = left + step * (1 + (3.14159274 - 3.140625) / 0.015625)
    p.add(f'<circle cx="{at:g}" cy="{line}" r="5" class="edge a"/>')
    p.text(at + 4, line - 14, "3.14159274", 13, "ink", "start")
    p.text(320, 238, "The distance to the nearest is at most half a step: a relative error of at most "
                     "1/256.", 13, "soft")
    return p


def tree():
    p = Picture(640, 290, "Six micro-batches added along a tree, computed by two ranks")
    leaves = [60 + 62 * i for i in range(6)]
    y = [230, 180, 130, 80]
    def joint(x, level):
        p.labelled(x - 13, y[level] - 13, 26, 26, "+", "plain", 15)
    centres = [(leaves[2 * i] + leaves[2 * i + 1]) / 2 for i in range(3)]
    upper = (centres[0] + centres[1]) / 2
    top = (upper + centres[2]) / 2
    for i, x in enumerate(leaves):
        p.line([(x, y[0]), (centres[i // 2], y[1])])
    p.line([(centres[0], y[1]), (upper, y[2])])
    p.line([(centres[1], y[1]), (upper, y[2])])
    p.line([(upper, y[2]), (top, y[3])])
    p.line([(centres[2], y[1]), (top, y[3])])
    for i, x in enumerate(leaves):
        p.labelled(x - 16, y[0] - 14, 32, 28, i, "ab"[i // 3], 14)
    for x in centres:
        joint(x, 1)
    joint(upper, 2)
    joint(top, 3)
    p.text(60, 40, "((0 + 1) + (2 + 3)) + (4 + 5)", 15, "ink", "start")
    p.text(420, 120, "Two ranks: rank 0 has 0, 1, 2", 13, "ink", "start")
    p.text(420, 138, "and ends with 0 + 1, and 2.", 13, "soft", "start")
    p.text(420, 166, "Rank 1 has 3, 4, 5", 13, "ink", "start")
    p.text(420, 184, "and ends with 3, and 4 + 5.", 13, "soft", "start")
    p.text(420, 212, "Four sums meet at an owner,", 13, "soft", "start")
    p.text(420, 230, "who adds them along the tree.", 13, "soft", "start")
    p.text(320, 278, "Which two sums are added depends on the number of micro-batches alone.", 13,
           "soft")
    return p
