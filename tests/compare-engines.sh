#!/bin/bash
# SPDX-License-Identifier: MIT
# `compare` finds the faults of other engines: those planted in PyTorch networks
# (tests/engine_faults.py); and onnxruntime and JAX, which have none, agree with im2cat
# (scripts/dump-onnx, scripts/dump-jax). The walk of docs/check-an-engine.md prints what the page
# shows. Part of `make check-slow`; skipped where Python has no torch. PYTHON names the
# Python.
python=${PYTHON:-python3}
source=${srcdir:-.}
"$python" -c 'import safetensors, torch, torchvision' 2>/dev/null || {
    echo "skipped: $python has no torch, torchvision or safetensors"
    exit 77
}
export PYTHONDONTWRITEBYTECODE=1
"$python" "$source/tests/engine_faults.py" ./im2cat "$source/scripts" || exit
PATH=$(dirname "$(command -v "$python")"):$PATH \
    "$python" "$source/scripts/check-docs" --build . "$source/docs/check-an-engine.md" || exit

folder=$(mktemp -d) || exit 99
trap 'rm -rf "$folder"' EXIT
network="--arch resnet18 --size 64"
./im2cat dump "$folder/ours" $network --device reference || exit
"$python" "$source/scripts/dump-jax" "$folder/ours" "$folder/theirs" --double
case $? in
0)
    ./im2cat compare "$folder/theirs" "$folder/ours" | tail -n 1
    test "${PIPESTATUS[0]}" -eq 0 || exit 1
    ;;
77) echo "scripts/dump-jax is not tested" ;;
*) exit 1 ;;
esac

"$python" -c 'import onnx, onnxruntime' 2>/dev/null || {
    echo "scripts/dump-onnx is not tested: $python has no onnx or onnxruntime"
    exit 0
}
"$python" - "$folder/weights.safetensors" <<'END' || exit 99
import sys
import torch, torchvision
from safetensors.torch import save_file
torch.manual_seed(2)
model = torchvision.models.resnet18(num_classes=5)
with torch.no_grad():
    for _ in range(3):
        model(torch.randn(8, 3, 64, 64))
save_file(model.state_dict(), sys.argv[1])
END
./im2cat dump "$folder/ours" --model "$folder/weights.safetensors" $network --mode eval || exit

# agrees WORD...: dump-onnx with these words shows all activations, and they are equal.
agrees() {
    "$python" "$source/scripts/dump-onnx" "$folder/ours" "$@" || exit
    ./im2cat compare "$folder/theirs" "$folder/ours" --common | tee "$folder/out" | tail -n 1
    test "${PIPESTATUS[0]}" -eq 0 || exit 1
    test "$(grep -c '^activation\.' "$folder/out")" -eq 43 || {
        echo "dump-onnx $* does not show all activations"
        exit 1
    }
}
for form in uint8 float; do
    ./im2cat convert "$folder/weights.safetensors" "$folder/$form.onnx" $network \
        --input $form || exit
    agrees "$folder/$form.onnx" "$folder/theirs"
done

# Another exporter numbers the values of the graph: --names says which nodes they are.
"$python" - "$folder" <<'END' || exit 99
import json
import sys
import onnx
model = onnx.load(sys.argv[1] + "/float.onnx")
numbered = {}
for node in model.graph.node:
    numbered.update({name: f"/{len(numbered) + i}" for i, name in enumerate(node.output)})
for node in model.graph.node:
    for names in node.input, node.output:
        names[:] = [numbered.get(name, name) for name in names]
for output in model.graph.output:
    output.name = numbered[output.name]
onnx.save(model, sys.argv[1] + "/numbered.onnx")
with open(sys.argv[1] + "/names.json", "w", encoding="utf-8") as file:
    json.dump({number: name for name, number in numbered.items()}, file)
END
agrees "$folder/numbered.onnx" "$folder/theirs" --names "$folder/names.json"
"$python" "$source/scripts/dump-onnx" "$folder/ours" "$folder/numbered.onnx" \
    "$folder/theirs" | grep -q '^no names of the dump: .*/0, /1, ' || {
    echo "dump-onnx without --names does not list what it does not know"
    exit 1
}
