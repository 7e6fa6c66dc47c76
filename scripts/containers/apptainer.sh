# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# shellcheck disable=SC2016,SC2154 # jq's variables; docker-check's $folder
# Apptainer's definition file, tested on a machine without Apptainer. %post runs as root
# in the base image. Then %test and %runscript run in runc as Apptainer runs them: with
# a read-only root, a user unknown to the image, and a folder of that user's. Sourced by
# docker-check after runc.sh.

definition=deploy/apptainer/im2cat.def

# section NAME: prints the lines of the section.
section() {
    awk -v name="%$1" '/^%/ { on = $1 == name; next } on' $definition
}

# as_apptainer NAME: runs a section as the command of a container, which must end with
# 0.
as_apptainer() {
    make_box apptainer mpi 2048 2
    section "$1" > "$folder/section"
    shift
    mount_in apptainer "$folder/section" /tmp/section ro
    mount_in apptainer "$folder/user" /tmp/user rw
    env_in apptainer HOME=/tmp/user TMPDIR=/tmp/user
    edit_box apptainer '.process.user = {uid: 4321, gid: 4321} | .process.cwd = "/tmp/user"
        | .process.args = ["/bin/sh", "/tmp/section"] + $ARGS.positional' --args -- "$@"
    start_box apptainer
    wait "$started" || { cat "$folder/box/apptainer.log" >&2; exit 1; }
    end_boxes
}

check_apptainer() {
    mkdir -p "$folder/user"
    chown 4321:4321 "$folder/user"
    make_box apptainer mpi 2048 2
    # A step of a build: the root is writable.
    section post > "$(run_buildah mount box-apptainer)/tmp/post"
    run_buildah run --isolation chroot --user root box-apptainer sh -e /tmp/post \
        > "$folder/post.log" 2>&1 || { cat "$folder/post.log" >&2; exit 1; }
    as_apptainer test
    as_apptainer runscript --version
    grep -q '^im2cat ' "$folder/box/apptainer.log" ||
        { echo "%runscript does not run im2cat" >&2; exit 1; }
    echo "  %post, %test and %runscript pass"
}
