# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # $secret is of those that source this, $source from them
# Functions that tests/azureml.sh and its parts share; sourced with $source set. Starts
# the stand-in for the service (tests/azureml_service.py) in a folder of its own, with
# an environment that leads only there, and defines the functions that run submit.

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
# Names below .localhost resolve to this machine by RFC 6761, but not with every libc.
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
# submit STATUS ARGUMENT...: runs submit on the changed files. Leaves out and err, and
# copies of them in outputs.N for the search for secrets.
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

# one_line TEXT WHAT: the failure is one sentence that contains TEXT.
one_line() {
    test "$(wc -l <err)" -eq 1 || fail "$2: not one line on standard error"
    grep -q '^submit: ' err || fail "$2: it does not begin with submit"
    says err "$1" "$2"
}

# The SDK asks for the clouds whenever it is loaded.
requests() { grep -cv '"path": "/clouds"' service/requests.jsonl; }
changes() { grep -c '"method": "\(PUT\|PATCH\|DELETE\)"' service/requests.jsonl; }
: >service/requests.jsonl

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
