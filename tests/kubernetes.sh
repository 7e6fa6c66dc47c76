#!/bin/sh
# SPDX-License-Identifier: MIT
# The API server accepts the files of deploy/kubernetes: kubernetes-validate knows its
# schemas, strictly, and tests/golden/mpijob.schema.json the mpi-operator's. Files with
# a mistake are refused. The test needs the Python package index.
source=$(cd "${srcdir:-.}" && pwd)
files=$source/deploy/kubernetes
tmp=$(mktemp -d) || exit 99
trap 'rm -rf "$tmp"' EXIT
trap 'exit 99' HUP INT TERM
cd "$tmp" || exit 99
failures=0

skip() { echo "skipped: $*"; exit 77; }
python3 -m venv venv > log 2>&1 || skip "python3 makes no virtual environment"
venv/bin/pip install --quiet --retries 1 --timeout 15 kubernetes-validate > log 2>&1 ||
    skip "pip cannot install kubernetes-validate: $(tail -n 1 log)"

# accepts FILE: strictly, and no object in it has an unknown kind.
accepts() {
    venv/bin/python "$source/tests/kubernetes.py" "$1" schema \
        "$source/tests/golden/mpijob.schema.json" > own.yaml 2> log &&
        venv/bin/kubernetes-validate --strict own.yaml > log 2>&1 &&
        ! grep -vq '^INFO .* passed' log
}

for file in "$files"/*.yaml; do
    accepts "$file" || { echo "FAIL: $file"; cat log; failures=1; }
done

# slip FILE SCRIPT: the file as changed by sed is refused.
slip() {
    sed "$2" "$files/$1" > bad.yaml
    ! cmp -s "$files/$1" bad.yaml || { echo "FAIL: $1 has nothing for $2"; failures=1; }
    ! accepts bad.yaml || { echo "FAIL: $1 passes with $2"; failures=1; }
}

slip job.yaml 's/backoffLimit/backofLimit/'
slip job.yaml 's/configMap:/configMaps:/'
slip job.yaml 's/values: \[2\]/values: two/'
slip job.yaml 's/storage: 5Gi/storage: []/'
slip serve.yaml 's/matchLabels/matchLabel/'
slip serve.yaml 's/replicas: 2/replicas: two/'
slip serve.yaml 's/livenessProbe/livelinessProbe/'
slip serve.yaml 's/httpGet: {path/httpGet: {paths/'
slip serve.yaml 's/targetPort: http/targetPort: [http]/'
slip mpijob.yaml 's/slotsPerWorker/slotPerWorker/'
slip mpijob.yaml 's/OpenMPI/LAM/'
slip mpijob.yaml 's/cleanPodPolicy: Running/cleanPodPolicy: Some/'
slip mpijob.yaml '/kind: PersistentVolumeClaim/,/---/s/accessModes/accesModes/'
slip mpijob.yaml 's/volumeMounts/volumeMount/'
slip mpijob.yaml 's/restartPolicy: OnFailure/restartPolicy: Sometimes/'

exit $failures
