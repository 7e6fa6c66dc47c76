# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# shellcheck disable=SC2016,SC2154 # texts of apt and jq; docker-check's $folder and $tests
# Images without a container engine: buildah runs the Dockerfile's steps in a chroot, on
# a base image made by debootstrap. Sourced by docker-check, in the source folder. All
# files are kept in $folder.

suite=bookworm
base=docker.io/library/debian:$suite-slim

run_buildah() {
    buildah --root "$folder/storage" --runroot "$folder/run" --storage-driver vfs "$@"
}

# Uses the machine's own mirrors and proxies. One line per suite of this release: site,
# suite.
mirrors() {
    apt-get indextargets --format '$(SITE) $(RELEASE)' 'Created-By: Packages' \
        "Origin: Debian" 2> /dev/null |
        awk -v suite=$suite '$2 == suite || index($2, suite "-") == 1' | sort -u
}

# apt's proxy for plain HTTP, for debootstrap, which does not ask apt.
use_proxy() {
    proxy=
    eval "$(apt-config shell proxy Acquire::http::Proxy)"
    if test -n "$proxy" && test -z "${http_proxy:-}"; then
        export http_proxy="$proxy"
    fi
}

# Makes the tree of a minimal Debian, once.
make_tree() {
    test ! -f "$folder/base.tar" || return 0
    tree=$folder/tree
    rm -rf "$tree"
    mirror=$(mirrors | awk -v suite=$suite '$2 == suite { print $1; exit }')
    echo "Fetching Debian $suite"
    # shellcheck disable=SC2086 # no mirror is no argument
    debootstrap --variant=minbase $suite "$tree" $mirror > "$folder/debootstrap.log" 2>&1 ||
        { tail -n 20 "$folder/debootstrap.log" >&2; exit 1; }
    if mirrors | grep -q .; then
        mirrors | sed 's/.*/deb & main/' > "$tree/etc/apt/sources.list"
    fi
    apt-config dump Acquire > "$tree/etc/apt/apt.conf.d/99host"
    rm -rf "$tree"/var/cache/apt/archives/*.deb "$tree"/var/lib/apt/lists/*
    tar -C "$tree" --one-file-system -cf "$folder/base.tar.part" .
    mv "$folder/base.tar.part" "$folder/base.tar"
    rm -rf "$tree"
}

# Makes the tree the image that the Dockerfile starts from.
import_base() {
    if run_buildah inspect --type image "$base" > /dev/null 2>&1; then
        return 0
    fi
    container=$(run_buildah from scratch)
    run_buildah add --quiet "$container" "$folder/base.tar" / > /dev/null
    run_buildah config --cmd /bin/sh "$container"
    run_buildah commit --quiet --rm "$container" "$base" > /dev/null
}

# stage NAME SUFFIX STAGE...: the Dockerfile's part for one stage. It is built on the
# images of the listed stages, which must exist.
stage() {
    awk -v name="$1" -v suffix="$2" -v built="$3" '
        BEGIN { wanted = 1 }
        /^FROM / {
            wanted = $4 == name
            if (index(" " built " ", " " $4 " "))
                print "FROM localhost/im2cat-stage-" $4 suffix " AS " $4
        }
        wanted' Dockerfile
}

# build_stages SUFFIX OPTION...: builds every stage of the CPU's targets, each once, as
# im2cat-stage-NAMESUFFIX.
build_stages() {
    suffix=$1
    shift
    built=
    for name in build im2cat serve mpi-build openmpi mpi azureml; do
        started=$(date +%s)
        stage $name "$suffix" "$built" > "$folder/Dockerfile"
        run_buildah build --isolation chroot --pull-never --layers=false --format docker \
            --build-arg TESTS="$tests" "$@" --file "$folder/Dockerfile" --target $name \
            --tag "im2cat-stage-$name$suffix" . > "$folder/$name.log" 2>&1 ||
            { cat "$folder/$name.log" >&2; exit 1; }
        built="$built $name"
        echo "  $name: $(($(date +%s) - started)) s"
    done
}

# Checks every label of every target, so that no target lacks one.
check_labels() {
    for target in im2cat serve mpi azureml; do
        for label in title description licenses version base.name; do
            run_buildah inspect --type image "im2cat-stage-$target" |
                jq -e --arg key "org.opencontainers.image.$label" \
                    '.Docker.config.Labels[$key] | strings | length > 0' > /dev/null ||
                { echo "the image of $target has no label $label" >&2; exit 1; }
        done
    done
}

# Prints the size of each image, Debian's base included.
print_sizes() {
    echo "  $base: $(size_of "$base")"
    for target in im2cat serve mpi azureml; do
        echo "  $target: $(size_of "im2cat-stage-$target")"
    done
}

size_of() {
    run_buildah images --json "$1" | jq -r '.[0].size'
}

# Builds all images again and compares them with the existing ones, file by file where
# they differ.
compare_builds() {
    build_stages -again "$@"
    different=
    for target in im2cat serve mpi azureml; do
        if test "$(layers "$target")" = "$(layers "$target-again")"; then
            echo "  $target: the same layers"
            continue
        fi
        different="$different $target"
        one=$(run_buildah from --pull-never "im2cat-stage-$target")
        other=$(run_buildah from --pull-never "im2cat-stage-$target-again")
        different_files "$(run_buildah mount "$one")" "$(run_buildah mount "$other")" |
            sed "s|^|  $target: |"
        run_buildah rm "$one" "$other" > /dev/null
    done
    test -z "$different" || { echo "built twice, different:$different" >&2; exit 1; }
}

# different_files FOLDER OTHER: prints their names; diff cannot compare devices.
different_files() {
    { diff -r --no-dereference --brief "$1" "$2" || :; } 2>&1 |
        grep -v ' special file ' | sed -e "s|$1||" -e "s|$2||" || :
}

# The digests of its layers. The image's own digest always differs: in Docker's format
# buildah records the name of the container that it built in.
layers() {
    run_buildah inspect --type image "im2cat-stage-$1" | jq -c '[.OCIv1.rootfs.diff_ids[]]'
}
