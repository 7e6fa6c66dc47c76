# SPDX-License-Identifier: MIT
"""Exercise 5.3: by hand, and by difference quotients."""
from kit import run, same


def test(exercise):
    same("forward of 1 5 2 4", exercise.forward([1.0, 5.0, 2.0, 4.0]), [5.0, 3.0, 1])
    same("forward of -4 -4", exercise.forward([-4.0, -4.0]), [-4.0, -4.0, 0])
    same("backward(8, 4, place 1, 4 pixels)", exercise.backward(8.0, 4.0, 1, 4),
         [1.0, 9.0, 1.0, 1.0])
    x = [3.0, -1.0, 7.0, 0.0, 2.0]
    found = exercise.backward(0.5, -3.0, exercise.forward(x)[2], len(x))
    for i in range(len(x)):
        sides = []
        for h in (0.25, -0.25):
            moved = x[:]
            moved[i] += h
            largest, mean, _ = exercise.forward(moved)
            sides.append(0.5 * largest - 3.0 * mean)
        same(f"the gradient of pixel {i}", found[i], (sides[0] - sides[1]) / 0.5, 1e-12)


run(test)
