#!/bin/sh
# SPDX-License-Identifier: MIT
# The server, with a client of Python's standard library (tests/serve.py): every form of
# a request gets the numbers that predict prints, wrong requests get their status, and
# the signals have their effects.
. "${srcdir:-.}/tests/program.sh"
cd "$tmp" || exit 99
. "$source/tests/serve_kit.sh"

# --- the command line

refuse 2 'serve needs --model FILE' serve
refuse 2 '--max-batch expects a whole number' serve --model x --max-batch 0
refuse 2 'serve takes only options' serve x
run 1 serve --model nowhere.safetensors --port 0
says err 'listens on http://127.0.0.1:' "serve without a model file"
says err 'nowhere.safetensors: No such file' "serve without a model file"
refuse 1 'there is no address for the host' serve --model x --host 1.2.3.4.5

# --- forms and pages

run 0 toy-pets toy --count 20 --size 40
run 0 train --data toy --labels species --arch resnet18 --size 32 --batch 8 --max-steps 2 \
    --out one --quiet
run 0 train --data toy --labels breed --arch resnet18 --size 32 --batch 8 --max-steps 2 \
    --out two --quiet

# More pictures than the server's batch, so that predict plans for the same batch.
run 0 predict --json --batch 8 --model one/model.safetensors toy
mv out one.json
run 0 predict --json --batch 8 --model two/model.safetensors toy
mv out two.json

start --model one/model.safetensors --log
client forms one.json
client protocol one.json
client pages
client metrics one.json
client broken one.json
client mix one.json
if command -v curl >/dev/null; then
    picture=$(sed -n '1s/.*"path":"\([^"]*\)".*/\1/p' one.json)
    probability=$(sed -n '1s/.*"probability":\([0-9.e-]*\).*/\1/p' one.json)
    for how in "--data-binary @$picture" "-F file=@$picture" "-T $picture -X POST"; do
        curl -sS $how "http://127.0.0.1:$port/score" >out 2>err
        says out "\"probability\":$probability," "curl $how"
    done
fi
cp one/model.safetensors kept.safetensors

# --- another model, and a server without one

cp two/model.safetensors one/new && mv one/new one/model.safetensors
kill -HUP $server
reloaded() { test "$(grep -c '^im2cat: serving ' serve.err)" -eq "$1"; }
i=0
until reloaded 2; do
    i=$((i + 1))
    test $i -lt 100 || { fail "no reload"; break; }
    sleep 0.1
done
client forms two.json
# Signals that arrive during the loading neither end the server nor add up.
for i in 1 2 3 4 5 6 7 8; do
    kill -HUP $server
done
client pages
head -c 9999 kept.safetensors >one/model.safetensors
kill -HUP $server
i=0
until grep -q 'the previous model stays in service: one/model.safetensors' serve.err; do
    i=$((i + 1))
    test $i -lt 100 || { fail "a file that is cut short is not told"; break; }
    sleep 0.1
done
client forms two.json
if "$program" --version | grep -q '^sandbox .*seccomp'; then
    ! grep -H '^\(Seccomp\|NoNewPrivs\):' /proc/$server/task/*/status |
        grep -v 'Seccomp:[[:space:]]2$\|NoNewPrivs:[[:space:]]1$' >&2 ||
        fail "a thread of the server is not in the sandbox"
fi
if "$program" --version | grep -q '^sandbox .*Landlock'; then
    ln -sf "$tmp/two/model.safetensors" one/model.safetensors
    kill -HUP $server
    i=0
    until grep -q 'Permission denied (the server may read only below one and /' serve.err; do
        i=$((i + 1))
        test $i -lt 100 || { fail "a model outside its folder is read"; break; }
        sleep 0.1
    done
    rm one/model.safetensors
fi
stop TERM
grep -q ' 127\.0\.0\.1 200 request=.* pictures=6 .* POST /score$' serve.err ||
    fail "no line of the log"

# --- limits, and the model of a folder

mkdir -p azure/pets/1
mv kept.safetensors azure/pets/1/cats-and-dogs.safetensors
export AZUREML_MODEL_DIR="$tmp/azure"
name=cats-and-dogs
start --max-body 1 --queue 4 --max-delay 1500 --timeout 2
client pages
client limits one.json
stop INT
start
client leaving one.json $server
ends_with_0 TERM
cp azure/pets/1/cats-and-dogs.safetensors azure/pets/other.safetensors
refuse 1 'there is more than one model' serve
rm -r azure/pets
refuse 1 'there is no .safetensors file below' serve
unset AZUREML_MODEL_DIR
finish
