#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes tests/golden/fine-tune-ARCH.txt: a whole fine_tune(1) by fastai, in float64.

    python3 scripts/golden-fastai-learner.py resnet34 \\
        > tests/golden/fine-tune-resnet34.txt
    python3 scripts/golden-fastai-learner.py resnet34 --dropout \\
        > tests/golden/fine-tune-resnet34-dropout.txt

The script runs fastai's own vision_learner and fine_tune, on weights and pictures from
a formula (formula.py and tests/formula.h), 20 steps frozen and 20 unfrozen. Without
--dropout the head drops nothing; with it, its two dropouts drop the same elements as
im2cat's (philox.py). The base rate is a tenth of fine_tune's default: with the default,
a single ReLU or max pool that decides a tie differently, as in any float32 computation,
can change a later loss by 1e-3.

The file holds the loss, the learning rates and the momentum of each step, and the
movement of each parameter and each running statistic from its start, after the frozen
and after the unfrozen steps, in golden-pytorch.py's form of vectors. A tensor without a
line did not move at all. The head of the file gives the distance between fastai's own
float32 and its float64.
"""
import argparse
import math

import fastai
import fastai.callback.progress  # adds no_bar
import fastai.callback.schedule  # adds fine_tune
import torch
import torchvision
from fastai.callback.core import Callback
from fastai.data.core import DataLoaders
from fastai.data.load import DataLoader
from fastai.losses import CrossEntropyLossFlat
from fastai.vision.learner import vision_learner

from formula import class_pictures, labels, numbers, print_vector, tame_weight
from philox import check_known_answers, kept

CLASSES, BATCH, SIZE, STEPS, SEED = 5, 8, 64, 20, 42
BASE_LR = 2e-4
PHASES = "frozen", "unfrozen"
MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)  # ImageNet's

# --- the learner ----------------------------------------------------------------------


class GivenDropout(torch.nn.Module):
    """Dropout number `layer`, with im2cat's mask of each training step."""

    def __init__(self, rate, layer):
        super().__init__()
        self.rate, self.layer, self.step = rate, layer, 0

    def forward(self, x):
        if not self.training:
            return x
        mask = kept(self.rate, SEED, self.step, self.layer, x.numel())
        self.step += 1
        return x * torch.from_numpy(mask).reshape(x.shape) / (1 - self.rate)


def samples(step, dtype):
    mean, std = (torch.tensor(x, dtype=dtype).reshape(3, 1, 1) for x in (MEAN, STD))
    pixels = torch.from_numpy(class_pictures(step, BATCH, SIZE, CLASSES)).to(dtype)
    return list(zip((pixels / 255 - mean) / std,
                    torch.tensor(labels(step, BATCH, CLASSES))))


def make_learner(arch, dropout, dtype):
    """20 batches per training epoch; three more pictures are a short batch, which is
    dropped."""
    data = [s for step in range(STEPS) for s in samples(step, dtype)]
    learner = vision_learner(
        DataLoaders(DataLoader(data + data[:3], bs=BATCH, drop_last=True),
                    DataLoader(data[:BATCH], bs=BATCH)),
        getattr(torchvision.models, arch), n_out=CLASSES, pretrained=False,
        loss_func=CrossEntropyLossFlat())
    for stream, (name, value) in enumerate(learner.model.state_dict().items()):
        if value.dtype != torch.int64:
            value.copy_(torch.from_numpy(tame_weight(stream, name, tuple(value.shape))))
    head = learner.model[1]
    for layer, place in enumerate((3, 7)):
        assert isinstance(head[place], torch.nn.Dropout)
        head[place] = GivenDropout(head[place].p if dropout else 0.0, layer)
    learner.model.to(dtype)
    return learner


class Record(Callback):
    order = 80  # after the schedule has set the rates
    run_valid = False

    def __init__(self, names):
        self.names, self.steps, self.weights = names, [], []

    def tensors(self):
        """Copies of all parameters and statistics, by im2cat's names."""
        values = self.learn.model.state_dict().values()
        return {n: v.double().clone() for n, v in zip(self.names, values)
                if v.dtype != torch.int64}

    def before_batch(self):
        self.rates = [h["lr"] for h in self.opt.hypers] + [self.opt.hypers[0]["mom"]]

    def after_batch(self):
        self.steps.append([self.loss.item(), *self.rates])

    def after_train(self):
        self.weights.append(self.tensors())


def compute(arch, names, dropout, dtype):
    """Losses and rates of all steps; the tensors before, between and after the phases.
    """
    learner, record = make_learner(arch, dropout, dtype), Record(names)
    learner.add_cb(record)
    record.weights.append(record.tensors())
    with learner.no_bar(), learner.no_logging():
        learner.fine_tune(1, base_lr=BASE_LR)
    assert len(record.steps) == 2 * STEPS and len(record.weights) == 3
    return record


# --- the file -------------------------------------------------------------------------


def group_of(name):
    return (2 if name.startswith("1.") else
            1 if name.startswith(("layer3.", "layer4.")) else 0)


def norm_of(tensors):
    return math.sqrt(sum(t.square().sum().item() for t in tensors))


def print_float32(single, exact):
    print("# fastai's float32 against its float64, relative; errors of groups 0, 1 and 2 "
          "by their\n# parameters, by how far these moved, and by their statistics:")
    for k, phase in enumerate(PHASES):
        pairs = zip(single.steps[k * STEPS:][:STEPS], exact.steps[k * STEPS:][:STEPS])
        losses = max(abs(a[0] - b[0]) / b[0] for a, b in pairs)
        begun, expected = exact.weights[0], exact.weights[k + 1]
        found = single.weights[k + 1]
        figures = {"parameters": [], "moved": [], "statistics": []}
        for group in range(3):
            for running in (False, True):
                names = [n for n in expected
                         if group_of(n) == group and ("running_" in n) == running]
                error = norm_of(found[n] - expected[n] for n in names)
                size = norm_of(expected[n] for n in names)
                figures["statistics" if running else "parameters"].append(error / size)
                if not running:
                    moved = norm_of(expected[n] - begun[n] for n in names)
                    figures["moved"].append(error / moved)
        print(f"#   {phase}: losses {losses:.2g};",
              "; ".join(f"{key} {numbers(v, 2)}" for key, v in figures.items()))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("arch", choices=("resnet18", "resnet34"))
    parser.add_argument("--dropout", action="store_true")
    options = parser.parse_args()
    check_known_answers()

    body = [n for n in torchvision.models.get_model(options.arch).state_dict()
            if not n.startswith("fc.")]
    head = [n for n in make_learner(options.arch, False, torch.float32).model.state_dict()
            if n.startswith("1.")]
    names = body + head
    exact, single = (compute(options.arch, names, options.dropout, dtype)
                     for dtype in (torch.float64, torch.float32))

    print(f"# fastai {fastai.__version__}, torch {torch.__version__}, torchvision "
          f"{torchvision.__version__}; scripts/golden-fastai-learner.py {options.arch}"
          f"{' --dropout' if options.dropout else ''}")
    print(f"# fine_tune(1, base_lr={BASE_LR:g}), {STEPS} steps an epoch, "
          f"batch {BATCH} of {SIZE} x {SIZE}, {CLASSES} classes, seed {SEED}")
    print_float32(single, exact)
    print("# step: number, loss, learning rates of the three groups, momentum")
    for number, figures in enumerate(exact.steps):
        print("step", number, numbers(figures))
    print("# frozen, unfrozen: tensor, norm, first and last element, and products of "
          "its movement")
    for key, after in zip(PHASES, exact.weights[1:]):
        for name, value in after.items():
            moved = value - exact.weights[0][name]
            if moved.any():
                print_vector(key, name, names.index(name), moved, 7)


main()
