#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes tests/golden/state-dict-ARCH.txt: names, types, shapes and their order.

    python3 scripts/golden-state-dict.py resnet34 > tests/golden/state-dict-resnet34.txt
    python3 scripts/golden-state-dict.py fastai > tests/golden/state-dict-fastai.txt

The second is fastai's resnet18 with its own head, the body under torchvision's names.
"""
import sys

import torch
import torchvision


def fastai_state_dict():
    import fastai
    from fastai.vision.learner import create_vision_model

    print(f"# fastai {fastai.__version__}")
    modules = "conv1", "bn1", "relu", "maxpool", "layer1", "layer2", "layer3", "layer4"
    model = create_vision_model(torchvision.models.resnet18, 1000, pretrained=False)
    for name, value in model.state_dict().items():
        part, module, rest = name.split(".", 2)
        yield f"{modules[int(module)]}.{rest}" if part == "0" else name, value


def main():
    arch = sys.argv[1]
    print(f"# torchvision {torchvision.__version__}, torch {torch.__version__}")
    print(f"# scripts/golden-state-dict.py {arch}: name, rank, shape")
    tensors = (fastai_state_dict() if arch == "fastai"
               else torchvision.models.get_model(arch).state_dict().items())
    for name, value in tensors:
        kind = "I64" if value.dtype == torch.int64 else "F32"
        print(name, kind, value.dim(), *value.shape)


main()
