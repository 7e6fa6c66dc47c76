# SPDX-License-Identifier: MIT
"""Lesson 7: the mean loss of a batch that `im2cat dump` wrote.

    docs/learn/run 07-mean FILE"""
import sys

from tensors import load

losses = load(sys.argv[1])["losses"].numbers
print(f"mean loss of {len(losses)} pictures: {sum(losses) / len(losses):.4f}")
