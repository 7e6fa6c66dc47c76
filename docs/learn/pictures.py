#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Draws the pictures of the course: docs/learn/pictures.py [FOLDER]

The functions that draw are in pictures_layers.py and pictures_network.py. FOLDER is pictures/
beside this script unless it is named."""
import sys
from pathlib import Path

sys.dont_write_bytecode = True

import pictures_layers as layers    # noqa: E402
import pictures_network as network  # noqa: E402

PICTURES = {
    "01-convolution": layers.convolution,
    "02-im2col": layers.im2col,
    "03-weight-gradient": layers.weight_gradient,
    "04-phases": layers.phases,
    "05-pooling": layers.pooling,
    "06-batchnorm": layers.batchnorm,
    "07-softmax": layers.softmax,
    "08-one-cycle": network.one_cycle,
    "09-plan": network.plan,
    "10-resnet": network.resnet,
    "11-roofline": network.roofline,
    "12-winograd": network.winograd,
    "13-bf16": network.bf16,
    "14-tree": network.tree,
}


def main():
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parent / "pictures")

    folder.mkdir(exist_ok=True)
    for name, draw in PICTURES.items():
        (folder / f"{name}.svg").write_text(draw().svg())


if __name__ == "__main__":
    main()
