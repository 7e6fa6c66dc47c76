#!/bin/bash
# SPDX-License-Identifier: MIT
# deploy/azureml/submit, with the real SDK, against a stand-in for the service on
# loopback (tests/azureml_service.py): the whole tutorial twice, each step, changed
# files, a prompt for the password, a failed and a cancelled job, the requests sent,
# faults of the service, and planted mistakes, of which nothing is sent. Part of `make
# check-slow`; skipped where Python has no azure-ai-ml. PYTHON names the Python. It
# takes eight minutes.
# shellcheck disable=SC1091,SC2016,SC2154 # texts with a dollar; $python is of the kit
set -u
source=$(cd "${srcdir:-.}" && pwd)
. "$source/tests/azureml_kit.sh"

# --- mistakes: a sentence each, and nothing is sent

. "$source/tests/azureml_mistakes.sh"

# --- the tutorial, twice

export IM2CAT_REGISTRY_PASSWORD=$secret
walk() { submit 0 all --connection files/connection.yml --name walk --to got cat.jpg; }
walk
for line in "connection im2cat-registry" "environment im2cat:1" "compute im2cat-cpu" \
    "environment im2cat-serve:1" "endpoint im2cat-pets" "deployment blue"; do
    says out "$line: is made" "the first walk"
done
says out "job walk: sent" "the first walk"
says out "epoch 3 of walk" "the log"
says out "job walk: Completed" "the first walk"
says out 'cat.jpg: {"predictions"' "the score"
cmp got/walk/named-outputs/run/best.safetensors service/run/best.safetensors ||
    fail "the fetched model is not the job's"
! grep -q . err || fail "the first walk says something on standard error"
grep -n "compute im2cat-cpu: is" out >lines
test "$(sed 's/[0-9]*://' lines)" = "compute im2cat-cpu: is being made
compute im2cat-cpu: is made" || fail "a compute is made before it is said to be"
before=$(changes)
walk
test "$(grep -c ': found\($\|[;,]\)' out)" -eq 8 ||
    fail "the second walk does not find eight things"
says out "connection im2cat-registry: found; its password stays: \`submit delete" "a password"
says out "job walk: found, Completed; $tmp/files/job.yml was not sent" "the second walk"
says out "epoch 39 of walk" "the log of a job that is done"
! grep -q 'differs\|is made\|is updated' out || fail "the second walk sees a difference"
test "$(changes)" -eq "$before" || fail "the second walk changes something"

# A job that left no model: the model of an earlier job is not taken.
mv service/run/best.safetensors best
submit 1 all --connection files/connection.yml --name empty --to got cat.jpg
one_line "job empty left no best.safetensors in got/empty/named-outputs/run" "no model"
! grep -q '^deployment' out || fail "a model that is not the job's is deployed"
mv best service/run/best.safetensors
unset IM2CAT_REGISTRY_PASSWORD

# --- steps alone

for file in compute-low-priority.yml compute-kubernetes.yml; do
    submit 0 compute files/$file
done
submit 0 environment files/environment-dockerfile.yml
test ! -s err || fail "the SDK's noise at an upload"
submit 0 job --name ranks files/job-mpi.yml
submit 0 job --name spot files/job-preempted.yml
submit 0 job --name sweep files/sweep.yml
submit 0 job files/job.yml
grep -q '^job [a-z_0-9]*: sent' out || fail "the service's own name is not told"

submit 1 fetch sweep
one_line "job sweep is not done yet (Starting); \`submit stream sweep\` waits for it" "fetch"
submit 0 stream sweep
submit 0 fetch sweep --to got
cmp got/sweep/named-outputs/run/best.safetensors service/run/best.safetensors ||
    fail "the best trial's run is not fetched"

submit 0 cancel ranks
submit 1 stream ranks
one_line "job ranks ended as Canceled" "a cancelled job"

echo Failed >service/outcome
for again in "" " again"; do
    submit 1 stream spot
    says err "submit: job spot failed: im2cat ended with status 1" "a failed job$again"
    says err "    im2cat: pets: no such folder" "a failed job$again"
    test "$(grep -c '^    ' err)" -eq 20 || fail "not the last 20 lines of its log$again"
done
faulty 1 GET /log/ 500 9 "status 1; its log cannot be read" stream spot
submit 1 all --name spot --to got cat.jpg
says out "job spot: found, Failed; $tmp/files/job.yml was not sent; another --name sends it" \
    "all after a failure"
says err "status 1; another --name sends it again; the last lines" "all after a failure"
rm service/outcome

# Things that the workspace lacks.
before=$(changes)
for step in stream fetch cancel; do
    submit 2 $step misspelt
    one_line "the workspace has no job misspelt" "$step"
    submit 2 $step ../misspelt
    one_line "cannot be a job's name" "$step"
done
submit 2 job --name "two words" files/job.yml
one_line "'two words' cannot be a job's name: it has letters, digits, - and _" "job"
submit 0 job --name walk files/sweep.yml
says out "job walk: found, Completed; files/sweep.yml was not sent" "another file"
test "$(changes)" -eq "$before" || fail "something is sent for a job that is not there"

# A folder with other content is left alone; a run is replaced as a whole.
mkdir got/spot
echo mine >got/spot/notes
submit 2 fetch spot --to got
one_line "got/spot: is not a fetched run" "fetch"
test "$(cat got/spot/notes)" = mine || fail "fetch takes a folder away"
echo old >got/walk/named-outputs/run/old
submit 0 fetch walk --to got
test ! -e got/walk/named-outputs/run/old || fail "fetch mixes runs"
test "$(find got -name '.*' | wc -l)" -eq 0 || fail "fetch leaves something behind"

# Ctrl-C ends the watching.
submit 0 job --name watched files/job.yml
"$python" - "$python" >out 2>err <<'END' || fail "Ctrl-C"
import signal
import subprocess
import sys

watching = subprocess.Popen([sys.argv[1], "files/submit", "stream", "watched"], text=True,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE)
for line in watching.stdout:
    if "epoch 0" in line:
        break
watching.send_signal(signal.SIGINT)
said = watching.communicate()[1]
print(said)
sys.exit(watching.returncode != 1 or "job watched goes on" not in said)
END

submit 2 score nothing.jpg
one_line "nothing.jpg: cannot be read" "score"

# A new model file means a new version and a new deployment of it.
head -c 3000 /dev/urandom >new.safetensors
submit 0 deploy --model new.safetensors
says out "deployment blue: is updated" "a new model"

# Changed files: a deployment is updated, for the others the difference is reported.
sed 's/instance_count: 1/instance_count: 2/' files/deployment.yml >files/more.yml
submit 0 deploy --model new.safetensors files/more.yml
says out "deployment blue: is being updated: instance_count (there 1, here 2)" "more instances"
submit 0 deploy --model new.safetensors files/more.yml
says out "deployment blue: found" "more instances"
# differs STEP FILE SCRIPT TEXT
differs() {
    sed "$3" "files/$2" >files/changed.yml
    submit 0 "$1" files/changed.yml
    says out "found; it differs from files/changed.yml in $4" "$1"
}
differs compute compute.yml 's/max_instances: 4/max_instances: 8/' \
    'max_instances (there 4, here 8): `submit delete files/changed.yml`, then'
differs compute compute-low-priority.yml 's/low_priority/dedicated/' 'tier (there low'
differs environment environment-image.yml 's/0\.2\.0/0.3.0/' \
    'image (there myregistry.azurecr.io/im2cat-azureml:0.2.0, here myregistry.azurecr.io/im2cat-azureml:0.3.0): a change takes a new version'
differs environment environment-serve.yml 's!/score!/predict!' \
    'inference_config.scoring_route.path (there /score, here /predict)'
differs connection connection.yml 's/username: im2cat/username: other/' \
    'credentials.username (there im2cat, here other)'
echo "# another" >>files/image/Dockerfile
submit 0 environment files/environment-dockerfile.yml
says out "found; it differs from files/environment-dockerfile.yml in the files of" "a build"
rm files/more.yml files/changed.yml

# The notebook's last cells, unchanged, in a folder with the changed files.

mkdir -p notebook/deploy
ln -s ../../files notebook/deploy/azureml
(cd notebook && "$python" - "$source/notebooks/train-pets-resnet34.ipynb") >out 2>err <<'END' ||
import json
import os
import pathlib
import re
import subprocess
import sys

with open(sys.argv[1], encoding="utf-8") as file:
    cells = json.load(file)["cells"]
texts = ["".join(cell["source"]) for cell in cells]
first = next(i for i, text in enumerate(texts) if text.startswith("## On Azure"))
names = {"os": os, "re": re, "subprocess": subprocess, "sys": sys,
         "WORK": pathlib.Path("work"), "missing": lambda *modules: False}
for cell, text in zip(cells[first:], texts[first:]):
    if cell["cell_type"] == "code":
        exec(text, names)
assert names["azure"]
assert list(names["WORK"].glob("azure/*/named-outputs/run/best.safetensors"))
END
    fail "the notebook's cells"
says out "Completed" "the notebook's cells"

for kind in endpoint compute connection; do
    submit 0 delete files/$kind.yml
    says out "is deleted" "delete $kind"
    submit 0 delete files/$kind.yml
    says out "is not there" "delete $kind"
done
submit 0 delete files/compute-kubernetes.yml
says out "compute im2cat-k8s: is detached; the cluster stays" "delete a cluster of others"
submit 2 score cat.jpg
one_line "the workspace has no endpoint im2cat-pets" "score"
submit 2 delete files/job.yml
one_line "deletes no job" "delete job.yml"

# --- the workspace's name, a broken pipe, and Ctrl-C while the SDK is loaded

submit 0 environment files/environment-image.yml
submit 2 --subscription 00000000-0000-0000-0000-000000000000 job files/job.yml
one_line "the subscription 00000000-0000-0000-0000-000000000000 is the example's" "zeros"
unset AZURE_RESOURCE_GROUP AZURE_ML_WORKSPACE
submit 2 job files/job.yml
one_line "give --group or AZURE_RESOURCE_GROUP, --workspace or AZURE_ML_WORKSPACE; or put" \
    "no workspace"
printf '{"subscription_id": "%s", "resource_group": "group", "workspace_name": "other"}' \
    "$AZURE_SUBSCRIPTION_ID" >config.json
submit 2 cancel misspelt
says service/requests.jsonl "/workspaces/other/jobs/misspelt" "config.json"
mkdir below
cd below || exit 99
"$python" ../files/submit --workspace workspace environment ../files/environment-image.yml \
    >../out 2>../err || fail "the gaps are not filled from config.json"
cd .. || exit 99
says out "environment im2cat:1: found" "gaps"
rm config.json
export AZURE_RESOURCE_GROUP=group AZURE_ML_WORKSPACE=workspace

"$python" files/submit check files/job.yml 2>err | true
test "${PIPESTATUS[0]}" -eq 141 -a ! -s err || fail "a broken pipe"
"$python" files/submit --help 2>err | true
test ! -s err || fail "a broken pipe of --help"
echo GET /clouds stall 1 >service/fault
"$python" - "$python" >out 2>err <<'END' || fail "Ctrl-C while the SDK is loaded"
import os
import signal
import subprocess
import sys
import time

loading = subprocess.Popen([sys.argv[1], "files/submit", "check", "files/job.yml"],
                           text=True, stderr=subprocess.PIPE)
while os.path.getsize("service/fault"):
    time.sleep(0.1)
time.sleep(0.5)
loading.send_signal(signal.SIGINT)
said = loading.communicate()[1]
print(said)
sys.exit(loading.returncode != 1 or said != "submit: interrupted\n")
END
rm service/fault

# --- the password: no source for it; then a terminal, which does not show it

submit 2 connection files/connection.yml
one_line "no password: set IM2CAT_REGISTRY_PASSWORD" "no password"
"$python" - "$python" "$secret" >out 2>err <<'END' || fail "the prompt"
import os
import pty
import signal
import sys

signal.alarm(120)
child, terminal = pty.fork()
if child == 0:
    command = [sys.argv[1], "files/submit", "connection", "files/connection.yml"]
    os.execvp(command[0], command)
shown = b""
while b"Password of im2cat at https://myregistry.azurecr.io: " not in shown:
    shown += os.read(terminal, 1000)
os.write(terminal, sys.argv[2].encode() + b"\n")
try:
    while more := os.read(terminal, 1000):
        shown += more
except OSError:
    pass
status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
sys.exit(status or sys.argv[2].encode() in shown)
END

# --- the requests sent

"$python" -B "$source/tests/azureml_wire.py" >out 2>err || fail "the wire"

# --- faults: retried where the request may be repeated, else one sentence

faulty 1 PUT /computes/ 409 1 "answers 409: planted answer 409" compute files/compute.yml
says out "compute im2cat-cpu: is being made" "a compute that fails"
! grep -q "is made" out || fail "a compute that fails is said to be made"
submit 0 compute files/compute.yml
faulty 1 PUT /jobs/ 401 1 "not take who you are (401): (Planted)" job --name one files/job.yml
faulty 1 PUT /jobs/ 409 1 "answers 409: planted answer 409" job --name two files/job.yml
faulty 0 PUT /jobs/ 429 2 "" job --name three files/job.yml
faulty 0 PUT /jobs/ 500 2 "" job --name four files/job.yml
faulty 0 PUT /jobs/ drop 1 "" job --name five files/job.yml
faulty 1 PUT /jobs/ 500 99 "the service answers 500" job --name six files/job.yml
faulty 1 PUT /jobs/ drop 99 "the service cannot be reached" job --name seven files/job.yml
faulty 0 GET /details drop 1 "" stream three
faulty 1 GET /details 401 99 "does not take who you are (401)" stream four
faulty 0 GET /log/ 500 2 "" stream five
submit 0 job --name slow files/job.yml
faulty 0 GET /log/ slow 9 "" stream slow
says out "epoch 39 of slow" "a slow log"
submit 0 job --name stalled files/job.yml
faulty 0 GET /details stall 1 "" stream stalled
says out "job stalled: Completed" "an answer that stops in the middle"
faulty 1 GET /token 500 99 "nobody is logged in" job --name eight files/job.yml
faulty 1 GET /clouds 500 99 "the SDK cannot be loaded" job --name nine files/job.yml
faulty 1 GET onlineEndpoints/ 500 99 "the service answers 500" score cat.jpg
submit 0 deploy --model new.safetensors
faulty 0 POST /score 429 2 "" score cat.jpg
faulty 0 POST /score 503 3 "" score cat.jpg
faulty 0 POST /score drop 2 "" score cat.jpg
faulty 1 POST /score 429 99 "cat.jpg: endpoint im2cat-pets answers 429" score cat.jpg
faulty 1 POST /score 404 1 "cat.jpg: endpoint im2cat-pets answers 404" score cat.jpg
says err "planted answer 404" "score"
test "$("$python" - three four five <<'END'
import json, sys
requests = [json.loads(line) for line in open("service/requests.jsonl", encoding="utf-8")]
for name in sys.argv[1:]:
    print(*[one["status"] for one in requests if one["method"] == "PUT" and
            one["path"].endswith("/jobs/" + name)])
END
)" = "429 429 201
500 500 201
dropped 201" || fail "a job was not sent until the service took it, once"

# --- secrets: in no output, log or file

rm -f key pem
for word in "$secret" key-of-the-endpoint; do
    ! grep -rlF -- "$word" "$tmp" || fail "$word is in these files"
done
test "$(grep -c SECRET service/requests.jsonl)" -eq 2 || fail "not two passwords were sent"

test "$failures" -eq 0 || { echo "$failures failures" >&2; exit 1; }
