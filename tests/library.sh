#!/bin/sh
# SPDX-License-Identifier: MIT
# libim2cat as another program sees it: the exported symbols of the shared object, the
# public header alone in C and C++, and the two examples against `im2cat predict`.
. "${srcdir:-.}/tests/program.sh"
build=$(pwd)
cd "$tmp" || exit 99
library=$build/libim2cat.so.0
test -e "$library" || { echo "$library is not there" >&2; exit 99; }
cc="${CC:-cc} ${SANITIZERS:-}"

# --- the exported symbols: the functions of the header, with their version, and no more

${NM:-nm} -D --defined-only "$library" | awk '$2 != "A" { print $3 }' | sort >shown
grep -o '^[a-z].*im2cat_[a-z_]*(' "$source/src/library/im2cat.h" |
    sed 's/.*\(im2cat_[a-z_]*\)(/\1@@IM2CAT_0/' | sort >promised
test -s promised || fail "the header declares nothing"
cmp -s shown promised || { fail "shown and promised names differ"; diff shown promised >&2; }

# --- the header alone

cp "$source/src/library/im2cat.h" .
printf '#include "im2cat.h"\n#include "im2cat.h"\nstruct im2cat_options o = IM2CAT_OPTIONS;\n' >alone.c
cp alone.c alone.cc
$cc -std=c99 -pedantic -Wall -Wextra -Werror -c alone.c -o alone.o 2>err ||
    fail "im2cat.h is no C99 by itself"
if command -v c++ >/dev/null; then
    c++ -std=c++11 -pedantic -Wall -Wextra -Werror -c alone.cc -o alone.o 2>err ||
        fail "im2cat.h is no C++11 by itself"
fi

# --- pictures and a model

run 0 toy-pets toy --count 12 --size 48 --seed 7
run 0 train --data toy --arch resnet18 --size 32 --batch 4 --epochs 1 --out run --quiet
model=run/model.safetensors
pictures=$(find toy -name '*.jpg' | sort)
test -n "$pictures" || fail "no pictures"
# shellcheck disable=SC2086 # a word for each picture
run 0 predict --model $model --batch 1 $pictures
cp out expected

# agrees WHAT: `out` names the same classes as `expected`, with probabilities within
# 1e-5.
agrees() {
    awk -F '\t' 'NR == FNR { class[$1] = $2; p[$1] = $3; n++; next }
        { d = $3 - p[$1]; if (d < 0) d = -d
          if (class[$1] != $2 || d > 1e-5) { print; bad = 1 } seen++ }
        END { exit bad || n != seen }' expected out || fail "$1 differs from predict"
}

# --- the example in C

$cc -Wall -Wextra -Werror -I. "$source/examples/score.c" -o score \
    "$library" -pthread 2>err || fail "examples/score.c does not compile"
LD_LIBRARY_PATH=$build
export LD_LIBRARY_PATH
# shellcheck disable=SC2086
./score $model $pictures >out 2>err || fail "score fails"
agrees "examples/score.c"
printf 'GIF89a' >broken.jpg
./score $model broken.jpg "$(echo "$pictures" | head -n 1)" >out 2>err || fail "score fails"
says out "broken.jpg" score
test "$(wc -l <out)" -eq 2 || fail "a broken picture costs another its line"
./score nowhere.safetensors broken.jpg >out 2>err && fail "score opens nothing"
says err "nowhere.safetensors" score

# --- the example in Python

# python_with MODULE: a python that has it; the first on PATH may not be the system's.
python_with() {
    for candidate in ${PYTHON:-} python3 /usr/bin/python3; do
        "$candidate" -c "import $1" 2>/dev/null && { echo "$candidate"; return 0; }
    done
    return 1
}

if test -n "${SANITIZERS:-}"; then
    echo "left out: examples/score.py; the sanitizers' library cannot be loaded into python3"
elif ! python=$(python_with numpy); then
    echo "left out: examples/score.py, which needs python3 with numpy (PYTHON says which)"
else
    IM2CAT_LIBRARY=$library
    export IM2CAT_LIBRARY
    # shellcheck disable=SC2086
    "$python" "$source/examples/score.py" $model $pictures >out 2>err || fail "score.py fails"
    agrees "examples/score.py"
    "$python" "$source/examples/score.py" $model broken.jpg >out 2>err && fail "score.py takes it"
    says err "picture 0" score.py
    # Arrays: a picture of the model's own size needs no fitting.
    PYTHONPATH=$source/examples "$python" -B - "$model" >out 2>err <<'END' || fail "arrays fail"
import sys
import numpy as np
from score import Classifier, Im2catError

rng = np.random.default_rng(3)
arrays = [rng.integers(0, 256, (h, w, 3), dtype=np.uint8)
          for h, w in [(32, 32), (40, 71), (33, 200)] for _ in range(3)]
with Classifier(sys.argv[1], batch=4, threads=1) as one:
    whole = one.logits(arrays)
    assert whole.shape == (9, len(one.classes)) and whole.dtype == np.float32
    for i, array in enumerate(arrays):
        assert (one.logits([array]) == whole[i]).all(), i
        flipped = np.ascontiguousarray(array[:, ::-1])[:, ::-1]  # strides, not bytes
        assert (one.logits([flipped]) == whole[i]).all(), i
    assert abs(one.probabilities(whole).sum(axis=1) - 1).max() < 1e-12
    for wrong in [arrays[0][:, :, :2], arrays[0].astype(np.float32)]:
        try:
            one.logits([wrong])
            raise AssertionError(wrong.shape)
        except TypeError as error:
            assert "must be uint8" in str(error)
    try:
        one.logits([b"no picture"])
        raise AssertionError("taken")
    except Im2catError as error:
        assert "picture 0" in str(error)
END
fi

# --- installed, as pkg-config finds it

if command -v pkg-config >/dev/null; then
    mkdir -p root
    make -C "$build" --no-print-directory DESTDIR="$tmp/root" install-data-am install-exec-am \
        >out 2>err || fail "make install fails"
    place=$(find root -name im2cat.pc -exec dirname {} \;)
    flags=$(PKG_CONFIG_PATH=$place pkg-config --define-prefix --cflags --libs im2cat 2>err) ||
        fail "pkg-config does not find it"
    # shellcheck disable=SC2086
    $cc "$source/examples/score.c" -o installed $flags -pthread 2>err ||
        fail "the example does not compile by pkg-config's flags"
    LD_LIBRARY_PATH=$(dirname "$place")
    # shellcheck disable=SC2086
    ./installed $model $pictures >out 2>err || fail "the installed library does not score"
    agrees "the installed library"
fi
finish
