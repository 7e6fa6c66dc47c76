# SPDX-License-Identifier: MIT
# Functions that tests of the program share; sourced, not run. Makes a temporary folder,
# $tmp, and removes it at the end.

built=$(pwd)
program=$built/im2cat
source=$(cd "${srcdir:-.}" && pwd)
test -x "$program" || { echo "$program is not there" >&2; exit 99; }
tmp=$(mktemp -d) || exit 99
trap 'chmod -R u+w "$tmp"; rm -rf "$tmp"' EXIT
trap 'exit 99' HUP INT TERM
failures=0
unset OMP_NUM_THREADS # the tests set the number of threads

# fail TEXT: records a failure, with the program's last output.
fail() {
    failures=$((failures + 1))
    echo "FAIL: $*" >&2
    test ! -s "$tmp/out" || { echo "  standard output:"; head -n 5 "$tmp/out"; } >&2
    test ! -s "$tmp/err" || { echo "  standard error:"; head -n 5 "$tmp/err"; } >&2
}

# run STATUS ARGUMENT...: runs the program, whose output goes to $tmp/out and $tmp/err.
run() {
    expected=$1
    shift
    "$program" "$@" >"$tmp/out" 2>"$tmp/err" </dev/null
    found=$?
    test $found -eq "$expected" || fail "im2cat $* exits with $found, not $expected"
}

# refuse STATUS TEXT ARGUMENT...: the program must exit with STATUS, with one line on
# standard error that contains TEXT, and no other output.
refuse() {
    wanted=$2
    status=$1
    shift 2
    run "$status" "$@"
    test ! -s "$tmp/out" || fail "im2cat $* prints to standard output"
    test "$(wc -l <"$tmp/err")" -eq 1 || fail "im2cat $* does not print one line"
    grep -q "^im2cat: " "$tmp/err" || fail "im2cat $* does not begin with its name"
    says err "$wanted" "$*"
}

# says out|err TEXT WHAT: the file contains the text.
says() {
    grep -qF -e "$2" "$tmp/$1" || fail "im2cat $3: no \"$2\""
}

# value KEY: prints the text after the key in a `key value` output.
value() {
    sed -n "s/^$1 //p" "$tmp/out"
}

# long_job: skips a test that trains for minutes under the sanitizers. Beyond the tests
# of kernels, nets and steps it runs the same code, more often; `make check-slow` still
# runs it.
long_job() {
    test -n "${SANITIZERS:-}" && ! slow || return 0
    echo "skipped: takes minutes under the sanitizers (make check-slow runs it)"
    exit 77
}

# slow: whether this is `make check-slow`, which runs more cases.
slow() {
    test -n "${IC_SLOW:-}"
}

# tiny_network: the test needs runs of any network, and takes the program that also has
# "tiny" (tests/tiny.c), which trains in a hundredth of the time of a ResNet-18.
tiny_network() {
    program=$built/tests/im2cat-tiny
    test -x "$program" || { echo "$program is not there" >&2; exit 99; }
}

finish() {
    test $failures -eq 0 || { echo "$failures failures" >&2; exit 1; }
    exit 0
}
