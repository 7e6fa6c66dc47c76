#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Plants faults in PyTorch networks and requires that `im2cat compare` finds each of them.

    tests/engine_faults.py IM2CAT SCRIPTS-FOLDER [FAULT...]

A fault is a function of this file that returns a faulty network for scripts/dump-pytorch.
Its row in FAULTS names the first tensor that must depart and a part of the cause that
compare must give; both were derived by hand from what the fault does, and None means that
no rule knows the cause. Without a fault the two programs must agree. Both compute in
float64, so that no rounding error decides a ReLU."""
import contextlib
import importlib.machinery
import importlib.util
import pathlib
import subprocess
import sys
import tempfile
import types

import torch
import torchvision
from safetensors.torch import save_file
from torch.nn import functional as F

MEAN = torch.tensor([0.485, 0.456, 0.406], dtype=torch.float64)[:, None, None]
STD = torch.tensor([0.229, 0.224, 0.225], dtype=torch.float64)[:, None, None]

# The batches: options of `im2cat dump`.
COMMON = "--size", "64", "--batch", "4", "--device", "reference"
DUMPS = {
    "eval": ("resnet18", "--mode", "eval"),
    "train": ("resnet18", "--step", "--optimizer", "sgd", "--lr", "0.01"),
    "adam": ("resnet18", "--step", "--optimizer", "adam"),
    "deep": ("resnet50", "--mode", "eval"),
}

# Fault, batch, first tensor that departs, cause.
FAULTS = [
    ("none", "eval", None, None),
    ("none", "train", None, None),
    ("none", "adam", None, None),
    ("none", "deep", None, None),
    # the input
    ("wrong_mean", "eval", "input", "subtracts the mean [0.5, 0.5, 0.5]"),
    ("wrong_std", "eval", "input", "standard deviation [0.25, 0.25, 0.25]"),
    ("bgr", "eval", "input", "reverse order (BGR for RGB) before they are normalised"),
    ("bgr_normalised", "eval", "input", "channels are in reverse order (BGR for RGB)"),
    ("half_pixel", "eval", "input", "at y +0.5, x +0.5"),
    ("one_pixel", "eval", "input", "at y +0, x +1"),
    # the weights
    ("transposed_weight", "eval", "layer1.0.conv1.weight", "in the order 1, 0, 2, 3"),
    ("zeroed_channel", "eval", "layer2.1.conv2.weight",
     "only output channel 7 of 128, counted from 0, differs, which is zero in A"),
    # convolutions
    ("reflected_padding", "eval", "activation.layer2.0.conv1", "mirrored picture"),
    ("tensorflow_padding", "eval", "activation.conv1", "TensorFlow's SAME"),
    ("dilation", "eval", "activation.layer4.0.conv2",
     "dilation 2, with a padding larger by 1"),
    ("flipped_kernels", "eval", "activation.conv1", "turns its kernels by 180 degrees"),
    ("stride_in_1x1", "deep", "activation.layer2.0.conv1", "has stride 2"),
    # batch norms
    ("bn_epsilon", "eval", "activation.bn1", "epsilon 1e-3"),
    ("bn_batch_statistics", "eval", "activation.bn1", "the batch's statistics"),
    ("bn_running_statistics", "train", "activation.bn1", "the running statistics"),
    ("bn_momentum", "train", "updated.bn1.running_mean", "momentum 0.01"),
    ("bn_momentum_turned", "train", "updated.bn1.running_mean", "1 minus it is meant"),
    ("biased_running_variance", "train", "updated.bn1.running_var", "biased variance"),
    ("missing_downsample_bn", "eval", "activation.layer2.0.downsample.1",
     "passes on the output of layer2.0.downsample.0 unchanged"),
    # blocks and pools
    ("missing_relu", "eval", "activation.layer1.1.bn2", "a missing ReLU"),
    ("missing_shortcut", "eval", "activation.layer3.1.bn2", "does not add the shortcut"),
    ("relu_before_sum", "eval", "activation.layer2.1.bn2",
     "applies the ReLU before it adds the shortcut"),
    ("relu6", "deep", "activation.layer1.0.bn1", None),
    ("unpadded_pool", "eval", "activation.maxpool", "does not pad"),
    ("average_pool", "eval", "activation.maxpool", "takes averages"),
    ("no_fc_bias", "eval", "activation.fc", "does not add fc.bias"),
    # the loss and its gradient
    ("label_smoothing", "train", "losses", "label smoothing of 0.1"),
    ("summed_loss", "train", "loss", "takes the sum over the 4 pictures"),
    ("scaled_gradients", "train", "gradient.fc", "1024 times"),
    ("detached_shortcut", "train", "gradient.layer4.0.bn2", None),
    # the step
    ("nesterov", "train", "updated.conv1.weight", "Nesterov"),
    ("decay_of_everything", "train", "updated.bn1.weight", "biases and batch norms, too"),
    ("coupled_decay", "train", "optimizer.velocity.conv1.weight", "(L2)"),
    ("half_rate", "train", "updated.conv1.weight", "0.5 times as far"),
    ("adam_epsilon", "adam", "updated.conv1.weight", "epsilon 1e-8"),
    ("adam_beta2", "adam", "optimizer.square.conv1.weight", "beta2 = 0.999"),
]


def net(metadata):
    return torchvision.models.get_model(metadata["arch"], num_classes=5)


none = net


def norms(model):
    return [m for m in model.modules() if isinstance(m, torch.nn.BatchNorm2d)]


def replace_forward(module, forward):
    module.forward = types.MethodType(forward, module)


# --- the input ------------------------------------------------------------------------


def with_input(metadata, prepare):
    model = net(metadata)
    model.prepare = prepare
    return model


def wrong_mean(metadata):
    return with_input(metadata, lambda pixels: (pixels.double() / 255 - 0.5) / STD)


def wrong_std(metadata):
    return with_input(metadata, lambda pixels: (pixels.double() / 255 - MEAN) / 0.25)


def bgr(metadata):
    return with_input(metadata, lambda p: (p.flip(1).double() / 255 - MEAN) / STD)


def bgr_normalised(metadata):
    return with_input(metadata,
                      lambda p: ((p.double() / 255 - MEAN) / STD).flip(1))


def half_pixel(metadata):
    def prepare(pixels):
        x = F.pad((pixels.double() / 255 - MEAN) / STD, (0, 1, 0, 1), mode="replicate")
        return F.avg_pool2d(x, 2, 1)
    return with_input(metadata, prepare)


def one_pixel(metadata):
    def prepare(pixels):
        x = (pixels.double() / 255 - MEAN) / STD
        return F.pad(x, (0, 1, 0, 0), mode="replicate")[..., 1:]
    return with_input(metadata, prepare)


# --- the weights ----------------------------------------------------------------------


def with_weights(metadata, name, change):
    model = net(metadata)
    load = model.load_state_dict

    def changed(state, strict):
        return load({**state, name: change(state[name].clone())}, strict=strict)
    model.load_state_dict = changed
    return model


def transposed_weight(metadata):
    return with_weights(metadata, "layer1.0.conv1.weight", lambda w: w.transpose(0, 1))


def zeroed_channel(metadata):
    def change(weight):
        weight[7] = 0
        return weight
    return with_weights(metadata, "layer2.1.conv2.weight", change)


# --- convolutions ---------------------------------------------------------------------


def reflected_padding(metadata):
    model = net(metadata)
    replace_forward(model.layer2[0].conv1, lambda self, x: F.conv2d(
        F.pad(x, (1, 1, 1, 1), mode="reflect"), self.weight, stride=2))
    return model


def tensorflow_padding(metadata):
    model = net(metadata)
    replace_forward(model.conv1, lambda self, x: F.conv2d(
        F.pad(x, (2, 3, 2, 3)), self.weight, stride=2))
    return model


def dilation(metadata):
    model = net(metadata)
    model.layer4[0].conv2.dilation = model.layer4[0].conv2.padding = 2, 2
    return model


def flipped_kernels(metadata):
    model = net(metadata)
    replace_forward(model.conv1, lambda self, x: F.conv2d(
        x, self.weight.flip(2, 3), stride=2, padding=3))
    return model


def stride_in_1x1(metadata):
    model = net(metadata)
    for stage in model.layer2, model.layer3, model.layer4:
        stage[0].conv1.stride, stage[0].conv2.stride = (2, 2), (1, 1)
    return model


# --- batch norms ----------------------------------------------------------------------


def bn_epsilon(metadata):
    model = net(metadata)
    for norm in norms(model):
        norm.eps = 1e-3
    return model


def bn_batch_statistics(metadata):
    model = net(metadata)
    for norm in norms(model):
        norm.train = types.MethodType(lambda self, mode=True: self, norm)
    return model


def bn_running_statistics(metadata):
    model = net(metadata)
    for norm in norms(model):
        norm.eval()
        norm.train = types.MethodType(lambda self, mode=True: self, norm)
    return model


def bn_momentum(metadata, momentum=0.01):
    model = net(metadata)
    for norm in norms(model):
        norm.momentum = momentum
    return model


def bn_momentum_turned(metadata):
    return bn_momentum(metadata, 0.9)


def biased_running_variance(metadata):
    def forward(self, x):
        with torch.no_grad():
            for running, batch in ((self.running_mean, x.mean((0, 2, 3))),
                                   (self.running_var, x.var((0, 2, 3), correction=0))):
                running.lerp_(batch, self.momentum)
        return F.batch_norm(x, None, None, self.weight, self.bias, True, 0, self.eps)
    model = net(metadata)
    for norm in norms(model):
        replace_forward(norm, forward)
    return model


def missing_downsample_bn(metadata):
    model = net(metadata)
    replace_forward(model.layer2[0].downsample[1], lambda self, x: x)
    return model


# --- blocks and pools -----------------------------------------------------------------


def with_block(metadata, stage, number, last):
    """The block's last step, last(y, x), is replaced."""
    def forward(self, x):
        y = self.bn2(self.conv2(self.relu(self.bn1(self.conv1(x)))))
        return last(y, self.downsample(x) if self.downsample else x)
    model = net(metadata)
    replace_forward(getattr(model, stage)[number], forward)
    return model


def missing_relu(metadata):
    return with_block(metadata, "layer1", 1, lambda y, x: y + x)


def missing_shortcut(metadata):
    return with_block(metadata, "layer3", 1, lambda y, x: torch.relu(y))


def relu_before_sum(metadata):
    return with_block(metadata, "layer2", 1, lambda y, x: torch.relu(y) + x)


def detached_shortcut(metadata):
    return with_block(metadata, "layer4", 1, lambda y, x: torch.relu(y + x.detach()))


def relu6(metadata):
    model = net(metadata)
    model.layer1[0].relu = torch.nn.Hardtanh(0, 1)
    return model


def unpadded_pool(metadata):
    model = net(metadata)
    model.maxpool = torch.nn.MaxPool2d(3, 2)
    return model


def average_pool(metadata):
    model = net(metadata)
    model.maxpool = torch.nn.AvgPool2d(3, 2, 1)
    return model


def no_fc_bias(metadata):
    model = net(metadata)
    replace_forward(model.fc, lambda self, x: F.linear(x, self.weight))
    return model


# --- the loss and its gradient --------------------------------------------------------


def with_loss(metadata, **options):
    model = net(metadata)
    loss = torch.nn.CrossEntropyLoss(**options)
    model.loss = lambda logits, labels: loss(logits, labels)
    return model


def label_smoothing(metadata):
    return with_loss(metadata, label_smoothing=0.1)


def summed_loss(metadata):
    return with_loss(metadata, reduction="sum")


def scaled_gradients(metadata):
    def forward(self, x):
        y = F.linear(x, self.weight, self.bias)
        y.register_hook(lambda gradient: 1024 * gradient)
        return y
    model = net(metadata)
    replace_forward(model.fc, forward)
    return model


# --- the step -------------------------------------------------------------------------


def with_optimizer(metadata, make):
    """make(weights, other parameters, settings) gives the optimizer."""
    model = net(metadata)

    def optimizer(settings):
        weights = [p for p in model.parameters() if p.dim() > 1]
        others = [p for p in model.parameters() if p.dim() == 1]
        return make(weights, others, settings)
    model.optimizer = optimizer
    return model


def sgd(decaying, others, settings, lr=None, **options):
    groups = [{"params": decaying, "own_decay": settings["weight-decay"]},
              {"params": others, "own_decay": 0}]
    return sys.modules["dump_pytorch"].DecoupledSGD(
        [group for group in groups if group["params"]], lr=lr or settings["lr"],
        momentum=settings["momentum"], **options)


def nesterov(metadata):
    return with_optimizer(metadata, lambda w, o, s: sgd(w, o, s, nesterov=True))


def decay_of_everything(metadata):
    return with_optimizer(metadata, lambda w, o, s: sgd(w + o, [], s))


def coupled_decay(metadata):
    return with_optimizer(metadata, lambda w, o, s: torch.optim.SGD(
        w + o, lr=s["lr"], momentum=s["momentum"], weight_decay=s["weight-decay"]))


def half_rate(metadata):
    return with_optimizer(metadata, lambda w, o, s: sgd(w, o, s, lr=s["lr"] / 2))


def adam(weights, others, settings, beta2=0.99, eps=1e-5):
    return torch.optim.AdamW(
        [{"params": weights, "weight_decay": settings["weight-decay"]},
         {"params": others, "weight_decay": 0}],
        lr=settings["lr"], betas=(settings["momentum"], beta2), eps=eps)


def adam_epsilon(metadata):
    return with_optimizer(metadata, lambda w, o, s: adam(w, o, s, eps=1e-8))


def adam_beta2(metadata):
    return with_optimizer(metadata, lambda w, o, s: adam(w, o, s, beta2=0.999))


# --- the trial ------------------------------------------------------------------------


def draw_weights(arch, path):
    """Random weights whose batch norms and running statistics are not neutral."""
    torch.manual_seed(1)
    model = torchvision.models.get_model(arch, num_classes=5)
    for norm in norms(model):
        torch.nn.init.uniform_(norm.weight, 0.5, 1.5)
        torch.nn.init.normal_(norm.bias, 0, 0.2)
        norm.momentum = None  # the mean over all batches
    with torch.no_grad():
        for _ in range(3):
            model(torch.randn(8, 3, 64, 64))
    save_file(model.state_dict(), path)


def load_script(folder):
    path = str(pathlib.Path(folder) / "dump-pytorch")
    loader = importlib.machinery.SourceFileLoader("dump_pytorch", path)
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader(
        "dump_pytorch", loader))
    loader.exec_module(module)
    sys.modules["dump_pytorch"] = module  # for the optimizers of the faults


def compare(program, folder, fault, batch):
    """The first tensor that departs and the rest of the sentence, or (None, None)."""
    theirs, ours = folder / "theirs.safetensors", folder / f"{batch}.safetensors"
    sys.argv = ["dump-pytorch", str(ours), str(theirs), "--double", "--model",
                f"{__file__}:{fault}"]
    with contextlib.redirect_stdout(None):
        sys.modules["dump_pytorch"].main()
    done = subprocess.run([program, "compare", theirs, ours, "--quiet"],
                          capture_output=True, text=True)
    if done.returncode == 0:
        return None, None
    sentence = [line for line in done.stdout.splitlines() if line.startswith("The first")]
    if not sentence:
        sys.exit(f"{fault}: compare names no tensor: {done.stdout}{done.stderr}")
    said = sentence[0].partition(", is ")[2].rstrip(".")
    name = said.split(";")[0].split(": ")[0]
    return name, said[len(name) + 2:]


def make_dumps(program, folder, batches):
    for batch in batches:
        arch, *options = DUMPS[batch]
        weights = folder / f"{arch}.weights"
        if not weights.exists():
            draw_weights(arch, weights)
        subprocess.run([program, "dump", folder / f"{batch}.safetensors", "--model",
                        weights, "--arch", arch, *COMMON, *options], check=True)


def main(program, asked):
    rows = [row for row in FAULTS if not asked or row[0] in asked]
    wrong = causes = 0
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        make_dumps(program, folder, {row[1] for row in rows})
        for fault, batch, tensor, cause in rows:
            found, said = compare(program, folder, fault, batch)
            known = said is not None and not said.startswith("its values prove none")
            good = found == tensor and (cause in said if cause else not known)
            wrong += not good
            causes += good and cause is not None
            print(f"{'' if good else 'WRONG '}{fault}: {found or 'nothing departs'}"
                  f"{'; ' + said if said else ''}", flush=True)
            if not good:
                print(f"      expected {tensor}; {cause}")
    planted = sum(row[0] != "none" for row in rows)
    print(f"{planted} faults, {causes} of them with their cause; {wrong} rows are wrong")
    sys.exit(wrong > 0)


if __name__ == "__main__":
    load_script(sys.argv[2])
    main(sys.argv[1], sys.argv[3:])
