#!/usr/bin/env python3
"""Writes tests/golden/ARCH.txt: what PyTorch computes with a ResNet, in float64.

    python3 scripts/golden-pytorch.py resnet34 > tests/golden/resnet34.txt

Weights and pictures come from a formula (below and in tests/formula.h), so that none
are stored. A vector is stored as its norm, its first and last element and its dot
products with eight directions of +1 and -1: the mean square of such products of a
difference estimates its squared norm.

The biases of the batch norms put most activations well away from zero. A ReLU turns the
smallest error of an activation next to zero into a large one of the gradient, in any
float32 computation; here it does not hide errors that are our own. The head of the file
says how far PyTorch's own float32 is from its float64.
"""
import math
import sys

import numpy as np
import torch
import torchvision

CLASSES, BATCH, SIZE, STEPS = 5, 4, 64, 10
ADAM_LR, SGD_LR, DECAY = 1e-4, 2e-4, 1.0
GROUP_RATES = (0.25, 0.5, 1)  # of the learning rate: stem to layer2, layer3 and 4, head

# --- the formula --------------------------------------------------------------------


def hashes(stream, count):
    """SplitMix64 (Steele, Lea, Flood 2014) of (stream << 32) + i + 1 steps."""
    with np.errstate(over="ignore"):
        z = np.arange(1, count + 1, dtype=np.uint64) + np.uint64(stream << 32)
        z *= np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return z ^ (z >> np.uint64(31))


def uniform(stream, count):
    """Multiples of 2^-23 in [-1, 1)."""
    return (hashes(stream, count) >> np.uint64(40)).astype(np.float64) / 2**23 - 1


def weight(stream, name, shape):
    """Tensor number `stream` of the state_dict, in the file's layout."""
    u = uniform(stream, math.prod(shape))
    if len(shape) == 4:  # the deviation of He et al. 2015, with fan_out
        x = u * math.sqrt(6 / (shape[0] * shape[2] * shape[3]))
    elif name.startswith("fc."):
        x = u / math.sqrt(512)
    elif name.endswith(".weight"):
        x = 1 + u / 4
    elif name.endswith(".bias"):  # three quarters of the channels alive, one dead
        x = np.where(u < 0.5, 3.0, -3.0) + u / 2
    elif name.endswith(".running_var"):
        x = 1 + u / 2
    else:
        x = u / 8
    return x.astype(np.float32).reshape(shape)


def pictures(step):
    """Squares of 8 x 8 pixels, and noise."""
    tiles = uniform(1000 + 2 * step, BATCH * 3 * (SIZE // 8) ** 2)
    tiles = tiles.reshape(BATCH, 3, SIZE // 8, SIZE // 8).repeat(8, 2).repeat(8, 3)
    noise = uniform(1001 + 2 * step, BATCH * 3 * SIZE**2)
    return (1.5 * tiles + 0.5 * noise.reshape(tiles.shape)).astype(np.float32)


def labels(step):
    return [(step + 3 * k) % CLASSES for k in range(BATCH)]


def directions(stream, count):
    """Eight directions of +1 and -1: the low bits of a hash."""
    bits = hashes(2000 + stream, count)[:, None] >> np.arange(8, dtype=np.uint64)
    return torch.from_numpy((bits & np.uint64(1)).astype(np.float64) * 2 - 1)


# --- PyTorch ------------------------------------------------------------------------


def make_model(arch, dtype):
    model = torchvision.models.get_model(arch, num_classes=CLASSES)
    state = model.state_dict()
    for stream, (name, value) in enumerate(state.items()):
        if value.dtype != torch.int64:
            value.copy_(torch.from_numpy(weight(stream, name, tuple(value.shape))))
    return model.to(dtype)


def loss_of(model, step, dtype):
    logits = model(torch.from_numpy(pictures(step)).to(dtype))
    return logits, torch.nn.functional.cross_entropy(logits, torch.tensor(labels(step)))


def group_of(name):
    return 2 if name.startswith("fc.") else 1 if name[:6] in ("layer3", "layer4") else 0


def optimizer_groups(model, lr):
    """One group a parameter. Weights decay; batch norm and biases do not."""
    return [{"params": [p], "lr": lr * GROUP_RATES[group_of(name)],
             "weight_decay": DECAY if p.dim() > 1 else 0.0}
            for name, p in model.named_parameters()]


def statistics(model):
    return {name: value.double() for name, value in model.state_dict().items()
            if "running_" in name}


def train(arch, kind, dtype):
    """Losses of ten steps, and the running statistics behind them."""
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
    """Everything that the golden holds, as {key: {name: vector}}."""
    model = make_model(arch, dtype)
    picture = torch.from_numpy(pictures(0)).to(dtype)
    result = {"logits": {"eval": model.eval()(picture).detach().double()}}
    logits, loss = loss_of(model.train(), 0, dtype)
    loss.backward()
    result["logits"]["train"] = logits.detach().double()
    result["losses"] = {"first": loss.detach().double().reshape(1)}
    result["gradient"] = {n: p.grad.double() for n, p in model.named_parameters()}
    result["statistics"] = statistics(model)
    for kind in ("adam", "sgd"):
        result["losses"][kind], result[kind] = train(arch, kind, dtype)
    return result


# --- the file -----------------------------------------------------------------------


def worst(found, expected):
    return max(((found[n] - expected[n]).norm() / expected[n].norm()).item()
               for n in expected)


def numbers(values):
    return " ".join(f"{v:.12g}" for v in values)


def print_vector(key, name, stream, value):
    """Name, norm, first and last element, eight projections."""
    flat = value.flatten().contiguous()
    products = flat @ directions(stream, flat.numel())
    print(key, name, numbers([flat.norm(), flat[0], flat[-1]]), numbers(products))


def main():
    arch = sys.argv[1]
    order = list(make_model(arch, torch.float32).state_dict())
    exact, single = compute(arch, torch.float64), compute(arch, torch.float32)

    print(f"# torch {torch.__version__}, torchvision {torchvision.__version__}; "
          f"scripts/golden-pytorch.py {arch}")
    print("# PyTorch's float32 against its float64, relative, the worst:")
    for key in exact:
        for name in exact[key] if key in ("logits", "losses") else [None]:
            pair = (single[key], exact[key])
            if name is not None:
                pair = ({name: single[key][name]}, {name: exact[key][name]})
            print(f"#   {key}{' ' + name if name else ''} {worst(*pair):.2g}")
    for key in ("logits", "losses"):
        for name, value in exact[key].items():
            print(key, name, numbers(value.flatten()))
    for key in ("gradient", "statistics", "adam", "sgd"):
        for name, value in exact[key].items():
            print_vector(key, name, order.index(name), value)


main()
