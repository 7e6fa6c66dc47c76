# SPDX-License-Identifier: MIT
"""Lesson 4: the data gradient of the example of lesson 1, by scattering, and phase by phase."""

W = [[1, 2, 0], [0, 1, -1], [2, 0, 1]]
DY = [[1, 2], [0, -1]]
X = [[1, 2, 0, 1], [0, 1, 3, 1], [2, 1, 0, 0], [1, 0, 1, 2]]
SIZE, OUT, KERNEL, STRIDE, PAD = 4, 2, 3, 2, 1

scattered = [[0] * SIZE for _ in range(SIZE)]
for oy in range(OUT):
    for ox in range(OUT):
        for ky in range(KERNEL):
            for kx in range(KERNEL):
                iy, ix = oy * STRIDE + ky - PAD, ox * STRIDE + kx - PAD
                if 0 <= iy < SIZE and 0 <= ix < SIZE:
                    scattered[iy][ix] += DY[oy][ox] * W[ky][kx]


def direction(remainder):
    """The taps of a phase, in falling order, and the output that meets the first of them at
    the phase's first pixel."""
    taps = list(range((remainder + PAD) % STRIDE, KERNEL, STRIDE))[::-1]
    return taps, (remainder + PAD - taps[0]) // STRIDE


by_phases = [[None] * SIZE for _ in range(SIZE)]
for top in range(STRIDE):
    for left in range(STRIDE):
        rows, first_row = direction(top)
        columns, first_column = direction(left)
        print(f"phase {top} {left}: taps", *(f"w{r}{c}" for r in rows for c in columns))
        for qy in range(top, SIZE, STRIDE):
            for qx in range(left, SIZE, STRIDE):
                total = 0
                for i, ky in enumerate(rows):
                    for j, kx in enumerate(columns):
                        oy = first_row + qy // STRIDE + i
                        ox = first_column + qx // STRIDE + j
                        if 0 <= oy < OUT and 0 <= ox < OUT:
                            total += DY[oy][ox] * W[ky][kx]
                by_phases[qy][qx] = total

for row in by_phases:
    print("dx", *(f"{value:2}" for value in row))
print("the same by scattering:", scattered == by_phases)
print("sum of dx x:", sum(a * b for r, s in zip(by_phases, X) for a, b in zip(r, s)))
