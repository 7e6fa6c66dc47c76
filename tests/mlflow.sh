#!/bin/sh
# SPDX-License-Identifier: MIT
# Runs that report to a tracking server: the server of mlflow_fake.py checks each
# request, and misbehaves. Whatever it does, the run succeeds and its model has the same
# bytes, and mlflow-sync sends the rest later. A killed run that is resumed reports
# nothing twice.
. "${srcdir:-.}/tests/program.sh"
tiny_network
export IM2CAT_MODULES="$built"
command -v python3 >/dev/null || { echo "needs python3"; exit 77; }
unset MLFLOW_TRACKING_URI MLFLOW_TRACKING_TOKEN MLFLOW_TRACKING_USERNAME \
    MLFLOW_TRACKING_PASSWORD MLFLOW_RUN_ID MLFLOW_EXPERIMENT_NAME MLFLOW_EXPERIMENT_ID \
    MLFLOW_RUN_NAME http_proxy https_proxy all_proxy HTTPS_PROXY ALL_PROXY
cd "$tmp" || exit 99

# --- messages without the module, and for an invalid address

refuse 2 '"ftp://x" is not the address of an MLflow server (its scheme is not one of these)' \
    train --data x --out y --mlflow ftp://x
refuse 2 'it is not of the form scheme://host:port' train --data x --out y --mlflow http://me:secret@
! grep -q secret err || fail "a password is shown"
refuse 2 '--mlflow-register expects NAME or NAME@ALIAS' \
    train --data x --out y --mlflow-register a/b
for name in @best pets@; do
    refuse 2 '--mlflow-register expects NAME or NAME@ALIAS' \
        train --data x --out y --mlflow-register "$name"
done
mkdir empty
IM2CAT_MODULES=empty refuse 1 'needs the module empty/im2cat-mlflow.so' \
    train --data x --out y --mlflow http://x
IM2CAT_MODULES=empty refuse 1 'built by configure --with-mlflow)' \
    train --data x --out y --mlflow http://x
refuse 1 'there is no run folder nowhere' mlflow-sync nowhere
test -e "$built/im2cat-mlflow.so" || {
    echo "built without libcurl: no server is spoken to"
    finish
}
refuse 1 'empty has no mlflow.outbox' mlflow-sync empty

# --- servers

# serve NAME: starts a server with the folder NAME; NAME/url holds its address.
serve() {
    mkdir -p "$1"
    rm -f "$1/port"
    python3 "$source/tests/mlflow_fake.py" "$1" 2>"$1/log" &
    servers="$servers $!"
    echo $! >"$1/pid"
    for try in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
        test -e "$1/port" && break
        sleep 0.2
    done
    test -e "$1/port" || { echo "no server: $(cat "$1/log")" >&2; exit 99; }
    echo "http://127.0.0.1:$(cat "$1/port")" >"$1/url"
}
servers= trainer=
trap 'kill $servers $trainer 2>/dev/null; chmod -R u+w "$tmp"; rm -rf "$tmp"' EXIT

# seen SERVER RUN STATUS: the server's record of the run agrees with the run's folder.
seen() {
    python3 "$source/tests/mlflow_seen.py" "$@" >seen.out 2>&1 ||
        fail "$2 at $1: $(head -n 8 seen.out)"
}

# registered SERVER: it has one version of pets, which is the best.
registered() {
    python3 -c 'import json, sys
pets = json.load(open(sys.argv[1] + "/state.json"))["registered"]["pets"]
assert len(pets["versions"]) == 1 and pets["aliases"] == {"best": "1"}, pets' "$1" ||
        fail "$1: the model is not registered, or twice"
}

# same RUN: the model is that of the run that reported to no server.
same() {
    cmp -s plain/model.safetensors "$1/model.safetensors" || fail "$1 has another model"
}

run 0 toy-pets toy --count 20 --size 40
job='--data toy --arch tiny --size 32 --batch 4 --quiet'
run 0 train $job --out plain

# --- a server that works

serve good
url=$(cat good/url)
run 0 train $job --out tracked --mlflow "$url" --mlflow-register pets@best
test ! -s err || fail "a tracked run complains"
same tracked
seen good tracked FINISHED
grep -q '"name": "tracked"' good/state.json || fail "the run has another name"
grep -q '"1": "im2cat"' good/state.json || fail "the experiment has another name"
registered good
run 0 mlflow-sync tracked
run 0 train --resume --out tracked --mlflow "$url"
seen good tracked FINISHED
test "$(grep -c '"name": "tracked"' good/state.json)" = 1 || fail "not one run"
if command -v flock >/dev/null; then
    flock tracked/mlflow.outbox "$program" mlflow-sync tracked >out 2>err
    says err 'another process is using tracked/mlflow.outbox' "two at once"
fi

# Of several ranks, one reports.
run 0 train $job --max-steps 2 --distributed local --ranks 2 --out ranks --mlflow "$url"
seen good ranks FINISHED
test "$(grep -c '"name": "ranks"' good/state.json)" = 1 || fail "ranks: not one run"

# The server, run name and experiment from the environment; a run that is joined.
MLFLOW_TRACKING_URI=$url MLFLOW_EXPERIMENT_NAME='a b/c' MLFLOW_RUN_NAME=named \
    run 0 train $job --max-steps 1 --out auto
grep -q '"name": "named"' good/state.json || fail "MLFLOW_RUN_NAME is not the name"
grep -q '"2": "a b/c"' good/state.json || fail "MLFLOW_EXPERIMENT_NAME is not used"
joined=$(sed -n 's/.*"run_id": "\(.*\)".*/\1/p' auto/mlflow.json)
MLFLOW_RUN_ID=$joined run 0 train $job --max-steps 2 --out joined --mlflow "$url"
grep -q "\"run_id\": \"$joined\"" joined/mlflow.json || fail "MLFLOW_RUN_ID is not joined"
says err 'skipped: ' "train with other parameters"
says err 'Changing param values' "train with other parameters"
MLFLOW_TRACKING_URI=$url run 0 train --resume --out plain --mlflow off
test ! -e plain/mlflow.outbox || fail "--mlflow off records"
MLFLOW_TRACKING_URI=sqlite:///x run 0 train --resume --out plain
says err 'MLFLOW_TRACKING_URI is set, but MLflow does not track this run' "train, sqlite"

# --- servers that misbehave until the script has examined them

modes='500 die-after'
! slow || modes='500 429 html hang 507 redirect die-after'
for mode in $modes; do
    serve "bad-$mode"
    echo "$mode" >"bad-$mode/mode"
    { "$program" train $job --out "run-$mode" --mlflow "$(cat "bad-$mode/url")" \
          >"out-$mode" 2>"err-$mode"
      echo $? >"status-$mode"; } &
    trainer="$trainer $!"
done
run 0 train $job --out nobody --mlflow http://127.0.0.1:1 --mlflow-register pets@best
says err 'to send the rest: im2cat mlflow-sync nobody' "train, no server"
same nobody
wait $trainer
trainer=
for mode in $modes; do
    test "$(cat "status-$mode")" = 0 || fail "$mode: train exits with $(cat "status-$mode")"
    same "run-$mode"
    cp "err-$mode" err
    says err "to send the rest: im2cat mlflow-sync run-$mode" "train, $mode"
    test "$(wc -l <err)" -le 2 || fail "$mode: more than two lines"
    rm "bad-$mode/mode"
    run 0 mlflow-sync "run-$mode"
    test ! -s err || fail "mlflow-sync after $mode complains"
    seen "bad-$mode" "run-$mode" FINISHED
    test "$(sed -n 's/^ "creates": \(.*\),$/\1/p' "bad-$mode/state.json")" = 1 ||
        fail "$mode: the run was not made once"
done

# --- names and tokens reach the server, and nothing else

# A few bytes stand for the model here.
echo weights >nobody/mlflow-model/model.onnx
rm nobody/model.safetensors nobody/best.safetensors nobody/checkpoint.safetensors
cp -r nobody denied
serve locked
url=$(cat locked/url)
echo 'Bearer top-secret-token' >locked/auth
refuse 1 'answers GET experiments/get-by-name' mlflow-sync denied --mlflow "$url"
says err 'with 401' "mlflow-sync without a token"
MLFLOW_TRACKING_TOKEN=top-secret-tokem refuse 1 'with 401' \
    mlflow-sync denied --mlflow "$url"
! grep -q top-secret err || fail "a token is shown"
# The folder gives the address, and anybody may have written it: no token is sent there.
MLFLOW_TRACKING_TOKEN=top-secret-token refuse 1 'with 401' mlflow-sync denied
MLFLOW_TRACKING_TOKEN=top-secret-token run 0 mlflow-sync denied --mlflow "$url"
seen locked denied FINISHED
echo "Basic $(printf 'me:pass word' | base64)" >locked/auth
cp -r nobody inside
run 0 mlflow-sync inside --mlflow "http://me:pass%20word@${url#http://}"
seen locked inside FINISHED
cp -r nobody beside
MLFLOW_TRACKING_USERNAME=me MLFLOW_TRACKING_PASSWORD='pass word' MLFLOW_TRACKING_URI=$url \
    run 0 mlflow-sync beside
seen locked beside FINISHED
! grep -rlE 'top-secret|pass.{1,3}word' denied inside beside || fail "a secret is stored"

# --- a proxy, and TLS by a certificate that no system trusts

serve proxy
cp -r nobody around
http_proxy=$(cat proxy/url) run 0 mlflow-sync around --mlflow http://nowhere.invalid:1
seen proxy around FINISHED
grep -q '"proxied": [1-9]' proxy/state.json || fail "the proxy is not used"
if command -v openssl >/dev/null && mkdir tls && openssl req -x509 -newkey rsa:2048 -nodes \
    -keyout tls/key -out tls/certificate -days 2 -subj /CN=127.0.0.1 \
    -addext subjectAltName=IP:127.0.0.1 2>/dev/null; then
    cat tls/key tls/certificate >tls/tls.pem
    serve tls
    url=$(sed 's/^http:/https:/' tls/url)
    for name in strange trusted insecure; do
        cp -r nobody $name
    done
    refuse 1 'certificate' mlflow-sync strange --mlflow "$url"
    MLFLOW_TRACKING_SERVER_CERT_PATH=tls/certificate \
        run 0 mlflow-sync trusted --mlflow "$url"
    seen tls trusted FINISHED
    MLFLOW_TRACKING_INSECURE_TLS=true run 0 mlflow-sync insecure --mlflow "$url"
    seen tls insecure FINISHED
    ! grep -q '"name": "strange"' tls/state.json || fail "any certificate will do"
fi

# --- servers that lack features

serve old
touch old/old
cp -r nobody aged
run 0 mlflow-sync aged --mlflow "$(cat old/url)"
test ! -s err || fail "a server without logged models: complains"
python3 -c 'import json
state = json.load(open("old/state.json"))
assert not state["violations"], state["violations"]
run, = state["runs"].values()
assert run["status"] == "FINISHED", run["status"]
base = run["artifact_uri"].removeprefix("mlflow-artifacts:/")
assert base + "/model/MLmodel" in state["artifacts"], state["artifacts"]
' || fail "a server without logged models"
serve apart
echo s3://bucket >apart/apart
cp -r nobody elsewhere
run 0 mlflow-sync elsewhere --mlflow "$(cat apart/url)"
says err 'keeps artifacts in s3://bucket' "mlflow-sync, artifacts elsewhere"
grep -q '"status": "FINISHED"' apart/state.json || fail "artifacts elsewhere: not finished"
serve above
echo mlflow-artifacts:/../secrets >above/apart
cp -r nobody over
run 0 mlflow-sync over --mlflow "$(cat above/url)"
says err 'keeps artifacts in mlflow-artifacts:/../secrets' "mlflow-sync, artifacts above"

# --- servers that redirect, and servers that recover

for mode in redirect new-port; do
    cp -r nobody "run-$mode"
    serve "bad-$mode"
    echo "$mode" >"bad-$mode/mode"
    MLFLOW_TRACKING_TOKEN=top-secret-token refuse 1 'redirects requests to another server, http://' \
        mlflow-sync "run-$mode" --mlflow "$(cat "bad-$mode/url")"
    says err ', which is not followed: give its address if you trust it' "mlflow-sync, $mode"
done
# Modes of mlflow_fake.py with dots for blanks. Where the answer to a call is lost that
# made something, it must be found, and not made again.
times='429.1 cut.4 die-after.1.runs/create die-after.1./logged-models'
times="$times die-after.1.model-versions/create"
! slow || times="$times 500.2 html.1 die.1 die-after.4 500-after.4"
for mode in $times; do
    name=healed-$(echo "$mode" | tr / -)
    cp -r nobody "$name"
    serve "at-$name"
    echo "$mode" | tr . ' ' >"at-$name/mode"
    { "$program" mlflow-sync "$name" --mlflow "$(cat "at-$name/url")" 2>"err-$name"
      echo $? >"status-$name"; } &
    trainer="$trainer $!"
done
wait $trainer
trainer=
for name in healed-*; do
    test "$(cat "status-$name")" = 0 || fail "$name: $(cat "err-$name")"
    seen "at-$name" "$name" FINISHED
    registered "at-$name"
    test "$(sed -n 's/^ "creates": \(.*\),$/\1/p' "at-$name/state.json")" = 1 ||
        fail "$name: the run was not made once"
done

# --- a run that is killed, with its last steps sent, and resumed

# step_count: the number of steps of the killed run that its server has.
step_count() {
    python3 -c 'import json
runs = json.load(open("killed/state.json"))["runs"]
print(sum(len(r["metrics"].get("loss", [])) for r in runs.values()))' 2>/dev/null || echo 0
}
serve killed
url=$(cat killed/url)
# Long steps, so that it is killed between two of them.
long="--data toy --arch resnet18 ${job#*tiny} --epochs 4 --checkpoint-every 3"
run 0 train $long --out whole
"$program" train $long --out killed-run --mlflow "$url" >out 2>err &
trainer=$!
for try in $(seq 300); do
    test "$(step_count)" -gt 1 && break
    sleep 0.05
done
kill -KILL $trainer
wait $trainer 2>/dev/null
trainer=
rows=$(wc -l <killed-run/steps.csv)
test "$rows" -gt 2 && test "$rows" -lt 16 || fail "the run was killed after $rows rows"
# A copy that reports only after its resume: its tables hold the earlier steps.
cp -r killed-run late
rm late/mlflow.*
# The record that a power failure may leave.
printf '12345678 {"kind": "step", "torn' >>killed-run/mlflow.outbox
run 0 train --resume --out killed-run --mlflow "$url"
cmp -s whole/model.safetensors killed-run/model.safetensors || fail "another model"
seen killed killed-run FINISHED
run 0 train --resume --out late --mlflow "$url"
seen killed late FINISHED
finish
