# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# shellcheck disable=SC2016,SC2034,SC2154 # jq's variables; docker-check's $folder
# Containers under limits: runc runs an image of buildah's in namespaces of its own, with a
# network that contains nothing else. Sourced by docker-check after images.sh.

# The capabilities that Docker leaves to root in a container.
docker_caps='["CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FSETID", "CAP_FOWNER", "CAP_MKNOD",
    "CAP_NET_RAW", "CAP_SETGID", "CAP_SETUID", "CAP_SETFCAP", "CAP_SETPCAP",
    "CAP_NET_BIND_SERVICE", "CAP_SYS_CHROOT", "CAP_KILL", "CAP_AUDIT_WRITE"]'
boxes=

run_runc() {
    runc --root "$folder/runc" "$@"
}

# make_box NAME TARGET MEMORY_MIB CPUS: makes a new container of the target's image with
# its user, environment and command, a read-only root, and these limits. edit_box
# changes it.
make_box() {
    box=$folder/box/$1
    rm -rf "$box"
    mkdir -p "$box"
    case " $boxes " in
    *" $1 "*) ;; # its files exist already
    *)
        run_buildah from --quiet --pull-never --name "box-$1" "im2cat-stage-$2" > /dev/null
        boxes="$boxes $1"
        ;;
    esac
    root=$(run_buildah mount "box-$1")
    run_buildah inspect --type image "im2cat-stage-$2" | jq .Docker.config > "$box/image.json"
    user=$(jq -r .User "$box/image.json")
    case $user in
    '') user=0 ;;
    *[!0-9]*) user=$(awk -F : -v name="$user" '$1 == name { print $3 }' "$root/etc/passwd") ;;
    esac
    (cd "$box" && run_runc spec)
    edit_box "$1" --slurpfile image "$box/image.json" --arg root "$root" --arg user "$user" \
        --argjson memory "$3" --argjson cpus "$4" --arg name "$1" '
        $image[0] as $of | .root = {path: $root, readonly: true} | .hostname = $name
        | .process.terminal = false | .process.user = {uid: ($user | tonumber), gid: ($user | tonumber)}
        | .process.args = ($of.Entrypoint // []) + ($of.Cmd // [])
        | .process.env = $of.Env | .process.cwd = ($of.WorkingDir // "/")
        | .process.capabilities = {}
        | del(.process.rlimits)
        | .linux.resources.memory = {limit: ($memory * 1048576)}
        | .linux.resources.cpu = {quota: (($cpus * 100000) | floor), period: 100000}
        | .hooks.createRuntime = [{path: "/bin/sh", args: ["sh", "-c",
            "nsenter --net=/proc/$(jq .pid)/ns/net ip link set lo up"],
            env: ["PATH=/usr/sbin:/usr/bin:/sbin:/bin"]}]'
}

# edit_box NAME [OPTION OF JQ]... FILTER
edit_box() {
    config=$folder/box/$1/config.json
    shift
    jq "$@" < "$config" > "$config.new"
    mv "$config.new" "$config"
}

# mount_in NAME SOURCE DESTINATION ro|rw
mount_in() {
    edit_box "$1" --arg source "$2" --arg to "$3" --arg how "$4" \
        '.mounts += [{type: "bind", source: $source, destination: $to, options: ["rbind", $how]}]'
}

# env_in NAME VARIABLE=VALUE...
env_in() {
    name=$1
    shift
    edit_box "$name" '.process.env += $ARGS.positional' --args -- "$@"
}

# start_box NAME: starts it in the background; $folder/box/NAME.log gets its output. Its
# process is $started, whose status is the container's.
start_box() {
    run_runc run --bundle "$folder/box/$1" "im2cat-$1" > "$folder/box/$1.log" 2>&1 < /dev/null &
    started=$!
}

# pid_of NAME: prints the id of its first process, once that exists.
pid_of() {
    tries=0
    until pid=$(run_runc state "im2cat-$1" 2> /dev/null |
        jq 'select(.status == "running") | .pid') && test -n "$pid"; do
        tries=$((tries + 1))
        if test $tries -gt 500; then
            cat "$folder/box/$1.log" >&2
            return 1
        fi
        sleep 0.01
    done
    echo "$pid"
}

# within NAME COMMAND...: runs a command of this machine in the container's network.
within() {
    name=$1
    shift
    nsenter --net="/proc/$(pid_of "$name")/ns/net" "$@"
}

# Ends the containers; their files stay for later containers of the same name.
end_boxes() {
    for name in $boxes; do
        run_runc delete --force "im2cat-$name" > /dev/null 2>&1 || :
    done
}

remove_boxes() {
    end_boxes
    for name in $boxes; do
        run_buildah rm "box-$name" > /dev/null 2>&1 || :
    done
    boxes=
}

# Whether containers can be started here; if not, prints runc's message.
runc_works() {
    make_box serve serve 64 1
    edit_box serve '.process.args = ["true"]'
    start_box serve
    wait "$started" || {
        echo "runc starts no container here, so that nothing is seen of them under limits:"
        cat "$folder/box/serve.log"
        return 1
    } >&2
    end_boxes
}
