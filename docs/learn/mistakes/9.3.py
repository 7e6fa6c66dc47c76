# SPDX-License-Identifier: MIT
"""
Exercise 9.3: who writes a gradient, and who adds to it.

`inputs` has, for each node, the list of the nodes whose outputs it takes; node 0 is the
picture, which needs no gradient. Backward goes from the last node to node 1, and at each node
through its inputs in order; it computes a part of the gradient of each input. The first part
that arrives is written, each later one is added: so nothing need be set to zero.

Return the list of (node, input, "writes" or "adds") in the order of the backward pass, without
those whose input is node 0. Nodes whose output nobody uses (but for the last) do not occur.
"""


def backward_order(inputs):
    # The mistake: every node writes. Where an output is used twice, the second gradient
    # overwrites the first: in a residual network the shortcut's, or the branch's, is lost.
    result = []
    for node in range(len(inputs) - 1, 0, -1):
        for below in inputs[node]:
            if below != 0:
                result.append((node, below, "writes"))
    return result
