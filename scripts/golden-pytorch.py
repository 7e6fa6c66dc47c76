#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes tests/golden/ARCH.txt: PyTorch's results with a ResNet, in float64.

    python3 scripts/golden-pytorch.py resnet34 > tests/golden/resnet34.txt
    python3 scripts/golden-pytorch.py resnet101 --exact > resnet101.txt

Weights and pictures come from a formula (formula.py and tests/formula.h), so that none
are stored. A vector is stored as its norm, its first and last element and its dot
products with eight directions of +1 and -1: the mean square of such products of a
difference estimates its squared norm.

The biases of the batch norms keep most activations well away from zero. A ReLU turns
the smallest error of an activation close to zero into a large error of the gradient, in
any float32 computation; that must not hide errors of our own. The head of the file
gives the distance between PyTorch's own float32 and its float64, unless --exact leaves
it out. The deeper networks take no steps of SGD, whose result does not depend on the
network.
"""
import sys

import torch
import torchvision

from formula import (bottleneck_weight, labels, numbers, pictures, print_vector,
                     weight)

CLASSES, BATCH, SIZE, STEPS = 5, 4, 64, 10
ADAM_LR, SGD_LR, DECAY = 1e-4, 2e-4, 1.0
GROUP_RATES = (0.25, 0.5, 1)  # of the learning rate: stem to layer2, layer3 and 4, head

# --- PyTorch ------------------------------------------------------------------------


def is_deep(model):
    """The deeper networks are the bottleneck ones."""
    return hasattr(model.layer1[0], "bn3")


def make_model(arch, dtype):
    model = torchvision.models.get_model(arch, num_classes=CLASSES)
    state = model.state_dict()
    draw = bottleneck_weight if is_deep(model) else weight
    for stream, (name, value) in enumerate(state.items()):
        if value.dtype != torch.int64:
            value.copy_(torch.from_numpy(draw(stream, name, tuple(value.shape))))
    return model.to(dtype)


def loss_of(model, step, dtype):
    logits = model(torch.from_numpy(pictures(step, BATCH, SIZE)).to(dtype))
    return logits, torch.nn.functional.cross_entropy(
        logits, torch.tensor(labels(step, BATCH, CLASSES)))


def group_of(name):
    return 2 if name.startswith("fc.") else 1 if name[:6] in ("layer3", "layer4") else 0


def optimizer_groups(model, lr):
    """One group per parameter. Weights decay; batch norm and biases do not."""
    return [{"params": [p], "lr": lr * GROUP_RATES[group_of(name)],
             "weight_decay": DECAY if p.dim() > 1 else 0.0}
            for name, p in model.named_parameters()]


def statistics(model):
    return {name: value.double() for name, value in model.state_dict().items()
            if "running_" in name}


def train(arch, kind, dtype):
    """Losses of ten steps, and the running statistics after them."""
    model = make_model(arch, dtype).train()
    losses = []
    if kind == "adam":
        # torch's AdamW is fastai's Adam: decay first, epsilon outside the root.
        optimizer = torch.optim.AdamW(optimizer_groups(model, ADAM_LR),
                                      betas=(0.9, 0.99), eps=1e-5)
        groups = []
    else:
        groups = optimizer_groups(model, SGD_LR)
        optimizer = torch.optim.SGD(
            [{"params": g["params"], "lr": g["lr"]} for g in groups], momentum=0.9)
    for step in range(STEPS):
        loss = loss_of(model, step, dtype)[1]
        optimizer.zero_grad()
        loss.backward()
        with torch.no_grad():  # SGD with decoupled decay, as fastai's
            for group in groups:
                group["params"][0].mul_(1 - group["lr"] * group["weight_decay"])
        optimizer.step()
        losses.append(loss.item())
    return torch.tensor(losses, dtype=torch.float64), statistics(model)


def compute(arch, dtype):
    """The content of the golden, as {key: {name: vector}}."""
    model = make_model(arch, dtype)
    picture = torch.from_numpy(pictures(0, BATCH, SIZE)).to(dtype)
    result = {"logits": {"eval": model.eval()(picture).detach().double()}}
    logits, loss = loss_of(model.train(), 0, dtype)
    loss.backward()
    result["logits"]["train"] = logits.detach().double()
    result["losses"] = {"first": loss.detach().double().reshape(1)}
    result["gradient"] = {n: p.grad.double() for n, p in model.named_parameters()}
    result["statistics"] = statistics(model)
    for kind in ("adam",) if is_deep(model) else ("adam", "sgd"):
        result["losses"][kind], result[kind] = train(arch, kind, dtype)
    return result


# --- the file -----------------------------------------------------------------------


def worst(found, expected):
    return max(((found[n] - expected[n]).norm() / expected[n].norm()).item()
               for n in expected)


def print_single(exact, single):
    print("# PyTorch's float32 against its float64, relative, the worst:")
    for key in exact:
        for name in exact[key] if key in ("logits", "losses") else [None]:
            pair = (single[key], exact[key])
            if name is not None:
                pair = ({name: single[key][name]}, {name: exact[key][name]})
            print(f"#   {key}{' ' + name if name else ''} {worst(*pair):.2g}")


def main():
    arch = sys.argv[1]
    order = list(make_model(arch, torch.float32).state_dict())
    exact = compute(arch, torch.float64)

    print(f"# torch {torch.__version__}, torchvision {torchvision.__version__}; "
          f"scripts/golden-pytorch.py {arch}")
    if "--exact" not in sys.argv:
        print_single(exact, compute(arch, torch.float32))
    for key in ("logits", "losses"):
        for name, value in exact[key].items():
            print(key, name, numbers(value.flatten()))
    for key in ("gradient", "statistics", "adam", "sgd"):
        for name, value in exact.get(key, {}).items():
            print_vector(key, name, order.index(name), value)


main()
