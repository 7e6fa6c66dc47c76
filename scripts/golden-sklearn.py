#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes tests/golden/class-figures.txt: precision, recall and F1 from scikit-learn.

For each confusion matrix the file has the figures of every class and their macro
average, which scikit-learn takes over the classes that occur. Needs scikit-learn; the
versions are in the file. Run it from anywhere; the file is plain text.
"""

import pathlib

import numpy as np
import sklearn
from sklearn.metrics import precision_recall_fscore_support

PATH = pathlib.Path(__file__).resolve().parent.parent / "tests/golden/class-figures.txt"

MATRICES = [  # rows: the true classes; columns: the predictions
    [[7]],
    [[5, 0], [0, 3]],
    [[0, 4], [6, 0]],
    [[5, 2], [0, 0]],  # no picture of the second class
    [[5, 0], [3, 0]],  # no prediction of the second class
    [[4, 0, 1], [0, 0, 0], [2, 0, 3]],  # the class does not occur at all
    [[0, 0, 9], [0, 0, 0], [0, 0, 0]],  # always wrong
]


def write_case(out, matrix):
    count = len(matrix)
    out.write(f"classes {count}\n")
    for row in matrix:
        out.write(" ".join(str(cell) for cell in row) + "\n")
    label, predicted = np.nonzero(np.ones_like(matrix))
    repeats = np.ravel(matrix)
    label, predicted = np.repeat(label, repeats), np.repeat(predicted, repeats)
    classes = precision_recall_fscore_support(
        label, predicted, labels=range(count), zero_division=0)
    macro = precision_recall_fscore_support(
        label, predicted, average="macro", zero_division=0)
    for row in [*zip(*classes[:3]), macro[:3]]:
        out.write("%.9g %.9g %.9g\n" % row)


def main():
    random = np.random.default_rng(1)
    matrices = [np.array(m) for m in MATRICES]
    for count in 3, 7, 12:
        sparse = random.integers(0, 9, (count, count)) * (random.random((count, count)) < 0.6)
        matrices.append(sparse)
    with open(PATH, "w") as out:
        out.write(f"# scikit-learn {sklearn.__version__}, NumPy {np.__version__}\n")
        out.write("# classes; the matrix; precision recall f1 of each class; their macro average\n")
        for matrix in matrices:
            write_case(out, matrix)


if __name__ == "__main__":
    main()
