#!/bin/sh
# SPDX-License-Identifier: MIT
# The CUDA module is reached only by its one exported name: the program is linked to no
# library of CUDA, and no C file includes its headers. Each missing requirement of
# computing on a GPU is reported in one sentence.
. "${srcdir:-.}/tests/program.sh"
modules=$IM2CAT_MODULES
emulated=$(pwd)/tests/emulated
stale=$(pwd)/tests/stale
built=$(pwd)
cd "$tmp" || exit 99

# --- linked libraries, includes and exported symbols

ldd "$program" >libraries || exit 99
! grep -Ei 'cuda|cublas|cudnn|nvidia' libraries >&2 || fail "the program is linked to CUDA"
! find "$source/src" "$source/tests" -name '*.[ch]' ! -path '*/backend/cuda/device.h' \
    -exec grep -HE '# *include *[<"](cu[a-z]*_|cu[a-z]*\.h)' {} + >&2 ||
    fail "a C file includes a header of CUDA's"

# one_symbol MODULE
one_symbol() {
    names=$(${NM:-nm} -D --defined-only "$1" | awk '{ print $NF }')
    test "$names" = ic_backend_module || fail "$1 exports: $names"
}
one_symbol "$emulated/im2cat-cuda.so"
test ! -e "$modules/im2cat-cuda.so" || one_symbol "$modules/im2cat-cuda.so"

# --- cuDNN: the module alone is linked to it, and reports when it is built without it

refuse 1 'the device cpu has no convolution by cudnn (it has: auto, im2col, direct, winograd, amx)' \
    summary --conv cudnn
if test -e "$modules/im2cat-cuda.so"; then
    ldd "$modules/im2cat-cuda.so" >libraries.cuda || exit 99
    grep -q libcublas libraries.cuda || fail "the module is not linked to cuBLAS"
    without='the device cuda has no convolution by cudnn (it has: auto, im2col; it was built'
    if grep -q libcudnn libraries.cuda; then
        IM2CAT_MODULES=$modules "$program" summary --device cuda --conv cudnn >out 2>err
        ! grep -q 'has no convolution' err || fail "the module does not use its cuDNN"
    else
        IM2CAT_MODULES=$modules refuse 1 "$without without cuDNN)" \
            summary --device cuda --conv cudnn
    fi
fi

# --- a missing module, files that are no modules, a module of another build

refuse_module() {
    IM2CAT_MODULES=$1 refuse 1 "$2" summary --device cuda
}
mkdir empty broken alien
refuse_module empty \
    'the device cuda needs the module empty/im2cat-cuda.so, which is not installed'
echo 'not a module' >broken/im2cat-cuda.so
refuse_module ./broken 'a module cannot be loaded: ./broken/im2cat-cuda.so: '
for library in libz.so.1 libm.so.6; do
    found=$(awk -v name="$library" '$1 == name { print $3 }' libraries)
    test -e "$found" && ln -sf "$found" alien/im2cat-cuda.so
done
refuse_module ./alien './alien/im2cat-cuda.so is not a module of im2cat'
refuse_module "$stale" 'is of another build (version '

# --- a module that somebody else can change

mkdir own open linked
cp "$emulated/im2cat-cuda.so" own
cp "$emulated/im2cat-cuda.so" open
ln -s ../open/im2cat-cuda.so linked/im2cat-cuda.so
chmod 777 open
chmod go-w own linked own/* open/*
refuse_module ./open 'everybody can write to ./open: chmod go-w ./open'
refuse_module open/../linked "everybody can write to $(pwd -P)/open:"
chmod 1777 open
refuse_module ./open 'everybody can write to ./open'
IM2CAT_MODULES=own run 0 summary --device cuda
chmod o+w own/im2cat-cuda.so
refuse_module own "everybody can write to $(pwd -P)/own/im2cat-cuda.so"
chmod o-w own/im2cat-cuda.so
chgrp "$(id -g)" own own/im2cat-cuda.so
chmod g+w own own/im2cat-cuda.so
IM2CAT_MODULES=own run 0 summary --device cuda # the user's own group
if chgrp 4321 own 2>/dev/null; then
    refuse_module own 'another group can write to own: chmod go-w own'
    chmod g-w own
    chown 4321 own/im2cat-cuda.so
    refuse_module own "own/im2cat-cuda.so belongs to another user (4321)"
else
    echo "left out: modules of another group or user, which root alone can make"
fi

# --- the number that tells builds apart is computed from all headers that both sides
# share

# shared HEADER...: prints the headers and all our headers that they include.
shared() {
    for header; do
        echo "src/$header"
        sed -n 's/^ *# *include *"\([^"]*\)".*/\1/p' "$source/src/$header" |
            while read -r included; do
                shared "$included"
            done
    done
}

# same_interface FOLDER HEADER...: the number in the folder's interface.h is that of the
# headers and of all that they include.
same_interface() {
    interface=$built/src/$1/interface.h
    shift
    shared "$@" | LC_ALL=C sort -u >headers
    (cd "$source" && xargs cat) <headers | cksum >sum
    read -r crc bytes <sum
    grep -qF "(UINT64_C($crc) << 32 | UINT64_C($bytes))" "$interface" ||
        fail "$(cat "$interface") is not the interface of $(tr '\n' ' ' <headers)"
}
same_interface backend backend/backend.h base/module.h
same_interface comm comm/transport.h base/module.h
same_interface track track/http.h base/module.h

# --- libcurl: the module for MLflow alone is linked to it

! grep -q libcurl libraries || fail "the program is linked to libcurl"
if test -e "$modules/im2cat-mlflow.so"; then
    names=$(${NM:-nm} -D --defined-only "$modules/im2cat-mlflow.so" | awk '{ print $NF }')
    test "$names" = ic_http_module || fail "im2cat-mlflow.so exports: $names"
fi

# --- the real module on a machine without a GPU

if test -e "$modules/im2cat-cuda.so" && ! "$program" --version |
    grep -v 'not usable' | grep -q '^device cuda'; then
    IM2CAT_MODULES=$modules refuse 1 'the device cuda needs ' bench --device cuda
    echo "the module is built, but: $(cat err)"
fi

# --- features that the CUDA module lacks, and a GPU that is too small

export IM2CAT_MODULES="$emulated"
refuse 1 'the device cuda has no convolution by winograd (it has: auto, im2col, cudnn)' \
    dump x --device cuda --conv winograd
refuse 1 'the device cuda has no convolution by direct' summary --device cuda --conv direct
refuse 2 '--precision expects fp32, tf32 or bf16, found "fp16"' summary --precision fp16
refuse 1 'the device cpu computes in fp32 or bf16' summary --precision tf32

# memory OPTION...: the memory of inference, in MiB.
memory() {
    run 0 summary --size 224 --batch 1 --device cuda "$@"
    sed -n 's/^  activations, workspace, folded weights  *\([0-9.]*\) MiB$/\1/p' "$tmp/out"
}
fp32=$(memory) tf32=$(memory --precision tf32) bf16=$(memory --precision bf16)
test -n "$fp32" && test "$fp32" = "$tf32" || fail "tf32 takes other memory: $fp32, $tf32"
echo "$fp32 $bf16" | awk '{ exit !($2 < 0.7 * $1) }' ||
    fail "bf16 takes $bf16 MiB where fp32 takes $fp32"

# A shape for which cuDNN has no algorithm is reported when it would run.
export IM2CAT_EMULATED_UNPLANNED=7
refuse 1 'the GPU failed at or before a convolution by cuDNN' dump x --device cuda --size 64
run 0 summary --device cuda --conv im2col
unset IM2CAT_EMULATED_UNPLANNED

export IM2CAT_EMULATED_MIB=700
refuse 1 'MiB of memory, the device cuda allows 700 MiB: take a batch' \
    dump x --device cuda --size 224 --batch 64
batch=$(sed -n 's/.*of at most \([0-9]*\),.*/\1/p' err)
test "$batch" -ge 1 && test "$batch" -lt 64 || fail "what would fit: $batch"
export IM2CAT_EMULATED_MIB=20
refuse 1 'and not even a batch of 1 fits' dump x --device cuda --size 224 --batch 64
finish
