# SPDX-License-Identifier: MIT
"""Exercise 9.1: the network of the page, and others, by walking through the steps."""
from kit import run, same


def walk(nodes):
    n = len(nodes)
    life = [[i, i] for i in range(n)]
    for step in range(2 * n):
        read = []
        if step < n:
            read = list(nodes[step][0])
        elif step == n:
            read = [n - 1]
        else:
            inputs, reads, output = nodes[2 * n - step]
            read = [inputs[k] for k in reads] + ([2 * n - step] if output else [])
        for node in read:
            life[node][1] = step
    return [tuple(pair) for pair in life]


def test(exercise):
    block = [([], [], False), ([0], [0], False), ([1], [0], False), ([2], [0], False),
             ([3, 0], [0], True)]
    same("the page's block, nothing recomputed: the list of lives", exercise.lives(block),
         [(0, 9), (1, 8), (2, 7), (3, 6), (4, 6)])
    for name, nodes in {
            "an input alone": [([], [], False)],
            "a chain whose backward reads nothing": [([], [], False), ([0], [], False),
                                                     ([1], [], False)],
            "an output read twice": [([], [], False), ([0], [0], False), ([1], [], True),
                                     ([1], [0], False), ([2, 3], [1], False)],
    }.items():
        same(f"{name}: the list of lives", exercise.lives(nodes), walk(nodes))


run(test)
