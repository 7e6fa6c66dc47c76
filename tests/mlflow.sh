#!/bin/sh
# Runs that a tracking server is told of: the server of mlflow_fake.py checks each
# request, and misbehaves. Whatever it does, the run ends well and its model has the same
# bytes, and mlflow-sync sends the rest later. A killed run that goes on tells nothing
# twice.
. "${srcdir:-.}/tests/program.sh"
command -v python3 >/dev/null || { echo "needs python3"; exit 77; }
unset MLFLOW_TRACKING_URI MLFLOW_TRACKING_TOKEN MLFLOW_TRACKING_USERNAME \
    MLFLOW_TRACKING_PASSWORD MLFLOW_RUN_ID MLFLOW_EXPERIMENT_NAME MLFLOW_EXPERIMENT_ID \
    MLFLOW_RUN_NAME http_proxy https_proxy all_proxy HTTPS_PROXY ALL_PROXY
cd "$tmp" || exit 99

# --- what is said without the module, and to what is no address

refuse 2 '"ftp://x" is no address of an MLflow server (its scheme is another)' \
    train --data x --out y --mlflow ftp://x
refuse 2 'no scheme, host and port' train --data x --out y --mlflow http://me:secret@
! grep -q secret err || fail "a password is shown"
mkdir empty
IM2CAT_MODULES=empty refuse 1 'needs the module empty/im2cat-mlflow.so' \
    train --data x --out y --mlflow http://x
IM2CAT_MODULES=empty refuse 1 'built by configure --with-mlflow)' \
    train --data x --out y --mlflow http://x
refuse 1 'there is no run folder nowhere' mlflow-sync nowhere
test -e "${program%/*}/im2cat-mlflow.so" || {
    echo "built without libcurl: no server is spoken to"
    finish
}
refuse 1 'empty has no mlflow.outbox' mlflow-sync empty

# --- servers

# serve NAME: starts a server with the folder NAME, sets $url and $server.
serve() {
    mkdir -p "$1"
    rm -f "$1/port"
    python3 "$source/tests/mlflow_fake.py" "$1" 2>"$1/log" &
    server=$!
    for try in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
        test -e "$1/port" && break
        sleep 0.2
    done
    test -e "$1/port" || { echo "no server: $(cat "$1/log")" >&2; exit 99; }
    url=http://127.0.0.1:$(cat "$1/port")
}
stop() {
    kill "$server"
    wait "$server" 2>/dev/null
}
trap 'kill $server $trainer 2>/dev/null; chmod -R u+w "$tmp"; rm -rf "$tmp"' EXIT

# seen SERVER RUN STATUS
seen() {
    python3 "$source/tests/mlflow_seen.py" "$@" >seen.out 2>&1 ||
        fail "$2 at $1: $(head -n 8 seen.out)"
}

run 0 toy-pets toy --count 20 --size 40
job='--data toy --arch resnet18 --size 32 --batch 4 --epochs 2 --quiet'
run 0 train $job --out plain

# same RUN: the model is that of the run which nobody was told of.
same() {
    cmp -s plain/model.safetensors "$1/model.safetensors" || fail "$1 has another model"
}

# --- a server that works

serve good
run 0 train $job --out tracked --mlflow "$url"
test ! -s err || fail "a tracked run complains"
same tracked
seen good tracked FINISHED
run 0 mlflow-sync tracked
run 0 train --resume --out tracked --mlflow "$url"
seen good tracked FINISHED
test "$(grep -c '"name": "tracked"' good/state.json)" = 1 || fail "not one run"
finish
