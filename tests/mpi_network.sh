#!/bin/bash
# SPDX-License-Identifier: MIT
# Ranks on separate hosts: network namespaces, each with its own host name and /dev/shm,
# joined by a network of a known rate and delay (tests/link.c). The bytes are those of a
# run without MPI at 1 Gbit/s and at 100 Mbit/s, with two ranks and three, and when the
# network fails for five seconds. When it fails for good, the run ends and says why. The
# time of an exchange is printed beside that of the model of docs/cluster.md.
#
# Everything runs in namespaces of its own: when the last process of the test ends, all
# others end, and so do the devices.
set -u
source=$(cd "${srcdir:-.}" && pwd)

if test -z "${IC_INSIDE_NETWORK:-}"; then
    skip() { echo "skipped: $*"; exit 77; }
    test -e im2cat-mpi.so ||
        skip "the module im2cat-mpi.so was not built (configure --with-mpi)"
    test "$(id -u)" -eq 0 || skip "a network of one's own needs the superuser"
    for tool in ip unshare python3; do
        command -v $tool > /dev/null || skip "needs $tool (Debian: iproute2, python3)"
    done
    mpi=$(./im2cat --version | sed -n 's/^MPI *//p')
    case $mpi in "Open MPI "*) ;; *) skip "the module is of $mpi, not of Open MPI" ;; esac
    command -v mpirun.openmpi > /dev/null || skip "there is no mpirun.openmpi"
    test -c /dev/net/tun || skip "there is no /dev/net/tun"
    namespaces=(unshare --mount --uts --net --pid --fork --kill-child --mount-proc)
    "${namespaces[@]}" ip tuntap add net0 mode tun 2> /dev/null ||
        skip "namespaces are not permitted here"
    tmp=$(mktemp -d) || exit 99
    IC_INSIDE_NETWORK=$tmp "${namespaces[@]}" "$0" &
    inside=$!
    # unshare takes the processes of its namespace with it.
    trap 'kill -KILL $inside 2> /dev/null; wait $inside 2> /dev/null; rm -rf "$tmp"' EXIT
    trap 'exit 99' HUP INT TERM
    wait $inside
    exit
fi

tmp=$IC_INSIDE_NETWORK
im2cat=$(pwd)/im2cat
link=$(pwd)/tests/link
export TMPDIR=$tmp MPIRUN=mpirun.openmpi
for file in "$im2cat" "$link"; do
    test -x "$file" || { echo "$file is not there" >&2; exit 99; }
done
subnet=198.51.100
hosts="n1 n2 n3"
failures=0

fail() {
    failures=$((failures + 1))
    echo "FAIL: $*" >&2
    test ! -s "$tmp/log" || tail -n 20 "$tmp/log" >&2
}

give_up() {
    echo "$*" >&2
    test ! -s "$tmp/log" || tail -n 20 "$tmp/log" >&2
    exit 99
}

# --- hosts and their network

# `on HOST COMMAND...` is to these hosts what ssh is to others, and mpirun uses it as
# ssh.
make_hosts() {
    local number=0
    mkdir -p /run/netns && mount -t tmpfs tmpfs /run/netns || give_up "no /run/netns"
    cat > on << 'END'
#!/bin/sh
host=$1
shift
exec ip netns exec "$host" unshare --uts --mount sh -c '
    hostname "$0" && mount -t tmpfs tmpfs /dev/shm && eval "exec $1"' "$host" "$*"
END
    chmod +x on
    echo "127.0.0.1 localhost" > hosts
    for host in $hosts; do
        ip netns add $host || give_up "no namespace"
        ip -n $host link set lo up
        echo "$subnet.$((++number)) $host" >> hosts
    done
    mount --bind hosts /etc/hosts || give_up "cannot change /etc/hosts"
}

# network MBIT_PER_SECOND: joins the hosts, with a delay of 0.2 ms.
network() {
    local number=0
    unlink_hosts
    nice -n -15 "$link" "$1" 200 $hosts > link.out 2> log &
    link_pid=$!
    for ((i = 0; i < 100; i++)); do
        ! grep -q ready link.out || break
        kill -0 $link_pid 2> /dev/null || give_up "no network"
        sleep 0.1
    done
    for host in $hosts; do
        ip -n $host address add $subnet.$((++number))/24 dev net0 &&
            ip -n $host link set net0 mtu 9000 txqueuelen 100 up || give_up "no device"
    done
    rate=$1
    measure
}

link_pid=
unlink_hosts() {
    test -n "$link_pid" || return
    kill $link_pid
    wait $link_pid 2> /dev/null
    link_pid=
}

# The rate in Mbit/s and the round trip in ms that TCP measures. On a network that is
# not the requested one nothing is tested; a busy machine gets three tries.
measure() {
    local found
    for try in 1 2 3; do
        ./on n1 nice -n -10 python3 tcp.py serve $subnet.1 $((rate * 250000)) > log 2>&1 &
        found=$(./on n2 nice -n -10 python3 tcp.py ask $subnet.1 $((rate * 250000)) 2>> log) ||
            give_up "no TCP"
        wait $!
        echo "network of $rate Mbit/s, 0.2 ms: carries ${found% *} Mbit/s," \
            "round trip ${found#* } ms"
        carried=${found% *}
        within "$carried" 0.85 1.15 "$rate" && return
    done
    echo "the network does not carry $rate Mbit/s: is the machine busy?"
    carried=
}

# within VALUE LEAST MOST EXPECTED: VALUE is between these multiples of EXPECTED.
within() {
    awk "BEGIN { exit !($1 >= $2 * $4 && $1 <= $3 * $4) }"
}

cat_tcp() {
    cat << 'END'
import socket, sys, time
role, address, size = sys.argv[1], (sys.argv[2], 5000), int(sys.argv[3])
if role == "serve":
    peer, _ = socket.create_server(address).accept()
else:
    for i in range(100):
        try:
            peer = socket.create_connection(address)
            break
        except OSError:
            time.sleep(0.1)
peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
peer.settimeout(120)
trips = []
if role == "serve":
    for i in range(51):
        peer.sendall(peer.recv(1))
    while size > 0:
        size -= len(peer.recv(1 << 20)) or sys.exit(1)
    peer.sendall(b".")
else:
    for i in range(51):
        begin = time.monotonic()
        peer.sendall(b".")
        peer.recv(1)
        trips.append(time.monotonic() - begin)
    begin = time.monotonic()
    peer.sendall(bytes(size))
    peer.recv(1)
    seconds = time.monotonic() - begin
    print("%.0f %.2f" % (size * 8e-6 / seconds, sorted(trips)[25] * 1e3))
END
}

# --- ranks

# mpi COUNT ARGUMENT...: im2cat with COUNT ranks, each on its own host. `options` go to
# mpirun.
options=
mpi() {
    local count=$1 list
    shift
    list=$(echo $hosts | cut -d ' ' -f "1-$count" | tr ' ' ',')
    ./on n1 "$source/deploy/mpirun-wrapper --allow-run-as-root" \
        "-np $count -H $list --bind-to none --mca plm_rsh_agent $tmp/on" \
        "--mca pml ob1 --mca btl tcp,self --mca btl_tcp_if_include $subnet.0/24" \
        "--mca oob_tcp_if_include $subnet.0/24 --mca mpi_yield_when_idle 1 $options" \
        "$im2cat $*"
}

train="train --distributed mpi --threads 1 --job job.conf --data toy --quiet"

same() { # DIR: has the model of the run without MPI
    for file in model.safetensors best.safetensors steps.csv; do
        cmp "$1/$file" "plain/$file" || fail "$1/$file is not that of the run without MPI"
    done
}

steps() { # DIR: the number of steps that the run has taken
    test ! -e "$1/steps.csv" || wc -l < "$1/steps.csv"
}

# trains DIR: waits until the run has taken four steps, of which two are saved.
trains() {
    for ((i = 0; i < 3000; i++)); do
        test "$(steps "$1")0" -lt 50 || return 0
        kill -0 $run 2> /dev/null || break
        sleep 0.1
    done
    give_up "$1 does not take four steps"
}

# processes NAME: the pids of the processes of this name.
processes() {
    grep -lx "$1" /proc/[0-9]*/comm 2> /dev/null | cut -d / -f 3
}

# none_left SECONDS NAME...: waits until no process has any of the names.
none_left() {
    local tries=$(($1 * 10)) name left
    shift
    for ((i = 0; i < tries; i++)); do
        left=
        for name; do left=$left$(processes "$name"); done
        test -n "$left" || return 0
        sleep 0.1
    done
    return 1
}

# cut_network DIR ARGUMENT...: begins a run on two hosts and cuts the network in the
# middle.
cut_network() {
    mpi 2 $train --checkpoint-every 2 --out "$@" > log 2>&1 &
    run=$!
    trains "$1"
    kill -USR1 $link_pid
}

# For five seconds: no rank notices.
cut_for_a_while() {
    local before
    cut_network cut
    before=$(steps cut)
    sleep 5
    test "$(steps cut)" -le $((before + 1)) || fail "the run goes on without a network"
    kill -USR2 $link_pid
    wait $run || fail "the network is lost for five seconds: the run ends with $?"
    same cut
}

# goes_on DIR: resumes from the last checkpoint, without MPI.
goes_on() {
    "$im2cat" train --job job.conf --data toy --quiet --out "$1" --resume > log 2>&1 ||
        fail "after the loss of the network im2cat train --resume ends with $?"
    same "$1"
}

# For good, and mpirun notices by its keepalive: it ends all.
cut_for_good() {
    local status
    options="--mca oob_tcp_keepalive_time 5 --mca oob_tcp_keepalive_intvl 1"
    options+=" --mca oob_tcp_keepalive_probes 3"
    cut_network lost --comm-timeout 60
    options=
    none_left 40 im2cat orted mpirun.openmpi ||
        fail "40 seconds after the loss of the network: still there"
    wait $run
    status=$?
    test $status -eq 1 || fail "the network is lost: the run ends with $status"
    grep -q 'Remote daemon: .* on node n2' log || fail "mpirun does not name n2"
    kill -USR2 $link_pid
    goes_on lost
}

# For good, and the ranks notice first: rank 0 names the other, and both end. mpirun
# then waits for its daemon as long as TCP keeps trying, a quarter of an hour.
cut_and_told() {
    cut_network told --comm-timeout 10
    none_left 40 im2cat || fail "40 seconds after the loss of the network: a rank is there"
    test "$(grep -c '^im2cat: ' log)" -eq 1 || fail "not one line of im2cat"
    grep -q '^im2cat: rank 1 on n2 has not answered for 10 seconds' log ||
        fail "rank 0 does not name rank 1"
    kill -KILL $(processes mpirun.openmpi; processes orted) 2> /dev/null
    wait $run
    test $? -eq 1 || fail "the network is lost: not status 1"
    kill -USR2 $link_pid
    goes_on told
}

# The time of an exchange: each of P ranks sends 2 (P - 1) / P of the 83.2 MiB of gradients
# of a ResNet-34. The time cannot be less; other work on this machine adds to it.
exchange() {
    local least found
    test -n "$carried" || return
    mpi 2 bench --mode train --distributed mpi --threads 1 --arch resnet34 --size 32 \
        --batch 4 --steps 3 > bench.out 2> log || fail "bench on two hosts ends with $?"
    least=$(awk "BEGIN { printf \"%.2f\", 83.2 * 1.048576 * 8 / $rate }")
    found=$(sed -n 's/^train_exchange_seconds //p' bench.out)
    echo "exchange of 83.2 MiB, 2 ranks: $found s, by the model $least s"
    within "${found:-0}" 0.85 1000 "$least" || fail "the gradients took another way"
}

cd "$tmp" || exit 99
make_hosts
cat_tcp > tcp.py
"$im2cat" toy-pets toy --count 40 --size 32 > log || give_up "toy-pets failed"
cat > job.conf << 'END'
arch = resnet18
size = 32
batch = 12
micro-batch = 4
augment = flip
epochs = 4
END
"$im2cat" train --job job.conf --data toy --out plain --quiet > log 2>&1 ||
    give_up "im2cat train failed"

network 1000
for count in 2 3; do
    mpi $count $train --out fast-$count > log 2>&1 || fail "$count ranks end with $?"
    same fast-$count
done
cut_for_a_while
cut_for_good
cut_and_told
exchange

network 100
mpi 2 $train --out slow > log 2>&1 || fail "two ranks at 100 Mbit/s end with $?"
same slow
exchange
unlink_hosts

test $failures -eq 0 || { echo "$failures failures" >&2; exit 1; }
