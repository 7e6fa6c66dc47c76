#!/bin/bash
# SPDX-License-Identifier: MIT
# Runs on a real MLflow server (sqlite, artifacts through the server), with and without
# accounts: killed and resumed, read by MLflow's own Python client, loaded and served by
# it; and the time of a training while a server hangs. Part of `make check-slow`. PYTHON
# names a Python that has mlflow, onnx and onnxruntime; "mlflow[auth]" for accounts.
. "${srcdir:-.}/tests/program.sh"
python=${PYTHON:-python3}
"$python" -c 'import mlflow, onnx, onnxruntime' 2>/dev/null || {
    echo "skipped: $python has no mlflow, onnx and onnxruntime"
    exit 77
}
test -e "${program%/*}/im2cat-mlflow.so" || {
    echo "skipped: built without libcurl"
    exit 77
}
PATH=$(dirname "$(command -v "$python")"):$PATH # of mlflow and its children
unset "${!MLFLOW_@}" http_proxy https_proxy all_proxy HTTPS_PROXY ALL_PROXY
export MLFLOW_DISABLE_TELEMETRY=true GIT_PYTHON_REFRESH=quiet
cd "$tmp" || exit 99

# --- servers, each in a session of its own with its processes

sessions=
end_sessions() {
    for session in $sessions; do
        kill -TERM -- "-$session" 2>/dev/null
    done
    sleep 1
    for session in $sessions; do
        kill -KILL -- "-$session" 2>/dev/null
    done
    sessions=
}
trap 'end_sessions; chmod -R u+w "$tmp"; rm -rf "$tmp"' EXIT

free_port() {
    "$python" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

# start URL COMMAND...: starts a server, and waits until URL/health or URL/ping answers.
start() {
    local url=$1 session
    shift
    setsid "$@" >>server.log 2>&1 &
    session=$!
    disown
    sessions="$sessions $session"
    for _ in $(seq 180); do
        "$python" - "$url" <<'PY' 2>/dev/null && return
import sys, urllib.request
for path in ("/health", "/ping"):
    try:
        urllib.request.urlopen(sys.argv[1] + path, timeout=2)
        sys.exit(0)
    except OSError:
        pass
sys.exit(1)
PY
        sleep 1
    done
    tail server.log >&2
    exit 99
}

run 0 toy-pets toy --count 60 --size 48
job='--data toy --arch resnet18 --size 32 --batch 8 --quiet'

# --- killed, resumed, and read by MLflow's client

cat >see.py <<'PY'
"""see.py URL FOLDER: the run of the folder, at the server, is what the folder holds."""
import csv, json, subprocess, sys
import mlflow, numpy, onnxruntime
url, folder, program = sys.argv[1:4]
mlflow.set_tracking_uri(url)
client = mlflow.MlflowClient(url)
sent = json.load(open(folder + "/mlflow.json"))
run = client.get_run(sent["run_id"])
assert run.info.status == "FINISHED", run.info.status
for line in open(folder + "/job.conf"):
    key, value = line.rstrip("\n").split(" = ", 1)
    assert run.data.params[key] == value, (key, value, run.data.params.get(key))
points = 0
for table, keys in (("steps.csv", ("loss", "lr", "momentum")),
                    ("metrics.csv", ("train_loss", "valid_loss", "error_rate"))):
    rows = list(csv.DictReader(open(f"{folder}/{table}")))
    for key in keys:
        history = client.get_metric_history(sent["run_id"], key)
        assert [m.step for m in history] == [int(r["step"]) for r in rows], key
        assert [m.value for m in history] == [float(r[key]) for r in rows], key
        points += len(history)
names = {a.path for a in client.list_artifacts(sent["run_id"])}
assert {"job.conf", "metrics.csv", "steps.csv", "split.txt"} <= names, names
assert len(run.inputs.dataset_inputs) == 1
assert len(run.outputs.model_outputs) == 1
experiments = [e.experiment_id for e in client.search_experiments()]
same = client.search_runs(experiments, f"tags.`im2cat.run` = '{sent['mark']}'")
assert len(same) == 1, len(same)
model = mlflow.pyfunc.load_model("models:/toy-pets@champion")
loaded = mlflow.onnx.load_model("models:/toy-pets@champion")
print(f"{folder}: {len(run.data.params)} parameters, {points} points, "
      f"artifacts {sorted(names)}")

# The pictures as im2cat scores them, at the network's own size, so that none is
# resized.
session = onnxruntime.InferenceSession(loaded.SerializeToString())
rng = numpy.random.default_rng(1)
pictures = rng.integers(0, 256, (5, 32, 32, 3), numpy.uint8)
lines = []
for i, picture in enumerate(pictures):
    import struct, zlib
    raw = b"".join(b"\0" + row.tobytes() for row in picture)
    def chunk(name, data):
        return (struct.pack(">I", len(data)) + name + data +
                struct.pack(">I", zlib.crc32(name + data)))
    with open(f"picture-{i}.png", "wb") as file:
        file.write(b"\x89PNG\r\n\x1a\n" +
                   chunk(b"IHDR", struct.pack(">IIBBBBB", 32, 32, 8, 2, 0, 0, 0)) +
                   chunk(b"IDAT", zlib.compress(raw)) + chunk(b"IEND", b""))
out = subprocess.run([program, "predict", "--model", folder + "/model.safetensors",
                      "--logits"] + [f"picture-{i}.png" for i in range(5)],
                     capture_output=True, text=True, check=True).stdout
logits = numpy.array([[float(x) for x in line.split("\t")[-2:]]
                      for line in out.splitlines()])
wanted = numpy.exp(logits) / numpy.exp(logits).sum(axis=1, keepdims=True)
for name, found in (("onnxruntime", session.run(None, {"image": pictures})[0]),
                    ("pyfunc", model.predict({"image": pictures})["probabilities"])):
    difference = abs(found - wanted).max()
    print(f"{name}: probabilities within {difference:.2g}")
    assert difference < 1e-4
if len(sys.argv) > 4:
    import urllib.request
    body = json.dumps({"inputs": {"image": pictures.tolist()}}).encode()
    request = urllib.request.Request(sys.argv[4] + "/invocations", body,
                                     {"Content-Type": "application/json"})
    answer = json.load(urllib.request.urlopen(request))["predictions"]
    found = numpy.array(answer["probabilities"] if isinstance(answer, dict) else
                        [row["probabilities"] for row in answer])
    difference = abs(found - wanted).max()
    print(f"mlflow models serve: probabilities within {difference:.2g}")
    assert difference < 1e-4
PY

# killed_and_resumed FOLDER: 3 epochs, with two kills in between.
killed_and_resumed() {
    local resume=
    for rows in 8 14; do
        "$program" train $job --epochs 3 --checkpoint-every 4 --out "$1" \
            --mlflow "$url" --mlflow-register toy-pets@champion $resume >out 2>err &
        local trainer=$!
        for _ in $(seq 400); do
            test "$(wc -l 2>/dev/null <"$1/steps.csv")" -gt "$rows" 2>/dev/null && break
            sleep 0.02
        done
        sleep 0.3
        kill -KILL $trainer || fail "$1 had ended before it was killed"
        wait $trainer 2>/dev/null
        resume=--resume
    done
    run 0 train --resume --out "$1" --mlflow "$url" --mlflow-register toy-pets@champion
    test "$(wc -l <"$1/steps.csv")" -eq 19 || fail "$1 has $(wc -l <"$1/steps.csv") lines"
}

port=$(free_port)
url=http://127.0.0.1:$port
start "$url" mlflow server --host 127.0.0.1 --port "$port" --workers 1 \
    --backend-store-uri "sqlite:///$tmp/plain.db" --artifacts-destination "$tmp/plain-files"
killed_and_resumed killed
served=$(free_port)
MLFLOW_TRACKING_URI=$url start "http://127.0.0.1:$served" mlflow models serve \
    -m models:/toy-pets@champion --env-manager local --host 127.0.0.1 --port "$served"
"$python" see.py "$url" killed "$program" "http://127.0.0.1:$served" 2>see.err ||
    fail "killed and resumed: $(tail -n 3 see.err)"

# Resuming a finished run, and sending it again from the start, adds nothing.
run 0 train --resume --out killed --mlflow "$url"
sed -i 's/"position": [0-9]*/"position": 0/' killed/mlflow.json
run 0 mlflow-sync killed --mlflow "$url"
"$python" see.py "$url" killed "$program" 2>see.err ||
    fail "sent twice: $(tail -n 3 see.err)"
end_sessions

# --- with accounts

if "$python" -c 'import mlflow.server.auth' 2>/dev/null; then
    cat >auth.ini <<END
[mlflow]
default_permission = READ
database_uri = sqlite:///$tmp/accounts.db
admin_username = admin
admin_password = an-admins-password
authorization_function = mlflow.server.auth:authenticate_request_basic_auth
END
    port=$(free_port)
    url=http://127.0.0.1:$port
    MLFLOW_FLASK_SERVER_SECRET_KEY=x MLFLOW_AUTH_CONFIG_PATH=$tmp/auth.ini \
        start "$url" mlflow server --host 127.0.0.1 --port "$port" --workers 1 \
        --app-name basic-auth --backend-store-uri "sqlite:///$tmp/locked.db" \
        --artifacts-destination "$tmp/locked-files"
    run 0 train $job --out denied --mlflow "$url" --mlflow-register toy-pets@champion
    says err 'with 401' "train without a password"
    export MLFLOW_TRACKING_USERNAME=admin MLFLOW_TRACKING_PASSWORD=an-admins-password
    run 0 mlflow-sync denied --mlflow "$url"
    "$python" see.py "$url" denied "$program" 2>see.err ||
        fail "with a password: $(tail -n 3 see.err)"
    ! grep -rl an-admins-password denied || fail "the password is stored"
    unset MLFLOW_TRACKING_USERNAME MLFLOW_TRACKING_PASSWORD
    end_sessions
else
    echo "left out: accounts, which need mlflow[auth]"
fi

# --- time, beside a server that hangs: alternating pairs, measured by the run itself

mkdir hanging
setsid "$python" "$source/tests/mlflow_fake.py" hanging &
sessions="$sessions $!"
for _ in $(seq 50); do test -e hanging/port && break; sleep 0.2; done
echo hang >hanging/mode
for pair in 1 2 3 4 5; do
    for kind in with without; do
        server=off
        test $kind = without || server=http://127.0.0.1:$(cat hanging/port)
        run 0 train $job --epochs 4 --out "$kind-$pair" --mlflow "$server"
        cmp -s "$kind-$pair/model.safetensors" with-1/model.safetensors ||
            fail "another model beside a server that hangs"
    done
done
"$python" - <<'PY' || fail "a server that hangs costs time"
import csv, statistics
def seconds(folder):
    rows = list(csv.DictReader(open(folder + "/metrics.csv")))
    return sum(float(r["seconds"]) for r in rows[1:])
ratios = [seconds(f"with-{i}") / seconds(f"without-{i}") for i in range(1, 6)]
print("seconds beside a server that hangs, over those without:",
      " ".join(f"{r:.3f}" for r in ratios), f"median {statistics.median(ratios):.3f}")
PY
finish
