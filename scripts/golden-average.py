#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes tests/golden/average.txt: PyTorch's exponential moving average of a module.

A batch norm of 3 channels stands for a network. Number i of its weight, bias, running
mean and running variance (12 in all) is cos(i + 0.3 t) after step t; then the average is
updated, buffers included. The file is plain text.
"""

import math
import pathlib

import torch
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

GOLDEN = pathlib.Path(__file__).resolve().parent.parent / "tests" / "golden"
STEPS = 10

with open(GOLDEN / "average.txt", "w") as out:
    out.write(f"# PyTorch {torch.__version__}, AveragedModel(use_buffers=True)\n")
    out.write("# average: decay steps\n# step: number, then the 12 averages after it\n")
    for decay in 0.9, 0.999, 0.3:
        module = torch.nn.BatchNorm1d(3)
        arrays = module.weight, module.bias, module.running_mean, module.running_var
        average = AveragedModel(module, multi_avg_fn=get_ema_multi_avg_fn(decay),
                                use_buffers=True)
        out.write(f"average {decay} {STEPS}\n")
        for t in range(STEPS):
            with torch.no_grad():
                for k, array in enumerate(arrays):
                    array.copy_(torch.tensor([math.cos(3 * k + i + 0.3 * t)
                                              for i in range(3)]))
            average.update_parameters(module)
            mean = average.module
            numbers = [number.item()
                       for array in (mean.weight, mean.bias, mean.running_mean,
                                     mean.running_var) for number in array]
            out.write("step %d %s\n" % (t, " ".join("%.9g" % n for n in numbers)))
