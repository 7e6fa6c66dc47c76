#!/bin/sh
# SPDX-License-Identifier: MIT
# A server under load and under attack (tests/serve_load.py): 10,000 requests on 32
# connections with broken pictures among them and reloads in between, 10,000 idle
# connections, slow clients, endless chunks, and floods of bodies. Where IM2CAT_PYTHON
# names a Python that has them, also the clients of requests and tritonclient.
# IC_SERVE_REQUESTS changes the number of requests.
. "${srcdir:-.}/tests/program.sh"
cd "$tmp" || exit 99
. "$source/tests/serve_kit.sh"
test -n "${IC_SLOW:-}" || skip "a load test, for make check-slow"
python=${IM2CAT_PYTHON:-python3}
# The freed memory that a sanitizer keeps is not the server's.
export ASAN_OPTIONS="${ASAN_OPTIONS:-}:quarantine_size_mb=8"

run 0 toy-pets toy --count 40 --size 40
run 0 train --data toy --labels breed --arch resnet18 --size 32 --batch 8 --max-steps 2 \
    --out one --quiet
run 0 predict --json --batch 8 --model one/model.safetensors toy
mv out one.json

# load CHECK ARGUMENT...
load() {
    load_check=$1
    shift
    "$python" "$source/tests/serve_load.py" "$load_check" $port $server one.json "$@" >&2 ||
        fail "tests/serve_load.py $load_check"
    kill -0 $server 2>/dev/null || { fail "the server is gone"; cat serve.err >&2; finish; }
}

start --model one/model.safetensors --timeout 5 --max-bodies 64
load requests "${IC_SERVE_REQUESTS:-10000}"
load idle 10000
load dribble
load endless
load flood
load requests 500
if "$python" -c 'import requests' 2>/dev/null; then
    load python_requests
else
    echo "left out: $python has no requests"
fi
if "$python" -c 'import tritonclient.http, numpy' 2>/dev/null; then
    load triton
else
    echo "left out: $python has no tritonclient[http] with numpy"
fi
stop TERM
test "$(grep -c '^im2cat: serving ' serve.err)" -ge 3 || fail "no reload under load"
finish
