# SPDX-License-Identifier: MIT
# Functions that tests of the server share; sourced after program.sh, in $tmp.

skip() { echo "skipped: $*"; exit 77; }
command -v python3 >/dev/null || skip "there is no python3"
"$program" --version | grep -q '^serve  *libmicrohttpd' ||
    skip "this build has no libmicrohttpd"
unset AZUREML_MODEL_DIR

# start OPTION...: starts a server on a free port, and waits until it is ready. $server
# is its process, $port its port; it writes to serve.err.
start() {
    : >serve.err
    "$program" serve --port 0 "$@" 2>serve.err </dev/null &
    server=$!
    trap 'kill -KILL $server; chmod -R u+w "$tmp"; rm -rf "$tmp"' EXIT
    i=0
    until grep -q '^im2cat: serving ' serve.err; do
        i=$((i + 1))
        test $i -lt 600 && kill -0 $server 2>/dev/null || {
            fail "serve $* does not start"
            cat serve.err >&2
            finish
        }
        sleep 0.1
    done
    port=$(sed -n 's/^im2cat: listens on .*:\([0-9]*\) for .*/\1/p' serve.err)
}

# stop SIGNAL: ends the server by the signal.
stop() {
    kill -"$1" $server
    ends_with_0 "$1"
}

# ends_with_0 SIGNAL: waits for the end of the server, which must exit with 0.
ends_with_0() {
    wait $server
    found=$?
    trap 'chmod -R u+w "$tmp"; rm -rf "$tmp"' EXIT
    test $found -eq 0 || {
        fail "SIG$1 ends the server with $found"
        cat serve.err >&2
    }
}

# client CHECK [FILE...]: runs a check of tests/serve.py.
client() {
    client_check=$1
    shift
    python3 "$source/tests/serve.py" "$client_check" $port "${name:-model}" "$@" >&2 ||
        fail "tests/serve.py $client_check"
}
