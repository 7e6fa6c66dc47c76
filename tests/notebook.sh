#!/bin/bash
# SPDX-License-Identifier: MIT
# notebooks/train-pets-resnet34.ipynb, executed by nbclient with the built program:
# unchanged on toy pets; with given pictures and weights, in a Python without the
# optional packages; and without a program. Part of `make check-slow`; PYTHON names a
# Python that has its packages. It takes three and a half minutes of processor time.
. "${srcdir:-.}/tests/program.sh"
python=${PYTHON:-python3}
"$python" -c 'import ipykernel, matplotlib, nbclient, nbformat, numpy, PIL' 2>/dev/null || {
    echo "skipped: $python has no ipykernel, matplotlib, nbclient, nbformat, numpy and pillow"
    exit 77
}
notebook=$source/notebooks/train-pets-resnet34.ipynb
unset "${!MLFLOW_@}" "${!AZURE_@}" DATA SIZE WEIGHTS
export IM2CAT=$program PYTHONDONTWRITEBYTECODE=1 JUPYTER_PREFER_ENV_PATH=1
export JUPYTER_RUNTIME_DIR=$tmp/jupyter IPYTHONDIR=$tmp/ipython MPLCONFIGDIR=$tmp/matplotlib
cd "$tmp" || exit 99

# --- the stored notebook: small, and without traces of the machine that ran it

test "$(wc -c <"$notebook")" -lt 200000 || fail "the notebook has 200 KB or more"
! grep -qE '/(tmp|home|root|work|usr)/' "$notebook" || fail "the notebook has a machine's paths"

# execute STATUS NAME HIDDEN...: runs it in the folder NAME; the output of its cells is
# in out.
execute() {
    local expected=$1 name=$2 found
    shift 2
    mkdir "$name"
    "$python" "$source/tests/notebook.py" "$notebook" "$name/executed.ipynb" "$@" \
        >out 2>err </dev/null
    found=$?
    test $found -eq "$expected" || fail "$name: $(tail -n 1 err)"
}

# has TEXT: the cells printed this line.
has() {
    grep -qF -e "$1" out || fail "no cell printed \"$1\""
}

# optional TEXT PACKAGE...: the line, or where a package is missing a line that says so.
optional() {
    local text=$1 package
    shift
    for package in "$@"; do
        "$python" -c "import $package" 2>/dev/null || {
            echo "without $package: no \"$text\""
            text="skipped: not installed (pip install"
        }
    done
    has "$text"
}

# --- unchanged

start=$SECONDS
execute 0 toys
echo "executed in $((SECONDS - start)) s"
grep -E '^(accuracy|.*equal to im2cat)' out
awk '$1 == "accuracy" && $2 >= 0.85 { found = 1 } END { exit !found }' out ||
    fail "the accuracy is below 0.85"
has "odd files, such as"
has "the valley is at"
has "error_rate"
optional "PyTorch, logits: equal to im2cat" torch torchvision safetensors
optional "onnxruntime, probabilities: equal to im2cat" onnxruntime
if "$program" --version | grep -q '^MLflow *not usable'; then
    has "skipped: this im2cat was built without libcurl"
else
    optional "MLflow's model, probabilities: equal to im2cat" mlflow onnx onnxruntime
fi
if "$program" --version | grep -q '^serve *not built'; then
    has "skipped: this im2cat was built without libmicrohttpd"
else
    has "serve, probabilities: equal to im2cat"
    has "exit status 0"
fi
has "skipped: no workspace; set AZURE_SUBSCRIPTION_ID, AZURE_RESOURCE_GROUP, AZURE_ML_WORKSPACE"
! grep -qF "$tmp" out || fail "a cell prints where it runs"
url=$(grep -om 1 'http://127.0.0.1:[0-9]*' out)
"$python" - "$url" <<'END' || fail "MLflow's server still answers"
import sys, urllib.request
try:
    urllib.request.urlopen(sys.argv[1] + "/health", timeout=5)
except (OSError, ValueError):
    sys.exit(0)
sys.exit(1)
END

# --- with the user's own pictures and weights, and no optional package installed

run 0 toy-pets pets --count 100 --size 64
cp toys/runs/notebook/start/model.safetensors start.safetensors
DATA=$tmp/pets WEIGHTS=$tmp/start.safetensors SIZE=32 \
    execute 0 bare torch torchvision safetensors onnxruntime onnx mlflow
has "skipped: not installed (pip install torch torchvision safetensors)"
has "skipped: not installed (pip install onnxruntime)"
has "accuracy"
has "--size 32 --batch 64"
test ! -e bare/runs/notebook/toy-pets || fail "toy pets are drawn beside DATA"

# --- each missing requirement is reported in a sentence

IM2CAT=$tmp/nothing execute 1 absent
grep -qF "There is no im2cat to start at $tmp/nothing." err || fail "no program: $(tail -n 1 err)"
DATA=$tmp/pets execute 1 untrained
grep -qF "Set WEIGHTS to a ResNet-34 that knows ImageNet" err || fail "WEIGHTS: $(tail -n 1 err)"
finish
