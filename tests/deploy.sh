#!/bin/sh
# SPDX-License-Identifier: MIT
# The files of deploy/. The shells and shellcheck accept the scripts. The container's
# command line in the Kubernetes files runs with the job file beside it, begins and
# resumes. im2cat's exit statuses mean the same there as here.
. "${srcdir:-.}/tests/program.sh"
tiny_network
cd "$tmp" || exit 99

# --- the scripts

for script in "$source"/deploy/slurm/*.sbatch "$source/deploy/mpirun-wrapper"; do
    shell=$(sed -n '1s/^#!//p' "$script")
    command -v "$shell" >/dev/null || { echo "no $shell for $script"; continue; }
    "$shell" -n "$script" >out 2>&1 || fail "$script: $shell does not take it"
done
if command -v shellcheck >/dev/null; then
    shellcheck "$source"/deploy/slurm/*.sbatch "$source/deploy/mpirun-wrapper" >out 2>&1 ||
        fail "shellcheck has something against the scripts"
fi
"$source/deploy/mpirun-wrapper" --help >out 2>&1 || fail "mpirun-wrapper --help fails"
says out "exit status" "mpirun-wrapper --help"

# --- Kubernetes

if ! python3 -c 'import yaml' 2>/dev/null; then
    echo "skipped: needs python3 with yaml"
    test $failures -eq 0 || finish
    exit 77
fi
read_yaml() { python3 "$source/tests/kubernetes.py" "$source/deploy/kubernetes/$1" "$2" $3; }

# container FILE: the container's arguments, one per line, with its volumes in this
# folder and without those that need an MPI.
container() {
    read_yaml "$1" arguments |
        sed -E -e "s#=/(job|data|runs)/#=$tmp/\1/#" -e '/^--distributed=/d'
}

small="--arch tiny --size 32 --batch 8 --micro-batch 0 --threads 1"
mkdir data job
run 0 toy-pets data/oxford-pets --count 40 --size 32
for file in job.yaml mpijob.yaml; do
    rm -rf runs
    read_yaml $file job >job/job.conf || fail "$file: no job file"
    run 0 $(container $file) $small --epochs 1
    test -s runs/oxford-pets/model.safetensors || fail "$file: no model"
    epochs=$(sed -n 's/^epochs = //p' job/job.conf)
    test "$epochs" -gt 0 || fail "$file: the job file has no epochs"
    run 0 $(container $file) $small --epochs 1
    says err "oxford-pets" "$file, once more"
done

# means STATUS WORD: the Job's action on that status is WORD.
means() {
    test "$(read_yaml job.yaml action "$1")" = "$2" || fail "job.yaml: $1 does not mean $2"
}

# A wrong job file ends the Job, a failure counts, a stop does not.
echo "epoch = 3" >job/job.conf
"$program" $(container job.yaml) >out 2>err
means $? FailJob
read_yaml job.yaml job >job/job.conf
mv data away
"$program" $(container job.yaml) >out 2>err
means $? Count
mv away data
rm -rf runs
"$program" $(container job.yaml) $small --epochs 1000 >out 2>err &
pid=$!
i=0
while ! grep -qs '^3,' runs/oxford-pets/steps.csv && test $i -lt 600; do
    i=$((i + 1))
    sleep 0.1
done
kill -TERM $pid
wait $pid
means $? Ignore
test -s runs/oxford-pets/checkpoint.safetensors || fail "stopped without a checkpoint"
means 137 Count

finish
