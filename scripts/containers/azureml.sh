# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# shellcheck disable=SC2016,SC2154 # jq's variables; $folder and $started of others
# The image for Azure Machine Learning, started as the service starts it. A node is a
# container with a shell as root. The command of deploy/azureml/job.yml runs in a copy
# of code/, with the service's variables, mounted inputs, and a run folder in the store.
# The network is a toy, since the tutorial's takes minutes. Sourced by docker-check
# after runc.sh.

play=$folder/azureml
job=/mnt/azureml/cr/j/0123456789abcdef
wd=$job/exe/wd
data=$job/cap/data-capability/wd
small="--arch resnet18 --size 32 --batch 16 --micro-batch 8 --epochs 3 --checkpoint-every 4"

# The variables that the service sets for a job; the token is for the stand-in for
# MLflow. The last variable is ours: waiting threads leave the processors of a busy
# machine to others.
service_variables() {
    cat << END
AZUREML_RUN_ID=shy_frog_1gghqbx7yt
AZUREML_ROOT_RUN_ID=shy_frog_1gghqbx7yt
AZUREML_RUN_TOKEN=token
AZUREML_RUN_TOKEN_EXPIRY=4102444800
AZUREML_EXPERIMENT_ID=00000000-0000-0000-0000-000000000001
AZUREML_EXPERIMENT_SCOPE=/subscriptions/S/resourceGroups/G/experiments/Tutorial-im2cat
AZUREML_ARM_SUBSCRIPTION=S
AZUREML_ARM_RESOURCEGROUP=G
AZUREML_ARM_WORKSPACE_NAME=W
AZUREML_ARM_PROJECT_NAME=Tutorial-im2cat
AZUREML_WORKSPACE_ID=00000000-0000-0000-0000-000000000002
AZUREML_WORKSPACE_SCOPE=/subscriptions/S/resourceGroups/G/workspaces/W
AZUREML_SERVICE_ENDPOINT=https://region.api.azureml.ms
AZUREML_RUN_HISTORY_SERVICE_ENDPOINT=https://region.api.azureml.ms
AZUREML_DISCOVERY_SERVICE_ENDPOINT=https://region.api.azureml.ms/discovery
AZUREML_CR_EXECUTION_WORKING_DIR_PATH=$wd
AZUREML_CR_DISTRIBUTED_CONFIG={"host_list":["node-1","node-2"]}
AZUREML_DATAREFERENCE_pets=$data/INPUT_pets
AZURE_ML_INPUT_pets=$data/INPUT_pets
AZURE_ML_INPUT_weights=$data/INPUT_weights
AZURE_ML_OUTPUT_run=$data/run
HOME=/root
END
}

# job_command FILE OUT: the command of a job file, with its inputs where the service
# mounts them and OUT for its output.
job_command() {
    awk '/^command: >-/ { on = 1; next } on && !/^  / { exit } on' "$1" | tr -s '\n ' ' ' |
        sed -e "s|\${{inputs\.pets}}|$data/INPUT_pets|" \
            -e "s|\${{inputs\.weights}}|$data/INPUT_weights|" -e "s|\${{outputs\.run}}|$2|"
    echo "$small"
}

# node NAME [VARIABLE=VALUE]...: starts a node with a new working folder, which runs
# until it is removed.
node() {
    node=$1
    shift
    rm -rf "${play:?}/$node"
    cp -R deploy/azureml/code "$play/$node"
    make_box "$node" azureml 4096 2
    edit_box "$node" --argjson caps "$docker_caps" --arg wd $wd '
        .root.readonly = false | .process.cwd = $wd | .process.args = ["sleep", "infinity"]
        | .process.capabilities = {bounding: $caps, effective: $caps, permitted: $caps}
        | (.mounts[] | select(.destination == "/dev/shm") | .options) |=
            map(if startswith("size=") then "size=2g" else . end)'
    mount_in "$node" "$play/$node" $wd rw
    mount_in "$node" "$play/pets" $data/INPUT_pets ro
    mount_in "$node" "$play/weights.safetensors" $data/INPUT_weights ro
    mount_in "$node" "$play/run" $data/run rw
    mount_in "$node" "$play/hosts" /etc/hosts ro
    service_variables > "$play/variables"
    while IFS= read -r variable; do
        env_in "$node" "$variable"
    done < "$play/variables"
    test $# -eq 0 || env_in "$node" "$@"
    start_box "$node"
    pid_of "$node" > /dev/null
}

# on_node NAME COMMAND: runs the command as the service runs a job's.
on_node() {
    run_runc exec "im2cat-$1" bash -c "$2" > "$play/out" 2>&1 < /dev/null
}

# ends_with STATUS NAME COMMAND
ends_with() {
    status=0
    on_node "$2" "$3" || status=$?
    test $status -eq "$1" || wrong "$3: ends with $status, not $1"
}

wrong() {
    echo "azureml: $*" >&2
    tail -n 20 "$play/out" >&2
    exit 1
}

# same_model RUN WHAT
same_model() {
    cmp "$play/plain/model.safetensors" "$1/model.safetensors" ||
        wrong "$2 has another model than the job that was left alone"
}

# An undisturbed job, with its run folder in ./outputs and the service's MLflow, which
# already knows the run.
play_job() {
    mkdir "$play/mlflow"
    printf 'Bearer token' > "$play/mlflow/auth"
    node node-1
    # nsenter becomes Python, so this is the process to end.
    nsenter --net="/proc/$(pid_of node-1)/ns/net" python3 tests/mlflow_fake.py \
        "$play/mlflow" > /dev/null 2> "$play/mlflow/log" &
    tracker=$!
    until test -s "$play/mlflow/port"; do
        kill -0 $tracker || { cat "$play/mlflow/log" >&2; exit 1; }
        sleep 0.1
    done
    url=http://127.0.0.1:$(cat "$play/mlflow/port")
    experiment=$(ask experiments/create '{"name":"Tutorial-im2cat"}' | jq -r .experiment_id)
    id=$(jq -n --arg experiment "$experiment" \
        '{experiment_id: $experiment, run_name: "shy_frog", start_time: 1, tags: []}' |
        ask runs/create @- | jq -r .run.info.run_id)
    ends_with 0 node-1 "export MLFLOW_TRACKING_URI=$url MLFLOW_TRACKING_TOKEN=token \
        MLFLOW_RUN_ID=$id MLFLOW_EXPERIMENT_NAME=Tutorial-im2cat MLFLOW_EXPERIMENT_ID=$experiment
        test \$(id -u) = 0 && $(job_command deploy/azureml/job.yml ./outputs/run)"
    kill $tracker
    tracker=
    cp -R "$play/node-1/outputs/run" "$play/plain"
    for file in best.safetensors model.safetensors metrics.csv steps.csv split.txt; do
        test -s "$play/plain/$file" || wrong "./outputs/run has no $file"
    done
    python3 -B tests/mlflow_seen.py "$play/mlflow" "$play/plain" FINISHED >> "$play/out" 2>&1 ||
        wrong "its MLflow has not what the run folder has"
    end_boxes
    echo "  the job: model and tables in ./outputs, metrics and model at its MLflow"
}

ask() {
    within node-1 curl -sf -H 'Authorization: Bearer token' -H 'Content-Type: application/json' \
        -d "$2" "$url/api/2.0/mlflow/$1"
}

# play_preempted SIGNAL STATUS: the job loses its node, by SIGNAL, and gets another one.
play_preempted() {
    rm -rf "$play/run"
    mkdir "$play/run"
    command=$(job_command deploy/azureml/job-preempted.yml "$data/run")
    node node-1
    on_node node-1 "$command" &
    running=$!
    until grep -qs '^5,' "$play/run/steps.csv"; do
        kill -0 $running 2> /dev/null || wrong "the job ends before it is preempted"
        sleep 0.02
    done
    run_runc kill --all im2cat-node-1 "$1"
    status=0
    wait $running || status=$?
    test $status -eq "$2" || wrong "SIG$1 ends the job with $status, not $2"
    test -s "$play/run/checkpoint.safetensors" || wrong "SIG$1 leaves no checkpoint"
    steps=$(grep -c '^[0-9]' "$play/run/steps.csv")
    test "$steps" -lt "$(grep -c '^[0-9]' "$play/plain/steps.csv")" || wrong "SIG$1 came too late"
    end_boxes
    node node-2
    ends_with 0 node-2 "$command"
    end_boxes
    same_model "$play/run" "the job that got SIG$1"
    echo "  SIG$1 after $steps steps: goes on at another node, the model has the same bytes"
}

# Two nodes with a cable between them. The service's part is the keys for ssh and
# mpirun, which starts one rank on each.
play_ranks() {
    rm -rf "$play/run"
    mkdir "$play/run"
    variables=$(awk '/^environment_variables:/ { on = 1; next } on && /^[^ ]/ { exit }
        on && $1 ~ /^[A-Z]/ { sub(":", "", $1); print $1 "=" $2 }' deploy/azureml/job-mpi.yml)
    # shellcheck disable=SC2086 # a list
    node node-1 $variables
    # shellcheck disable=SC2086
    node node-2 $variables
    if ! ip link add eth0 netns "$(pid_of node-1)" type veth peer name eth0 \
        netns "$(pid_of node-2)"; then
        echo "  no network between containers here: the job over two nodes is not played"
        end_boxes
        return 0
    fi
    for number in 1 2; do
        within node-$number ip address add 198.51.100.$number/24 dev eth0
        within node-$number ip link set eth0 up
        ends_with 0 node-$number 'ssh-keygen -q -A && mkdir -p /run/sshd ~/.ssh && /usr/sbin/sshd'
    done
    ends_with 0 node-1 'ssh-keygen -q -t ed25519 -N "" -f ~/.ssh/id_ed25519 &&
        cat ~/.ssh/id_ed25519.pub'
    ends_with 0 node-2 "echo '$(cat "$play/out")' > ~/.ssh/authorized_keys"
    names=$(echo "$variables" | cat "$play/variables" - | sed -n 's/=.*//p' | sed 's/^/-x /')
    command=$(job_command deploy/azureml/job-mpi.yml "$data/run")
    # Half of a launch: each rank is told of two ranks, and finds itself alone.
    for rank in 0 1; do
        status=0
        on_node node-$((rank + 1)) "OMPI_COMM_WORLD_SIZE=2 OMPI_COMM_WORLD_RANK=$rank $command" ||
            status=$?
        test $status -ne 0 || wrong "rank $rank trains alone"
        cat "$play/out" >> "$play/alone"
        test ! -e "$play/run/job.conf" || wrong "rank $rank alone has begun a run folder"
    done
    grep -q '^im2cat: ' "$play/alone" || wrong "no rank says that it is alone"
    ends_with 0 node-1 "mpirun -np 2 -H node-1,node-2 --mca plm_rsh_args \
        '-o StrictHostKeyChecking=no' --mca btl_tcp_if_include eth0 -wdir $wd \
        $(echo "$names" | tr '\n' ' ') bash -c '$command'"
    end_boxes
    same_model "$play/run" "the job over two nodes"
    echo "  two nodes, a rank each by mpirun and ssh: the model has the same bytes"
}

# check_azureml PICTURES WEIGHTS: uses the toy pets and a ResNet-18 in place of the
# tutorial's data and weights.
check_azureml() {
    rm -rf "$play"
    mkdir -p "$play/run"
    cp -R "$1" "$play/pets"
    cp "$2" "$play/weights.safetensors"
    printf '%s\n' '127.0.0.1 localhost' '198.51.100.1 node-1' '198.51.100.2 node-2' > "$play/hosts"
    play_job
    play_preempted TERM 3
    play_preempted KILL 137
    play_ranks
}
