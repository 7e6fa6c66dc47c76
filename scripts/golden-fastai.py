#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes tests/golden/one-cycle.txt, fine-tune.txt, optimizer.txt, smooth-loss.txt and
valley.txt.

fastai itself computes them: its one-cycle schedule, the learning rates of every step of
its Learner.fine_tune, its Adam and SGD with a momentum that changes from step to step
and with clipped gradients, its smoothed training loss, its learning-rate finder. Needs
fastai and PyTorch; their versions are in the files. Run it from anywhere; the files are
plain text.
"""

import math
import pathlib

import fastai
import torch
from fastai.callback.core import Callback
from fastai.callback.schedule import combined_cos
from fastai.callback.training import GradientClip
from fastai.data.core import DataLoaders
from fastai.data.load import DataLoader
from fastai.learner import AvgSmoothLoss, Learner
from fastai.losses import CrossEntropyLossFlat
from fastai.optimizer import SGD, Adam

FOLDER = pathlib.Path(__file__).resolve().parent.parent / "tests" / "golden"
VERSIONS = f"# fastai {fastai.__version__}, PyTorch {torch.__version__}\n"
MOMENTA = 0.95, 0.85, 0.95


def schedule(steps, lr, pct_start, div, div_final):
    """fit_one_cycle: learning rate and momentum of each step."""
    lrs = combined_cos(pct_start, lr / div, lr, lr / div_final)
    momenta = combined_cos(pct_start, *MOMENTA)
    return [(lrs(i / steps), momenta(i / steps)) for i in range(steps)]


def write_schedules():
    cases = [
        (40, 2e-3, 0.25, 25, 1e5),
        (1, 2e-3, 0.25, 25, 1e5),
        (7, 1.0, 0.25, 25, 1e5),
        (13, 2e-4, 0.99, 25, 1e5),
        (30, 1e-3, 0.3, 5, 1e5),
    ]
    with open(FOLDER / "one-cycle.txt", "w") as out:
        out.write(VERSIONS)
        out.write("# phase: steps lr pct_start div div_final\n# step: number lr momentum\n")
        for case in cases:
            out.write("phase %d %g %g %g %g\n" % case)
            for i, rates in enumerate(schedule(*case)):
                out.write("step %d %.9g %.9g\n" % (i, *rates))


def write_fine_tune():
    """A whole fine_tune on a toy network of three groups: the settings of each step."""
    class Record(Callback):
        order = 80  # after the schedule has set the rates
        rows = []

        def before_batch(self):
            if self.training:
                hypers = self.opt.hypers
                self.rows.append((self.opt.frozen_idx, [h["lr"] for h in hypers],
                                  hypers[0]["mom"]))

    torch.manual_seed(0)
    data = torch.utils.data.TensorDataset(torch.randn(44, 4), torch.randint(0, 2, (44,)))
    loaders = DataLoaders(DataLoader(data, bs=4, drop_last=True), DataLoader(data, bs=4))
    network = torch.nn.Sequential(*[torch.nn.Linear(4, 4), torch.nn.Linear(4, 4),
                                    torch.nn.Linear(4, 2)])
    learner = Learner(loaders, network, loss_func=CrossEntropyLossFlat(), cbs=Record(),
                      splitter=lambda m: [list(layer.parameters()) for layer in m])
    with learner.no_bar(), learner.no_logging():
        learner.fine_tune(2, base_lr=2e-3, freeze_epochs=1)
    with open(FOLDER / "fine-tune.txt", "w") as out:
        out.write(VERSIONS)
        out.write("# fine_tune(2, base_lr=0.002, freeze_epochs=1), 11 steps an epoch\n"
                  "# frozen groups, learning rates of the three groups, momentum\n")
        for frozen, lrs, momentum in Record.rows:
            out.write("%d %.9g %.9g %.9g %.9g\n" % (frozen, *lrs, momentum))


def write_optimizers():
    """A weight of 6 numbers that decays and a bias of 2 that does not; parameter i
    starts as cos(i), its gradient in step t is 0.1 sin(0.7 i + 0.3 t), whose norm is
    above 0.2 in some steps."""
    steps, lr, decay = 12, 0.05, 0.1
    with open(FOLDER / "optimizer.txt", "w") as out:
        out.write(VERSIONS)
        out.write("# optimizer: name steps lr weight_decay, largest norm of the gradient\n")
        out.write("# step: number, then the 6 weights and 2 biases after it\n")
        for name, most in ("adam", 0), ("sgd", 0), ("adam", 0.2), ("sgd", 0.2):
            weight = torch.nn.Parameter(torch.tensor([math.cos(i) for i in range(6)]))
            bias = torch.nn.Parameter(torch.tensor([math.cos(i) for i in range(6, 8)]))
            make = Adam if name == "adam" else SGD
            optimizer = make([weight, bias], lr=lr, mom=0.9, wd=decay)
            optimizer.state[bias]["do_wd"] = False
            clip = GradientClip(most)
            clip.parameters = lambda: [weight, bias]
            out.write("optimizer %s %d %g %g %g\n" % (name, steps, lr, decay, most))
            for t, (rate, momentum) in enumerate(schedule(steps, lr, 0.25, 25, 1e5)):
                grads = [0.1 * math.sin(0.7 * i + 0.3 * t) for i in range(8)]
                weight.grad = torch.tensor(grads[:6])
                bias.grad = torch.tensor(grads[6:])
                if most > 0:
                    clip.before_step()
                optimizer.set_hypers(lr=rate, mom=momentum)
                optimizer.step()
                values = weight.tolist() + bias.tolist()
                out.write("step %d %s\n" % (t, " ".join("%.9g" % v for v in values)))


def write_smooth_losses():
    class Learner:
        loss = None

    with open(FOLDER / "smooth-loss.txt", "w") as out:
        out.write(VERSIONS)
        out.write("# loss of the batch, smoothed loss after it\n")
        smooth, learner = AvgSmoothLoss(), Learner()
        smooth.reset()
        for i in range(20):
            learner.loss = torch.tensor(0.7 * math.exp(-0.1 * i) + 0.2 * math.sin(i))
            smooth.accumulate(learner)
            out.write("%.9g %.9g\n" % (learner.loss.item(), smooth.value.item()))


def find_lr(learner, num_it):
    """lr_find: the suggestion, and each step's rate, loss and smoothed loss."""
    class Record(Callback):
        losses = []

        def after_loss(self):
            self.losses.append(self.learn.loss.item())

    record = Record()
    record.losses = []
    learner.add_cb(record)
    with learner.no_bar():
        suggestion = learner.lr_find(num_it=num_it, show_plot=False).valley
    recorder = learner.recorder
    smooth = [loss.item() for loss in recorder.losses]
    assert len(record.losses) == len(recorder.lrs) == len(smooth)
    return suggestion, list(zip(recorder.lrs, record.losses, smooth))


def network_that_learns():
    """Noisy pictures of horizontal or vertical bars, 13 batches per epoch."""
    torch.manual_seed(0)
    labels = torch.arange(208) % 2
    images = torch.randn(208, 1, 12, 12)
    for image, label in zip(images, labels):
        place = torch.randint(0, 12, ()).item()
        (image[:, place] if label == 0 else image[:, :, place]).add_(3)
    loader = DataLoader(torch.utils.data.TensorDataset(images, labels), bs=16, shuffle=True)
    network = torch.nn.Sequential(
        torch.nn.Conv2d(1, 16, 5), torch.nn.BatchNorm2d(16), torch.nn.ReLU(),
        torch.nn.Conv2d(16, 16, 3), torch.nn.ReLU(), torch.nn.Flatten(),
        torch.nn.Linear(16 * 6 * 6, 2))
    return Learner(DataLoaders(loader, loader), network, loss_func=CrossEntropyLossFlat())


def learner_of(losses):
    """A learner whose loss is the next of the list, whatever its network does."""
    data = torch.utils.data.TensorDataset(torch.zeros(28, 1), torch.zeros(28, 1))
    loader = DataLoader(data, bs=4)
    values = iter(losses)
    return Learner(DataLoaders(loader, loader), torch.nn.Linear(1, 1),
                   loss_func=lambda output, target: next(values) + 0 * output.sum())


def write_valleys():
    """lr_find on a network that learns, and on losses of any shape."""
    random = torch.Generator().manual_seed(1)
    noise = torch.randn(100, generator=random).tolist()

    def typical(i, steps=100):  # level, then a fall, then out of bounds
        x = i / steps
        return 0.7 - 0.5 / (1 + math.exp(-30 * (x - 0.6))) + math.exp(60 * (x - 0.85))

    curves = [
        ("typical", 100, [typical(i) for i in range(100)]),
        ("noisy", 100, [typical(i) + 0.2 * abs(noise[i]) for i in range(100)]),
        ("falling", 100, [2 - 0.01 * i for i in range(100)]),
        ("rising", 100, [0.5 + 0.01 * i for i in range(100)]),
        ("level", 100, [0.7] * 100),
        ("waves", 100, [1 + 0.5 * math.sin(0.2 * i) for i in range(100)]),
        ("fewer", 37, [typical(i, 37) for i in range(37)]),
        ("fewest", 6, [typical(i, 6) for i in range(6)]),
        ("early-end", 100, [1 - 0.02 * i for i in range(25)] + [300.0]),
        ("nan", 100, [typical(i) for i in range(70)] + [math.nan] * 30),
        ("late-nan", 100, [2 - 0.01 * i for i in range(98)] + [math.nan] * 2),
        ("infinite", 100, [typical(i) for i in range(70)] + [math.inf]),
    ]
    with open(FOLDER / "valley.txt", "w") as out:
        out.write(VERSIONS)
        out.write("# curve: name num_it points suggestion of lr_find\n"
                  "# point: lr loss smoothed_loss\n")
        found = [("recorded", 100, find_lr(network_that_learns(), 100))]
        found += [(name, steps, find_lr(learner_of(losses), steps))
                  for name, steps, losses in curves]
        for name, steps, (suggestion, points) in found:
            out.write("curve %s %d %d %.9g\n" % (name, steps, len(points), suggestion))
            for point in points:
                out.write("point %.9g %.9g %.9g\n" % point)


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    write_schedules()
    write_fine_tune()
    write_optimizers()
    write_smooth_losses()
    write_valleys()
