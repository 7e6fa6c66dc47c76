#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes tests/golden/resnet18-double.txt: two steps of ResNet-18 by PyTorch in float64.

    python3 scripts/golden-reference.py > tests/golden/resnet18-double.txt

It is for --device reference, which computes in double as well, and so the numbers have
all their digits. Constants that im2cat keeps as floats (epsilon and momentum of the
batch norms) are rounded to floats here; the rates and the momentum of SGD are floats as
they are. Pictures of 40 x 40 pixels make feature maps of 20, 10, 5, 3 and 2.
"""
import numpy as np
import torch
import torchvision

from formula import labels, numbers, pictures, print_vector, weight

CLASSES, BATCH, SIZE, STEPS = 5, 2, 40, 2
LR, MOMENTUM, DECAY = 2**-12, 0.875, 0.5
DIGITS = 17


def make_model():
    model = torchvision.models.resnet18(num_classes=CLASSES)
    for stream, (name, value) in enumerate(model.state_dict().items()):
        if value.dtype != torch.int64:
            value.copy_(torch.from_numpy(weight(stream, name, tuple(value.shape))))
    for module in model.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.eps = float(np.float32(module.eps))
            module.momentum = float(np.float32(module.momentum))
    return model.double()


def group_rate(name):
    """The learning rate of a parameter's group: stem to layer2, layers 3 and 4, head."""
    return LR if name.startswith("fc.") else LR / 2 if name[:6] in ("layer3", "layer4") \
        else LR / 4


def backward(model, step):
    logits = model(torch.from_numpy(pictures(step, BATCH, SIZE)).double())
    loss = torch.nn.functional.cross_entropy(
        logits, torch.tensor(labels(step, BATCH, CLASSES)))
    model.zero_grad()
    loss.backward()
    return logits.detach().flatten(), loss.item()


def print_vectors(key, order, vectors):
    for name, value in vectors:
        print_vector(key, name, order.index(name), value.detach(), DIGITS)


def main():
    model = make_model()
    order = list(model.state_dict())
    velocity = {name: torch.zeros_like(p) for name, p in model.named_parameters()}
    losses = []

    print(f"# torch {torch.__version__}, torchvision {torchvision.__version__}; "
          "scripts/golden-reference.py")
    picture = torch.from_numpy(pictures(0, BATCH, SIZE)).double()
    print("logits eval", numbers(model.eval()(picture).detach().flatten(), DIGITS))
    model.train()
    for step in range(STEPS):
        logits, loss = backward(model, step)
        losses.append(loss)
        if step == 0:
            print("logits train", numbers(logits, DIGITS))
            print_vectors("gradient", order,
                          [(n, p.grad) for n, p in model.named_parameters()])
        with torch.no_grad():  # as torch.optim.SGD, but with decoupled decay
            for name, p in model.named_parameters():
                velocity[name].mul_(MOMENTUM).add_(p.grad)
                if p.dim() > 1:
                    p.mul_(1 - group_rate(name) * DECAY)
                p.sub_(group_rate(name) * velocity[name])
    print("losses sgd", numbers(losses, DIGITS))
    print_vectors("parameter", order, model.named_parameters())
    print_vectors("statistics", order, [(n, v) for n, v in model.state_dict().items()
                                        if "running_" in n])


main()
