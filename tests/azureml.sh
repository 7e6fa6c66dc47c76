#!/bin/bash
# deploy/azureml/submit, by the real SDK, against a stand-in for the service on loopback
# (tests/azureml_service.py): the whole tutorial twice, each step, a prompt for the
# password, a failed and a cancelled job, what went over the wire, faults of the service,
# and planted mistakes, of which nothing is sent. Part of `make check-slow`; skipped where
# Python has no azure-ai-ml. PYTHON says which Python. It takes five minutes.
# shellcheck disable=SC2016 # many of the texts that are compared have a dollar
set -u
source=$(cd "${srcdir:-.}" && pwd)
python=${PYTHON:-python3}
skip() { echo "skipped: $*"; exit 77; }
"$python" -c 'import azure.ai.ml, azure.identity' 2>/dev/null ||
    skip "$python has no azure-ai-ml and azure-identity"
command -v openssl >/dev/null || skip "needs openssl"
tmp=$(mktemp -d) || exit 99
service=
end() {
    test -z "$service" || kill "$service" 2>/dev/null
    rm -rf "$tmp"
}
trap end EXIT
trap 'exit 99' HUP INT TERM
cd "$tmp" || exit 99
failures=0

fail() {
    failures=$((failures + 1))
    echo "FAIL: $*" >&2
    tail -n 5 out err >&2 2>/dev/null
}

# --- the stand-in, and an environment that leads to it and to nothing else

secret=correct-horse-battery
mkdir service service/run home site files
head -c 70000 /dev/urandom >service/run/best.safetensors
echo "epoch,error_rate" >service/run/metrics.csv
printf '\377\330\377\340 not much of a picture' >cat.jpg
openssl req -x509 -newkey rsa:2048 -nodes -keyout key -out certificate -days 30 \
    -subj /CN=localhost 2>/dev/null \
    -addext "subjectAltName=DNS:localhost,DNS:*.blob.localhost,IP:127.0.0.1" || exit 99
cat certificate key >pem
# Names below .localhost are this machine, as RFC 6761 has it and not every libc.
cat >site/sitecustomize.py <<'END'
import socket

ask = socket.getaddrinfo


def getaddrinfo(host, *rest, **named):
    return ask("127.0.0.1" if str(host).endswith(".localhost") else host, *rest, **named)


socket.getaddrinfo = getaddrinfo
END
IC_SECRET=$secret "$python" -B "$source/tests/azureml_service.py" service pem \
    >service.log 2>&1 &
service=$!
for ((i = 0; i < 100; i++)); do
    test ! -e service/port || break
    sleep 0.1
done
test -e service/port || { cat service.log; exit 99; }
address=https://127.0.0.1:$(cat service/port)

unset "${!AZURE@}" "${!MSI_@}" http_proxy https_proxy all_proxy HTTPS_PROXY ALL_PROXY
unset IM2CAT_REGISTRY_PASSWORD
export HOME=$tmp/home PYTHONPATH=$tmp/site REQUESTS_CA_BUNDLE=$tmp/certificate
export ARM_CLOUD_METADATA_URL=$address/clouds AZUREML_CURRENT_CLOUD=Loopback
export IDENTITY_ENDPOINT=$address/token IDENTITY_HEADER=loopback
export AZURE_SUBSCRIPTION_ID=10000000-0000-0000-0000-000000000000
export AZURE_RESOURCE_GROUP=group AZURE_ML_WORKSPACE=workspace

cp -r "$source/deploy/azureml/." files
chmod -R u+w files
cp -r files as-shipped
sed -i -e 's/registry\.example\.org/myregistry.azurecr.io/' \
    -e 's/00000000-0000-0000-0000-000000000000/10000000-0000-0000-0000-000000000000/' \
    files/*.yml files/*/Dockerfile

runs=0
# submit STATUS ARGUMENT...: by the changed files. Leaves out and err, and all of them in
# outputs.N for the search for secrets.
submit() {
    local expected=$1
    shift
    "$python" files/submit "$@" >out 2>err </dev/null
    local found=$?
    runs=$((runs + 1))
    cat out err >"outputs.$runs"
    test $found -eq "$expected" || fail "submit $* exits with $found, not $expected"
}

says() { grep -qF -- "$2" "$1" || fail "$3: $1 has no '$2'"; }

# one_line TEXT WHAT: a failure is a sentence that has TEXT in it.
one_line() {
    test "$(wc -l <err)" -eq 1 || fail "$2: not one line on standard error"
    grep -q '^submit: ' err || fail "$2: it does not begin with submit"
    says err "$1" "$2"
}

# The SDK asks for the clouds whenever it is loaded.
requests() { grep -cv '"path": "/clouds"' service/requests.jsonl; }
changes() { grep -c '"method": "\(PUT\|PATCH\|DELETE\)"' service/requests.jsonl; }
: >service/requests.jsonl

# --- mistakes: a sentence each, and nothing is sent

"$python" as-shipped/submit check as-shipped/environment-image.yml >out 2>err
test $? -eq 2 || fail "the example's registry is taken for one"
one_line "registry.example.org is the example's" "as shipped"
submit 0 check files/*.yml
test "$(grep -c '^files/' out)" -eq "$(find files -maxdepth 1 -name '*.yml' | wc -l)" ||
    fail "not every file is checked"

planted=()
reasons=()
# plant FILE SCRIPT TEXT: FILE as sed changes it is refused, and TEXT says why.
plant() {
    local bad=files/bad-${#planted[@]}.yml
    sed "$2" "files/$1" >"$bad"
    ! cmp -s "files/$1" "$bad" || fail "$1 has nothing for $2"
    planted+=("$bad")
    reasons+=("$3")
}
plant job.yml 's/inputs\.pets}/inputs.dogs}/' '${{inputs.dogs}} is not declared'
plant job.yml 's/outputs\.run}/outputs.model}/' '${{outputs.model}} is not declared'
plant job.yml '/^compute:/d' 'has no compute'
plant job.yml 's/^command:/comand:/' 'comand: Unknown field'
plant job.yml 's/^tags:/tagss:/' 'tagss: Unknown field'
plant job.yml 's/^environment:.*//' 'environment'
plant job.yml 's/type: uri_folder/type: uri_foldr/' 'uri_foldr is none of uri_file'
plant job.yml 's/timeout: 14400/timeout: 4h/' 'limits.timeout: Not a valid integer'
variables='environment_variables:\n '
plant job.yml "s/14400.*/&\n$variables A: \${HOME}/" '${HOME} is sent as it stands'
plant job.yml "s/14400.*/&\n$variables API_TOKEN: abc/" 'a secret does not belong'
plant job.yml 's!azureml://datastores/.*!./pictures!' './pictures does not exist'
plant job.yml 's!\./code!./cod!' './cod is no folder'
plant job.yml '/^\$schema/d' 'has no $schema'
plant job.yml 's/commandJob/comandJob/' 'none of environment'
plant job.yml 's/^inputs:/  inputs:/' 'is not YAML'
plant job-mpi.yml 's/type: mpi/type: mpii/' 'mpii is none of'
plant job-mpi.yml 's/im2cat train/mpirun im2cat train/' 'the service starts the ranks'
plant job-mpi.yml 's/--distributed mpi//' 'each rank would train alone'
plant job-mpi.yml '/^distribution:/,/process_count/d' 'takes `distribution: {type: mpi}`'
plant sweep.yml 's/primary_metric: .*/primary_metric: accuracy/' 'im2cat logs no accuracy'
plant sweep.yml 's/search_space\.lr}/search_space.rate}/' 'search_space.rate}} is not declared'
plant sweep.yml 's/random/randm/' 'randm is none of'
plant compute.yml 's/min_instances: 0/min_instances: 5/' '5 is more than max_instances, 4'
plant connection.yml 's/username: im2cat/&\n  password: abc/' 'a secret does not belong'
plant connection.yml 's/username: im2cat/username: ${USER}/' '${USER} is sent as it stands'
plant environment-dockerfile.yml 's/Dockerfile/Dockerfil/' 'image/Dockerfil does not exist'
plant environment-image.yml '/^version/d' 'has no version'
plant environment-serve.yml 's/scoring_route/score_route/' 'score_route: Unknown field'
plant endpoint.yml 's/auth_mode: key/auth_mode: keys/' 'keys is none of'
plant deployment.yml 's/instance_count: 1/instance_count: one/' 'Not a valid integer'
submit 2 check "${planted[@]}"
test "$(wc -l <err)" -eq "${#planted[@]}" || fail "not a line for each planted mistake"
for number in "${!planted[@]}"; do
    grep -F "${planted[number]}: " err | grep -qF -- "${reasons[number]}" ||
        fail "${planted[number]}: no '${reasons[number]}'"
done

submit 2 job "${planted[0]}"
one_line "is not declared" "job"
submit 2 compute "${planted[22]}"
one_line "is more than" "compute"
submit 2 connection "${planted[23]}"
one_line "a secret" "connection"
submit 2 all --job "${planted[2]}" cat.jpg
one_line "has no compute" "all"
submit 2 deploy --model cat.jpg
one_line "is no .safetensors file" "deploy"
submit 2 job files/compute.yml
one_line "of kind compute, not job" "job compute.yml"

# What the snapshot would hold.
snapshot() { # FILE TEXT
    sed 's!\./code!./snapshot!' files/job.yml >files/bad-code.yml
    submit 2 check files/bad-code.yml
    one_line "$2" "a snapshot with $1"
}
mkdir files/snapshot
cp cat.jpg files/snapshot/
snapshot cat.jpg "cat.jpg would be sent with the code"
mv files/snapshot/cat.jpg files/snapshot/account.pem
snapshot account.pem "looks like a secret"
rm files/snapshot/account.pem
head -c 2000000 /dev/zero >files/snapshot/notes.txt
snapshot notes.txt "more than 1048576 bytes would be sent"
echo '*.txt' >files/snapshot/.amlignore
submit 0 check files/bad-code.yml
rm -r files/snapshot files/bad-*.yml

test "$(requests)" -eq 0 || fail "$(requests) requests were sent for files with mistakes"

# What only the service knows is asked, and nothing is changed.
submit 2 job files/job.yml
one_line "the workspace has no environment im2cat:1" "no environment"
test "$(changes)" -eq 0 || fail "something was sent to a workspace without the environment"

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

"$python" - >out 2>err <<'END' || fail "the wire"
import json

requests = [json.loads(line) for line in open("service/requests.jsonl", encoding="utf-8")]


def put(end):
    """Properties of what was sent to a path that ends so, oldest first."""
    return [request["body"]["properties"] for request in requests
            if request["method"] == "PUT" and request["path"].endswith(end)]


def equal(what, found, expected):
    if found != expected:
        raise SystemExit(f"{what}: {found}, not {expected}")


walk, = put("/jobs/walk")
equal("command", walk["command"].split()[:2], ["im2cat", "train"])
equal("resume", "--resume" in walk["command"], True)
equal("environment", walk["environmentId"].split("/environments/")[1], "im2cat/versions/1")
equal("compute", walk["computeId"].endswith("/computes/im2cat-cpu"), True)
equal("pets", (walk["inputs"]["pets"]["jobInputType"], walk["inputs"]["pets"]["mode"]),
      ("uri_folder", "Download"))
equal("run", walk["outputs"]["run"]["mode"], "ReadWriteMount")
equal("timeout", walk["limits"]["timeout"], "PT4H")
equal("tags", walk["tags"], {"program": "im2cat"})
equal("experiment", walk["experimentName"], "Tutorial-im2cat")

ranks, = put("/jobs/ranks")
equal("ranks", ranks["distribution"],
      {"distributionType": "Mpi", "processCountPerInstance": 1})
equal("nodes", ranks["resources"]["instanceCount"], 4)
equal("no mpirun", "mpirun" in ranks["command"], False)
spot, = put("/jobs/spot")
equal("spot", spot["computeId"].endswith("/computes/im2cat-spot"), True)
equal("a place that stays", spot["outputs"]["run"]["uri"].split("/paths/")[1],
      "im2cat/runs/oxford-pets-1/")
sweep, = put("/jobs/sweep")
equal("objective", sweep["objective"], {"goal": "minimize", "primaryMetric": "error_rate"})
equal("space", sorted(sweep["searchSpace"]), ["lr", "seed"])

nodes = put("/computes/im2cat-cpu")[0]["properties"]["scaleSettings"]
equal("nodes", (nodes["minNodeCount"], nodes["maxNodeCount"]), (0, 4))
priority = put("/computes/im2cat-spot")[0]["properties"]["vmPriority"]
equal("priority", priority.lower().replace("_", ""), "lowpriority")
equal("image", put("/environments/im2cat/versions/1")[0]["image"],
      "myregistry.azurecr.io/im2cat-azureml:0.1.0")
build = put("/environments/im2cat-dockerfile/versions/1")[0]["build"]
equal("Dockerfile", build["dockerfilePath"], "Dockerfile")
routes = put("/environments/im2cat-serve/versions/1")[0]["inferenceConfig"]
equal("scoring", routes["scoringRoute"], {"path": "/score", "port": 8000})

connections = put("/connections/im2cat-registry")
equal("password", [one["credentials"]["password"] for one in connections], ["SECRET"] * 2)
equal("traffic", put("/onlineEndpoints/im2cat-pets")[-1]["traffic"], {"blue": 100})
models = [one["model"].split("/models/")[1] for one in put("/deployments/blue")]
equal("two models", len(set(models)), 2)
scores = [request for request in requests if request["path"] == "/score"]
equal("pictures", [one["body"] for one in scores], ["26 bytes"] * 2)

sent = {request["path"].rsplit("/", 1)[-1] for request in requests
        if request["method"] == "PUT" and request["path"].startswith("/blob/")}
equal("uploads", sorted(name for name in sent if not name.endswith(".safetensors")),
      ["Dockerfile", "oxford-pets.conf"])
END

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

test $failures -eq 0 || { echo "$failures failures" >&2; exit 1; }
