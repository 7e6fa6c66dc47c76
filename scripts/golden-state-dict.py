#!/usr/bin/env python3
"""Writes tests/golden/state-dict-ARCH.txt: names, types, shapes and their order.

    python3 scripts/golden-state-dict.py resnet34 > tests/golden/state-dict-resnet34.txt
"""
import sys

import torch
import torchvision


def main():
    arch = sys.argv[1]
    print(f"# torchvision {torchvision.__version__}, torch {torch.__version__}")
    print(f"# scripts/golden-state-dict.py {arch}: name, rank, shape")
    for name, value in torchvision.models.get_model(arch).state_dict().items():
        kind = "I64" if value.dtype == torch.int64 else "F32"
        print(name, kind, value.dim(), *value.shape)


main()
