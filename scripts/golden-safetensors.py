#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes tests/golden/safetensors.txt: a file made by the safetensors package.

The text holds the file's bytes in hexadecimal and the values that PyTorch reads from
it. tests/test_safetensors.c reads the bytes, and writes the same tensors to the same
bytes.

    python3 scripts/golden-safetensors.py > tests/golden/safetensors.txt
"""
import json

import safetensors
import safetensors.torch
import torch

KINDS = {torch.float32: "F32", torch.float16: "F16", torch.bfloat16: "BF16",
         torch.float64: "F64", torch.int64: "I64", torch.int32: "I32",
         torch.uint8: "U8"}


def main():
    tensors = {
        "fc.weight": torch.arange(6, dtype=torch.float32).reshape(2, 3) / 7 - 0.25,
        "half": torch.tensor([1.0, -2.5, 65504.0, 6e-8, float("inf")],
                             dtype=torch.float16),
        "brain": torch.tensor([[3.140625], [-1e30]], dtype=torch.bfloat16),
        "double": torch.tensor([0.1, -1e300], dtype=torch.float64),
        "bn1.num_batches_tracked": torch.tensor(12345678901, dtype=torch.int64),
        "count": torch.tensor([-1, 2147483647], dtype=torch.int32),
        "bytes": torch.tensor([0, 128, 255], dtype=torch.uint8),
        "empty": torch.zeros((0, 4), dtype=torch.float32),
        'odd "name"\\\n\u00e9': torch.tensor([7.0]),
    }
    data = safetensors.torch.save(tensors, metadata={"format": "pt"})
    print(f"# safetensors {safetensors.__version__}, torch {torch.__version__}")
    print("# scripts/golden-safetensors.py; bytes, then name in hexadecimal, type and")
    print("# shape / values as PyTorch reads them, in the order of the data")
    print(f"bytes {len(data)}")
    for at in range(0, len(data), 32):
        print(data[at:at + 32].hex())
    print(f"tensors {len(tensors)}")
    header = json.loads(data[8:8 + int.from_bytes(data[:8], "little")])
    order = [name for name in header if name != "__metadata__"]
    for name in order:
        value = tensors[name]
        shape = " ".join(map(str, value.shape))
        values = " ".join(f"{x:.17g}" for x in value.flatten().to(torch.float64))
        kind = KINDS[value.dtype]
        print(f"{name.encode().hex()} {kind} {value.dim()} {shape} / {values}")


main()
