# SPDX-License-Identifier: MIT
"""Lesson 9: the plan of a small network: a residual block of two convolutions. Each array has
8 units. Prints the life of each array, where it lies, and the sizes of the plan."""

# name, inputs, which inputs backward reads, whether backward reads the output
NODES = [("input", [], [], False),
         ("conv1", [0], [0], False),
         ("bn1", [1], [0], False),          # with a ReLU; its output can be recomputed
         ("conv2", [2], [0], False),
         ("bn2", [3, 0], [0], True)]        # + input, then ReLU: the mask is in the output
N, SIZE = len(NODES), 8
LOSS = N


def backward(i):
    return 2 * N - i


buffers = []                                # [name, first step, last step, size]
for i, (name, inputs, _, reads_output) in enumerate(NODES):
    last = i
    for j, (_, below, reads, _) in enumerate(NODES):
        for k, source in enumerate(below):
            if source == i:
                last = max(last, j)
                if k in reads and name != "bn1":
                    last = max(last, backward(j))
    if reads_output or i == N - 1:
        last = max(last, backward(i))
    buffers.append([name, i, last, SIZE])
buffers.append(["bn1 again", backward(3), backward(3), SIZE])
buffers.append(["d bn2", LOSS, backward(4), SIZE])          # the loss writes it
buffers.append(["d conv2", backward(4), backward(3), SIZE])
buffers.append(["d bn1, d conv1", backward(3), backward(1), SIZE])  # one over the other

placed = []
for buffer in sorted(buffers, key=lambda b: -b[3]):         # equal sizes: in order
    offset = 0
    for other, at in sorted(placed, key=lambda p: p[1]):
        if other[1] <= buffer[2] and buffer[1] <= other[2] and at < offset + buffer[3] \
                and offset < at + other[3]:
            offset = at + other[3]
    placed.append((buffer, offset))
for (name, first, last, size), offset in placed:
    print(f"{name:15} steps {first:2} to {last:2}, units {offset:2} to {offset + size - 1}")
print("all arrays:", sum(b[3] for b in buffers), " the plan:",
      max(at + b[3] for b, at in placed), " the most alive at a time:",
      max(sum(b[3] for b in buffers if b[1] <= t <= b[2]) for t in range(2 * N)))
