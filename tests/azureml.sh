#!/bin/bash
# deploy/azureml/submit, by the real SDK, against a stand-in for the service on loopback
# (tests/azureml_service.py): the whole tutorial twice, each step, a prompt for the
# password, a failed and a cancelled job, what went over the wire, faults of the service,
# and planted mistakes, of which nothing is sent. Part of `make check-slow`; skipped where
# Python has no azure-ai-ml. PYTHON says which Python. It takes five minutes.
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
cmp got/named-outputs/run/best.safetensors service/run/best.safetensors ||
    fail "the fetched model is not the job's"
before=$(changes)
walk
test "$(grep -c ': found$' out)" -eq 8 || fail "the second walk does not find eight things"
! grep -q 'is made' out || fail "the second walk makes something"
test "$(changes)" -eq "$before" || fail "the second walk changes something"
unset IM2CAT_REGISTRY_PASSWORD

# --- steps alone

for file in compute-low-priority.yml compute-kubernetes.yml; do
    submit 0 compute files/$file
done
submit 0 environment files/environment-dockerfile.yml
submit 0 job --name ranks files/job-mpi.yml
submit 0 job --name spot files/job-preempted.yml
submit 0 job --name sweep files/sweep.yml
submit 0 job files/job.yml
grep -q '^job [a-z_0-9]*: sent' out || fail "the service's own name is not told"

submit 0 cancel ranks
submit 1 stream ranks
one_line "job ranks ended as Canceled" "a cancelled job"

echo Failed >service/outcome
submit 1 stream spot
says err "submit: job spot failed: im2cat ended with status 1" "a failed job"
says err "    im2cat: pets: no such folder" "a failed job"
test "$(grep -c '^    ' err)" -eq 20 || fail "not the last 20 lines of its log"
rm service/outcome

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

submit 1 fetch sweep
one_line "state" "fetch of a job that runs"
submit 2 score nothing.jpg
one_line "nothing.jpg: cannot be read" "score"

# A new model file is a new version and a new deployment of it.
head -c 3000 /dev/urandom >new.safetensors
submit 0 deploy --model new.safetensors
says out "deployment blue: is made" "a new model"

for kind in endpoint compute connection; do
    submit 0 delete files/$kind.yml
    says out "is deleted" "delete $kind"
    submit 0 delete files/$kind.yml
    says out "is not there" "delete $kind"
done
submit 2 delete files/job.yml
one_line "deletes no job" "delete job.yml"

# --- the password: nowhere to take it from; then a terminal, which shows nothing of it

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

# --- what went over the wire

"$python" -B "$source/tests/azureml_wire.py" >out 2>err || fail "the wire"

# --- faults: got over where the request may be repeated, else one sentence

submit 0 compute files/compute.yml
# faulty STATUS METHOD REGEX KIND COUNT TEXT ARGUMENT...
faulty() {
    echo "$2 $3 $4 $5" >service/fault
    local expected=$1 text=$6 what="$2 $3 $4 $5"
    shift 6
    submit "$expected" "$@"
    test "$expected" -eq 0 || grep -F "submit: " err | grep -qF -- "$text" ||
        fail "$what: no '$text'"
    ! grep -q Traceback err || fail "$what: a traceback"
    rm -f service/fault
}
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
