# SPDX-License-Identifier: MIT
"""Exercise 10.3: the page's example, then difference quotients (exact: between two kinks y is
linear in each number)."""
from kit import run, same


def loss(w1, w2, x, dy):
    r = [max(0, sum(a * b for a, b in zip(row, x))) for row in w1]
    y = [max(0, v + sum(a * b for a, b in zip(row, r))) for v, row in zip(x, w2)]
    return sum(a * b for a, b in zip(dy, y))


def test(exercise):
    dx, dw1, dw2 = exercise.backward([[1, -1], [-2, 1]], [[1, 0], [3, 1]], [2, 1], [1, -2])
    same("the page's example: dx", dx, [-4, 3])
    same("the page's example: dW1", dw1, [[-10, -5], [0, 0]])
    same("the page's example: dW2", dw2, [[1, 0], [-2, 0]])

    w1 = [[2, -1, 1], [0, 3, -1], [1, 1, -4]]
    w2 = [[1, -2, 0], [-1, 1, 2], [3, 0, -1]]
    x, dy, h = [1, 2, 3], [5, -3, 2], 2.0 ** -10
    dx, dw1, dw2 = exercise.backward(w1, w2, x, dy)
    for name, array, found in [("dx", x, dx)] + [
            (f"{name}[{i}]", w[i], d[i]) for name, w, d in [("dW1", w1, dw1), ("dW2", w2, dw2)]
            for i in range(3)]:
        for j in range(3):
            value, sides = array[j], []
            for step in (h, -h):
                array[j] = value + step
                sides.append(loss(w1, w2, x, dy))
            array[j] = value
            same(f"three numbers: {name}[{j}]", found[j], (sides[0] - sides[1]) / (2 * h))


run(test)
