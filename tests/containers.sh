#!/bin/sh
# SPDX-License-Identifier: MIT
# The images, as far as they can be checked without an engine: the Dockerfile's targets
# are those that docs/containers.md, the README and deploy/ name; its version is the
# program's; ports and names agree; Apptainer's definition has its sections; and a
# checker of SPDX accepts the output of scripts/sbom for this machine, where Python
# (PYTHON names it) has spdx-tools.
. "${srcdir:-.}/tests/program.sh"
cd "$source" || exit 99

stages=$(sed -n 's/^FROM .* AS \([a-z0-9-]*\)$/\1/p' Dockerfile)
is_stage() { echo "$stages" | grep -qx -e "$1"; }

# --- the Dockerfile

version=$("$program" --version | sed -n '1s/^im2cat //p')
grep -qx "ARG VERSION=$version" Dockerfile || fail "the Dockerfile's VERSION is not $version"
test "$(tail -n 1 Dockerfile)" = "FROM im2cat" || fail "the Dockerfile does not end with im2cat"
for target in $(sed -n 's/^| `\([a-z0-9]*\)` |.*/\1/p' docs/containers.md); do
    is_stage "$target" || fail "docs/containers.md describes $target, which is no target"
done
for target in im2cat serve mpi azureml cuda; do
    is_stage $target || fail "the Dockerfile has no $target"
    grep -q "^| \`$target\` |" docs/containers.md || fail "docs/containers.md has no $target"
done
grep -rho -e '--target [a-z][a-z-]*' README.md docs deploy | sort -u >"$tmp/targets"
while read -r _ target; do
    is_stage "$target" || fail "--target $target is none of the Dockerfile's"
done <"$tmp/targets"
port=$(sed -n 's/^EXPOSE //p' Dockerfile)
test "$(sed -n 's/^ *port: //p' deploy/azureml/environment-serve.yml | sort -u)" = "$port" ||
    fail "environment-serve.yml has another port than EXPOSE $port"
grep -q "1:-$port}" deploy/im2cat-ready || fail "im2cat-ready asks another port than $port"

# An image that a file takes from a registry is one that is built here, of this version.
grep -rhoE 'registry\.example\.org/[a-z0-9-]*:[0-9.]*[0-9]' deploy | sort -u |
    sed 's#.*/##' >"$tmp/images"
while IFS=: read -r name tag; do
    is_stage "${name#im2cat-}" || fail "$name:$tag is the image of no target"
    test "$tag" = "$version" || fail "$name:$tag is not of version $version"
done <"$tmp/images"

# --- scripts, and Apptainer's definition

definition=deploy/apptainer/im2cat.def
for part in labels help post test runscript startscript; do
    grep -qx "%$part" $definition || fail "$definition has no %$part"
done
if command -v shellcheck >/dev/null; then
    shellcheck -x scripts/docker-check scripts/sbom deploy/im2cat-ready >"$tmp/out" 2>&1 ||
        fail "shellcheck has something against the scripts of the images"
    for part in post test runscript startscript; do
        awk -v name="%$part" '/^%/ { on = $1 == name; next } on' $definition >"$tmp/part"
        shellcheck -s sh "$tmp/part" >"$tmp/out" 2>&1 || fail "shellcheck: %$part"
    done
fi

# im2cat-ready where no server listens. A low port is unused here.
if command -v bash >/dev/null; then
    ! bash deploy/im2cat-ready 1 2>"$tmp/err" || fail "im2cat-ready is content with nothing"
fi

# --- the bill of materials

for tool in jq dpkg-query; do
    command -v $tool >/dev/null && continue
    echo "there is no $tool for scripts/sbom"
    finish
done
mkdir "$tmp/bin"
ln -s "$program" "$tmp/bin/im2cat"
sbom() { PATH=$tmp/bin:$PATH SOURCE_DATE_EPOCH=1700000000 scripts/sbom "$@"; }
sbom here >"$tmp/here.spdx.json" 2>"$tmp/err" || fail "scripts/sbom fails"
sbom here >"$tmp/again.spdx.json"
cmp "$tmp/here.spdx.json" "$tmp/again.spdx.json" || fail "scripts/sbom writes it twice, differently"
sbom here env IC_WORD=1 >"$tmp/again.spdx.json"
cmp "$tmp/here.spdx.json" "$tmp/again.spdx.json" || fail "scripts/sbom by a command differs"
jq -e --arg version "$version" '
    .spdxVersion == "SPDX-2.3" and .creationInfo.created == "2023-11-14T22:13:20Z"
    and ([.packages[].SPDXID] | length == (unique | length))
    and all(.packages[].SPDXID; test("^SPDXRef-[A-Za-z0-9.-]+$"))
    and (.documentNamespace | test("^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$"))
    and any(.packages[]; .name == "im2cat" and .versionInfo == $version)
    and (.relationships | length) == (.packages | length)' "$tmp/here.spdx.json" >/dev/null ||
    fail "scripts/sbom writes something else than SPDX 2.3"
installed=$(dpkg-query -W -f '${db:Status-Abbrev}\n' | grep -c '^ii')
test "$(jq '.packages | length' "$tmp/here.spdx.json")" -eq $((installed + 2)) ||
    fail "scripts/sbom does not list the $installed packages"
! sbom here false >"$tmp/out" 2>&1 || fail "scripts/sbom of no image passes"
! scripts/sbom >"$tmp/out" 2>&1 || fail "scripts/sbom without a name passes"
python=${PYTHON:-python3}
if "$python" -c 'import spdx_tools' 2>/dev/null; then
    "$python" -m spdx_tools.spdx.clitools.pyspdxtools -i "$tmp/here.spdx.json" \
        >"$tmp/out" 2>&1 || fail "spdx-tools has something against it"
else
    echo "$python has no spdx-tools: the schema is not checked"
fi

finish
