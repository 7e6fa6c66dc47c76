#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes tests/golden/mixup.txt: the effect of fastai's MixUp callback on a batch.

The callback's random numbers, shares and a permutation, are given here. fastai computes
the rest: the mixed pictures, the loss and its gradient. The network is one linear layer
on 2 x 3 pixels, whose features are in the order of the pixels in memory. Needs fastai
and PyTorch; their versions are in the file.
"""

import math
import pathlib

import fastai
import torch
from fastai.callback.core import Callback
from fastai.callback.mixup import CutMix, MixUp
from fastai.callback.progress import ProgressCallback  # gives Learner its no_bar
from fastai.data.core import DataLoaders
from fastai.data.load import DataLoader
from fastai.learner import Learner
from fastai.losses import CrossEntropyLossFlat, LabelSmoothingCrossEntropyFlat
from fastai.optimizer import SGD

FOLDER = pathlib.Path(__file__).resolve().parent.parent / "tests" / "golden"
MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
CLASSES, FEATURES = 4, 2 * 3 * 3
DRAWN = (0.9, 0.03, 0.5, 0.27, 1.0)  # of Beta: the shares are max(x, 1 - x)
PARTNERS = (3, 1, 4, 2, 0)
LABELS = (0, 3, 1, 1, 2)


def pictures():
    """Byte i of the batch is (37 i + i^2) mod 256; normalised, (picture, feature)."""
    count = len(LABELS) * FEATURES
    rgb = torch.tensor([(37 * i + i * i) % 256 for i in range(count)]).double() / 255
    rgb = rgb.reshape(-1, 3)
    return ((rgb - torch.tensor(MEAN)) / torch.tensor(STD)).float().reshape(-1, FEATURES)


class GivenDraws:
    def sample(self, shape):
        return torch.tensor(DRAWN, dtype=torch.float32)


class Record(Callback):
    order = 70  # after MixUp

    def before_batch(self):
        if self.training:
            self.mixed, self.share = self.x.clone(), self.learn.mix_up.lam.clone()

    def before_step(self):
        self.loss_value = self.learn.loss_grad.item()
        self.gradient = self.model.weight.grad.clone()


def mixed_batch(loss):
    torch.randperm = lambda count: torch.tensor(PARTNERS)
    data = list(zip(pictures(), torch.tensor(LABELS)))
    network = torch.nn.Linear(FEATURES, CLASSES, bias=False)
    with torch.no_grad():  # element i of the weight is sin(i) / 2
        network.weight.copy_(torch.tensor(
            [math.sin(i) / 2 for i in range(CLASSES * FEATURES)]).reshape(CLASSES, -1))
    mixup, record = MixUp(0.4), Record()
    mixup.distrib = GivenDraws()
    loaders = DataLoaders(DataLoader(data, bs=len(data)), DataLoader(data, bs=len(data)))
    learner = Learner(loaders, network, loss_func=loss, opt_func=SGD, lr=0,
                      cbs=[mixup, record])
    with learner.no_bar(), learner.no_logging():
        learner.fit(1)
    return record


def numbers(values):
    return " ".join("%.9g" % v for v in values.flatten().tolist())


def write_rectangles():
    """The rectangles of CutMix for given draws: the share and the centre."""
    callback, randint = CutMix(1.0), torch.randint
    callback.x = torch.zeros(1)  # its device is the rectangle's
    with open(FOLDER / "cutmix.txt", "w") as out:
        out.write(f"# fastai {fastai.__version__}, PyTorch {torch.__version__}; "
                  "scripts/golden-fastai-mixup.py\n")
        out.write("# size, x of Beta, centre (x y), rectangle (left top right bottom), "
                  "share that stays\n")
        for i in range(240):
            size = (5, 32, 64, 128, 224)[i % 5]
            x = torch.tensor([(i * 0.6180339887) % 1.0])
            centre = [(i * 37) % size, (i * 53 + i // 7) % size]
            draws = iter(centre)
            torch.randint = lambda *_: torch.tensor([next(draws)])
            left, top, right, bottom = callback.rand_bbox(size, size, x)
            torch.randint = randint
            share = 1 - ((right - left) * (bottom - top)).item() / float(size * size)
            out.write(f"{size} {x.item():.9g} {centre[0]} {centre[1]} {left.item()} "
                      f"{top.item()} {right.item()} {bottom.item()} {share:.9g}\n")


def main():
    write_rectangles()
    cases = (0, CrossEntropyLossFlat()), (0.1, LabelSmoothingCrossEntropyFlat(eps=0.1))
    with open(FOLDER / "mixup.txt", "w") as out:
        out.write(f"# fastai {fastai.__version__}, PyTorch {torch.__version__}; "
                  "scripts/golden-fastai-mixup.py\n")
        out.write("# label smoothing, then lines: shares, partners, labels, the mixed "
                  "pictures,\n# the loss, its gradient with respect to the weight\n")
        for smoothing, loss in cases:
            record = mixed_batch(loss)
            out.write(f"smoothing {smoothing}\n{numbers(record.share)}\n")
            out.write(" ".join(map(str, PARTNERS)) + "\n")
            out.write(" ".join(map(str, LABELS)) + "\n")
            out.write(f"{numbers(record.mixed)}\n{record.loss_value:.9g}\n"
                      f"{numbers(record.gradient)}\n")


if __name__ == "__main__":
    main()
