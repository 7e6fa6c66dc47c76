# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# shellcheck disable=SC2016,SC2154 # texts with a dollar; $python is of tests/azureml_kit.sh
# Planted mistakes: each gets one sentence, and nothing is sent. A part of
# tests/azureml.sh.

"$python" as-shipped/submit check as-shipped/environment-image.yml >out 2>err
test $? -eq 2 || fail "the example's registry is taken for one"
one_line "registry.example.org is the example's" "as shipped"
submit 0 check files/*.yml
test "$(grep -c '^files/' out)" -eq "$(find files -maxdepth 1 -name '*.yml' | wc -l)" ||
    fail "not every file is checked"

planted=()
reasons=()
# plant FILE SCRIPT TEXT: FILE as changed by sed is refused, and the message contains
# TEXT.
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
plant job.yml 's/pets/the-pets/' 'inputs.the-pets: a name here has letters, digits and _ only'
plant job.yml 's/inputs\.pets}/inputs.the-pets}/' '${{inputs.the-pets}} is not declared'
plant job.yml 's/\${{outputs\.run}}/${outputs.run}/' 'takes two braces: ${{outputs.run}}'
plant job.yml 's/--resume/--lr ${LR}/' '${LR} is empty on the node'
plant job.yml 's/--resume/--token abc/' '--token: a secret does not belong in a command'
plant job.yml 's/--resume/--password=abc/' '--password: a secret does not belong'
plant job.yml 's/oxford-pets\.conf/other.conf/' 'other.conf is not in the code that is sent'
plant sweep.yml 's/oxford-pets\.conf/sub\/other.conf/' 'sub/other.conf is not in the code'
plant job.yml 's/azureml:im2cat:1/im2cat:1/' 'environment: write azureml:im2cat:1'
plant job.yml 's/azureml:im2cat:1/im2cat/' 'environment: write azureml:im2cat:VERSION'
plant deployment.yml 's/azureml:im2cat-serve/im2cat-serve/' 'write azureml:im2cat-serve:1'
for name in STORAGE_KEY AWS_SECRET_ACCESS_KEY DBPASSWORD HF_TOKEN TOKEN_2 CLIENT_SECRET; do
    plant job.yml "s/14400.*/&\n$variables $name: abc/" "$name: a secret does not belong"
done
connection='DefaultEndpointsProtocol=https;AccountName=a;AccountKey=abc'
plant job.yml "s/14400.*/&\n$variables STORE: $connection/" 'STORE: has AccountKey=: a secret'
plant job.yml "s!14400.*!&\n$variables STORE: https://a:b@store.test/!" 'STORE: has a password'
plant job.yml 's!resnet34-b627a593\.pth!&?sv=1\&sig=abc!' 'inputs.weights.path: has sig=: a secret'
submit 2 check "${planted[@]}"
! grep -q abc out err || fail "a secret is shown"
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

# The content that a snapshot would have.
snapshot() { # FILE TEXT
    sed 's!\./code!./snapshot!' files/job.yml >files/bad-code.yml
    submit 2 check files/bad-code.yml
    one_line "$2" "a snapshot with $1"
}
mkdir files/snapshot
cp cat.jpg files/snapshot/
snapshot cat.jpg "cat.jpg would be sent with the code"
for name in weights.bin picture.webp; do
    mv files/snapshot/* files/snapshot/$name
    snapshot $name "$name would be sent with the code"
done
for name in account.pem id_rsa id_ed25519 credentials-1.json account.pfx; do
    mv files/snapshot/* files/snapshot/$name
    snapshot $name "$name looks like a secret"
done
rm files/snapshot/*
head -c 2000000 /dev/zero >files/snapshot/notes.txt
snapshot notes.txt "more than 1048576 bytes would be sent"
echo '*.txt' >files/snapshot/.amlignore
cp files/code/oxford-pets.conf files/snapshot/
submit 0 check files/bad-code.yml
# A variable that the command or the file sets, or that has another value where it is
# used.
sed -e 's/im2cat train/LR=1; &/' -e 's/--resume/--lr ${LR} --seed ${SEED:-1} ${AZUREML_RUN_ID}/' \
    files/job.yml >files/bad-code.yml
submit 0 check files/bad-code.yml
rm -r files/snapshot files/bad-*.yml

test "$(requests)" -eq 0 || fail "$(requests) requests were sent for files with mistakes"

# Facts that only the service knows are asked for, and nothing is changed.
submit 2 job files/job.yml
one_line "the workspace has no environment im2cat:1" "no environment"
test "$(changes)" -eq 0 || fail "something was sent to a workspace without the environment"

# Everything that a call names and does not make itself must exist before the call makes
# anything.
sed 's/im2cat:1/im2cat:9/' files/job.yml >files/other.yml
submit 2 all --job files/other.yml cat.jpg
one_line "the workspace has no environment im2cat:9" "all"
sed 's/im2cat-cpu/im2cat-gpu/' files/job.yml >files/other.yml
submit 2 all --job files/other.yml cat.jpg
one_line "the workspace has no compute im2cat-gpu" "all"
sed 's/im2cat-serve:1/im2cat-serve:9/' files/deployment.yml >files/other.yml
submit 2 all --deployment files/other.yml cat.jpg
one_line "the workspace has no environment im2cat-serve:9" "all"
cp cat.jpg model.safetensors
submit 2 deploy --model model.safetensors files/other.yml
one_line "the workspace has no environment im2cat-serve:9" "deploy"
sed 's/im2cat-pets/im2cat-dogs/' files/deployment.yml >files/other.yml
submit 2 all --deployment files/other.yml cat.jpg
one_line "the deployment is for endpoint im2cat-dogs, not im2cat-pets" "all"
rm files/other.yml
test "$(changes)" -eq 0 || fail "something is made before all that is named is there"
