#!/bin/bash
# SPDX-License-Identifier: MIT
# The scripts of deploy/slurm on a real Slurm of two nodes on this machine: a stopped
# job goes back into the queue and ends with the model of a run without Slurm; a
# cancelled job stays cancelled; an array trains two seeds; an evaluation waits for
# them.
#
# munged, slurmctld and the two slurmd run in namespaces of their own: every port is
# free, the nodes have names of their own, and when the last process of the test ends
# all others end.
set -u
source=$(cd "${srcdir:-.}" && pwd)
deploy=$source/deploy/slurm

if test -z "${IC_INSIDE_SLURM:-}"; then
    skip() { echo "skipped: $*"; exit 77; }
    test "$(id -u)" -eq 0 || skip "Slurm's daemons need the superuser"
    for tool in munged slurmctld slurmd sbatch unshare ip; do
        command -v $tool > /dev/null ||
            skip "needs $tool (Debian: slurm-wlm, munge, iproute2)"
    done
    namespaces=(unshare --mount --uts --net --pid --fork --kill-child --mount-proc)
    "${namespaces[@]}" ip link set lo up 2> /dev/null ||
        skip "namespaces are not permitted here"
    tmp=$(mktemp -d) || exit 99
    IC_INSIDE_SLURM=$tmp "${namespaces[@]}" "$0" &
    inside=$!
    # unshare takes the processes of its namespace with it.
    trap 'kill -KILL $inside 2> /dev/null; wait $inside 2> /dev/null; rm -rf "$tmp"' EXIT
    trap 'exit 99' HUP INT TERM
    wait $inside
    exit
fi

tmp=$IC_INSIDE_SLURM
IM2CAT=$(pwd)/im2cat
export IM2CAT SLURM_CONF=$tmp/conf/slurm.conf
test -x "$IM2CAT" || { echo "$IM2CAT is not there" >&2; exit 99; }
failures=0

fail() {
    failures=$((failures + 1))
    echo "FAIL: $*" >&2
    tail -n 20 "$tmp"/*.out >&2 2> /dev/null
}

give_up() {
    echo "$*" >&2
    tail -n 20 "$tmp"/log/* >&2
    exit 99
}

# --- the cluster

configure() {
    cat << END
ClusterName=test
SlurmctldHost=control
SlurmctldPort=17002
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
# A requeued job waits as long as a credential lives.
AuthInfo=socket=$tmp/munge.socket,cred_expire=5
StateSaveLocation=$tmp/state
SlurmdSpoolDir=$tmp/spool.%n
SlurmctldPidFile=$tmp/slurmctld.pid
SlurmdPidFile=$tmp/slurmd.%n.pid
ProctrackType=proctrack/linuxproc
TaskPlugin=task/affinity
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SchedulerType=sched/backfill
SchedulerParameters=bf_interval=2,sched_interval=2,batch_sched_delay=1
ReturnToService=2
KillWait=60
MinJobAge=3600
JobRequeue=1
AccountingStorageType=accounting_storage/none
JobAcctGatherType=jobacct_gather/none
SlurmdParameters=config_overrides
NodeName=n1 Port=17003 CPUs=2 CoresPerSocket=2 RealMemory=8000
NodeName=n2 Port=17004 CPUs=2 CoresPerSocket=2 RealMemory=8000
PartitionName=test Nodes=n1,n2 Default=YES MaxTime=INFINITE State=UP
END
}

# Each node has its own host name and /dev/shm, as machines do, and its own folder for
# PMIx: else Open MPI takes the ranks of both nodes for neighbours.
start_node() {
    mkdir -p "$tmp/conf.$1" "$tmp/spool.$1" "$tmp/pmix.$1"
    cp "$tmp/conf/slurm.conf" "$tmp/conf.$1/"
    echo "PMIxCliTmpDirBase=$tmp/pmix.$1" > "$tmp/conf.$1/mpi.conf"
    unshare --mount --uts sh -c "hostname $1 && mount -t tmpfs tmpfs /dev/shm &&
        exec slurmd -D -N $1 -f '$tmp/conf.$1/slurm.conf'" > "$tmp/log/slurmd.$1" 2>&1 &
}

# Without exclusive cores: the machine may have fewer than the nodes together.
start_cluster() {
    local host address number=0
    chmod 755 "$tmp"
    mkdir -p "$tmp/conf" "$tmp/log" "$tmp/state"
    # Slurm resolves addresses with AI_ADDRCONFIG, for which 127.0.0.1 is not a network.
    { ip link set lo up && hostname control; } || give_up "no namespace"
    echo "127.0.0.1 localhost" > "$tmp/hosts"
    for host in control n1 n2; do
        address=192.0.2.$((++number))
        ip address add $address/32 dev lo || give_up "no address"
        echo "$address $host" >> "$tmp/hosts"
    done
    mount --bind "$tmp/hosts" /etc/hosts || give_up "cannot change /etc/hosts"
    configure > "$SLURM_CONF"
    (umask 077 && head -c 1024 /dev/urandom > "$tmp/munge.key")
    # --force: other users can write to the folder of temporary files.
    munged --foreground --force --key-file="$tmp/munge.key" --socket="$tmp/munge.socket" \
        --pid-file="$tmp/munged.pid" --seed-file="$tmp/munge.seed" --log-file="$tmp/log/m" \
        > "$tmp/log/munged" 2>&1 &
    slurmctld -D -c -f "$SLURM_CONF" > "$tmp/log/slurmctld" 2>&1 &
    start_node n1
    start_node n2
    for ((i = 0; i < 300; i++)); do
        test "$(timeout 5 sinfo --noheader --format '%t %D' 2> /dev/null)" != "idle 2" || return 0
        sleep 0.1
    done
    give_up "the two nodes are not idle after a minute"
}

# --- jobs

# field ID NAME: the field of the job, as scontrol shows it.
field() {
    scontrol show job "$1" | tr ' ' '\n' | sed -n "s/^$2=//p" | head -n 1
}

# ends ID STATE: waits until the job ends, in this state.
ends() {
    local state=
    for ((i = 0; i < 3000; i++)); do
        state=$(field "$1" JobState)
        case $state in
        PENDING | RUNNING | COMPLETING | REQUEUED | CONFIGURING | "") sleep 0.1 ;;
        *) break ;;
        esac
    done
    test "$state" = "$2" || fail "job $1 ends as $state, not $2"
}

# trains DIR: waits until the run has taken three steps.
trains() {
    for ((i = 0; i < 1200; i++)); do
        test ! -e "$1/steps.csv" || test "$(wc -l < "$1/steps.csv")" -lt 4 || return 0
        sleep 0.1
    done
    give_up "$1 has not taken three steps in two minutes: $(squeue 2>&1)"
}

same() { # DIR: has the model of the run without Slurm
    for file in model.safetensors best.safetensors steps.csv; do
        cmp "$1/$file" "plain/$file" || fail "$1/$file is not that of the run without Slurm"
    done
}

submit() { # SCRIPT OPTION...: prints the job's number
    local script=$1
    shift
    sbatch --parsable --cpus-per-task=1 "$@" "$deploy/$script"
}

cd "$tmp" || exit 99
start_cluster
"$IM2CAT" toy-pets toy --count 40 --size 32 > log/toy || give_up "toy-pets failed"
cat > job.conf << 'END'
arch = resnet18
size = 32
batch = 8
micro-batch = 4
augment = flip
epochs = 10
END
"$IM2CAT" train --job job.conf --data toy --out plain --quiet > log/plain 2>&1 ||
    give_up "im2cat train failed"
export JOB=job.conf DATA=toy

# Stopped in the middle: the job resumes automatically, and ends as if never stopped.
id=$(OUT=stopped submit train.sbatch --output=stopped.out)
trains stopped
scancel --signal=TERM "$id"
ends "$id" COMPLETED
test "$(field "$id" Restarts)" = 1 || fail "$(field "$id" Restarts) restarts, not 1"
grep -q 'resuming the run in stopped after step' stopped.out || fail "the second start is anew"
same stopped

# Cancelled: the job saves and is not queued again. The same command resumes.
id=$(OUT=cancelled submit train.sbatch --output=cancelled.out)
trains cancelled
scancel "$id"
ends "$id" CANCELLED
test "$(field "$id" Restarts)" = 0 || fail "a cancelled job was queued again"
grep -q 'im2cat: stopped' cancelled.out || fail "a cancelled job has not saved"
id=$(OUT=cancelled submit train.sbatch --output=cancelled.out)
ends "$id" COMPLETED
grep -q 'resuming the run in cancelled after step' cancelled.out || fail "the second job is anew"
same cancelled

# Two seeds, of which the last task, whose number is the array's, is stopped. The job
# file's own seed is 42.
id=$(OUT=seeds submit array.sbatch --array=42,43 --output=seeds-%a.out)
trains seeds/seed-43
scancel --signal=TERM "${id}_43"
best=$(OUT=seeds/seed-42 submit eval.sbatch --dependency=afterok:"$id" --output=eval.out)
ends "${id}_42" COMPLETED
ends "${id}_43" COMPLETED
test "$(field "${id}_42" Restarts),$(field "${id}_43" Restarts)" = 0,1 ||
    fail "of two tasks not the stopped one alone was queued again"
same seeds/seed-42
grep -qx 'seed = 43' seeds/seed-43/job.conf || fail "task 43 has another seed"
! cmp -s seeds/seed-43/model.safetensors plain/model.safetensors || fail "seed 43 is seed 42"
ends "$best" COMPLETED
grep -qx 'images 8' eval.out || fail "the evaluation is not of the eight pictures"
test -s seeds/seed-42/report/classes.csv || fail "the evaluation wrote no report"

# One rank on each of the two nodes: when stopped, the job resumes automatically and
# ends with the model of one process. So does a job that resumes with one rank after two
# were cancelled. Open MPI skips the loopback interface, which is the only one here.
two_nodes() {
    export OMPI_MCA_btl_tcp_if_include=lo
    id=$(OUT=two submit train.sbatch --nodes=2 --output=two.out)
    trains two
    scancel --signal=TERM "$id"
    ends "$id" COMPLETED
    test "$(field "$id" Restarts)" = 1 || fail "two nodes: $(field "$id" Restarts) restarts"
    grep -q 'nodes n\[1-2\], tasks 2' two.out || fail "two nodes: not two"
    test "$(grep -c 'resuming the run in two after step' two.out)" -eq 1 || fail "two nodes: voices"
    same two
    id=$(OUT=fewer submit train.sbatch --nodes=2 --output=fewer.out)
    trains fewer
    scancel "$id"
    ends "$id" CANCELLED
    id=$(OUT=fewer submit train.sbatch --output=fewer.out)
    ends "$id" COMPLETED
    grep -q 'resuming the run in fewer after step' fewer.out || fail "one rank after two is anew"
    same fewer
}

if test -e "${IM2CAT%/*}/im2cat-mpi.so" && "$IM2CAT" --version | grep -q '^MPI  *Open MPI'; then
    two_nodes
else
    echo "left out: two nodes, since im2cat-mpi.so was not built with Open MPI"
fi

# A job that cannot be parsed fails at once, and is not queued again.
echo "epoch = 3" > wrong.conf
id=$(JOB=wrong.conf OUT=wrong submit train.sbatch --output=wrong.out)
ends "$id" FAILED
test "$(field "$id" ExitCode)" = 2:0 || fail "wrong: ExitCode $(field "$id" ExitCode)"
test "$(field "$id" Restarts)" = 0 || fail "a wrong job file was queued again"
test ! -e wrong || fail "a wrong job file left a run folder"

test $failures -eq 0 || { echo "$failures failures" >&2; exit 1; }
