# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# shellcheck disable=SC2016,SC2154 # jq's variables; $folder and $started of others
# The serving image, started as an online endpoint of Azure Machine Learning starts it:
# the model in AZUREML_MODEL_DIR, the endpoint's port and probes; a read-only root, no
# privileges, one core and 512 MiB. Sourced by docker-check after runc.sh.

# serve_box OPTION...: starts it with these options of im2cat serve, and prints how many
# milliseconds it took to be ready.
serve_box() {
    edit_box serve '.process.args += $ARGS.positional' --args -- "$@"
    began=$(date +%s%N)
    start_box serve
    serving=$started
    network=/proc/$(pid_of serve)/ns/net
    until nsenter --net="$network" curl -sf -o "$folder/ready" \
        http://127.0.0.1:8000/v2/health/ready 2> /dev/null; do
        if test $(($(date +%s%N) - began)) -gt 60000000000 || ! kill -0 "$serving"; then
            echo "serve is not ready:" >&2
            cat "$folder/box/serve.log" >&2
            exit 1
        fi
        sleep 0.01
    done
    milliseconds=$((($(date +%s%N) - began) / 1000000))
    echo "  ready after $milliseconds ms"
}

# stop_serve: SIGTERM must end it with 0.
stop_serve() {
    run_runc kill im2cat-serve TERM
    wait "$serving" || { echo "serve ends with $? on SIGTERM" >&2; exit 1; }
}

# same_scores FOLDER SCORES: for each picture the answer has predict's digits. SCORES is
# the output of predict --json in the folder.
same_scores() {
    while read -r line; do
        picture=$(echo "$line" | jq -r .path)
        # As text, so that digits are compared.
        wanted=$(echo "$line" | sed 's/.*\("class":.*\)}$/\1,/')
        nsenter --net="$network" curl -sf --data-binary "@$1/$picture" \
            http://127.0.0.1:8000/score > "$folder/answer" ||
            { echo "serve does not score $picture" >&2; exit 1; }
        grep -qF "$wanted" "$folder/answer" ||
            { echo "$picture: predict says $wanted, serve $(cat "$folder/answer")" >&2; exit 1; }
    done < "$2"
    echo "  $(wc -l < "$2") pictures have the scores of predict"
}

# check_serve MODEL FOLDER SCORES
check_serve() {
    models=/var/azureml-app/azureml-models/im2cat-pets/1
    mkdir -p "$folder/models"
    cp "$1" "$folder/models/best.safetensors"
    # Ready in two seconds; a busy machine gets three tries.
    for try in 1 2 3; do
        make_box serve serve 512 1
        mount_in serve "$folder/models" $models ro
        env_in serve AZUREML_MODEL_DIR=$models
        serve_box
        if test "$milliseconds" -le 2000 || test "$try" -eq 3; then
            break
        fi
        stop_serve
        end_boxes
    done
    test "$milliseconds" -le 2000 ||
        { echo "serve is not ready within 2 s, three times" >&2; exit 1; }
    grep -q '; 1 scorers, ' "$folder/box/serve.log" ||
        { echo "serve does not see its one core:" >&2; cat "$folder/box/serve.log" >&2; exit 1; }
    for page in v2/health/live v2/health/ready; do
        nsenter --net="$network" curl -sf -o "$folder/ready" "http://127.0.0.1:8000/$page" ||
            { echo "the probe $page fails" >&2; exit 1; }
    done
    # The image's own health check.
    jq -r '.Healthcheck.Test | .[0] == "CMD", .[1]' "$folder/box/serve/image.json" |
        tr '\n' ' ' | grep -qx 'true im2cat-ready ' ||
        { echo "the image of serve has no health check" >&2; exit 1; }
    run_runc exec im2cat-serve im2cat-ready ||
        { echo "the health check says that serve is ill" >&2; exit 1; }
    ! run_runc exec im2cat-serve bash -c 'im2cat-ready 8001 2> /dev/null' ||
        { echo "the health check is content with nothing" >&2; exit 1; }
    same_scores "$2" "$3"
    if run_runc exec im2cat-serve touch /home/im2cat/file 2> /dev/null; then
        echo "the root can be written" >&2
        exit 1
    fi
    test "$(run_runc exec im2cat-serve id -u)" -ne 0 ||
        { echo "serve runs as the superuser" >&2; exit 1; }
    stop_serve
    end_boxes

    # With the model given by name.
    make_box serve serve 512 1
    mount_in serve "$folder/models" /models ro
    serve_box --model /models/best.safetensors
    stop_serve
    end_boxes

    # Without a model.
    make_box serve serve 512 1
    start_box serve
    ! wait "$started" || { echo "serve without a model ends with 0" >&2; exit 1; }
    grep -q -e --model "$folder/box/serve.log" ||
        { echo "serve without a model does not ask for one" >&2; exit 1; }
    end_boxes
}
