# SPDX-License-Identifier: MIT
# Defines download URL FILE for the scripts of this folder, which define `fail`: it
# takes a sentence and ends the script.

# Prints the meaning of curl's or wget's exit status for the user.
explain() { # TOOL STATUS URL
    local host=${3#*://}
    host=${host%%/*}
    case $1-$2 in
    curl-6 | curl-7 | curl-28 | curl-35 | curl-52 | curl-56 | wget-4)
        echo "cannot reach $host: is there a network? Run this again when there is" \
            "one; what is here already is kept" ;;
    curl-22 | curl-37 | curl-78 | wget-8)
        echo "$3 is not there" ;;
    curl-23 | wget-3)
        echo "cannot write the download: is the disk full?" ;;
    *)
        echo "$1 ended with status $2 on $3" ;;
    esac
}

download() { # URL FILE: resumes at the end of FILE
    local status=0
    if command -v curl > /dev/null; then
        local show=(--silent --show-error)
        test -t 2 && show=(--progress-bar)
        curl --fail --location --retry 3 --connect-timeout 30 --continue-at - \
            "${show[@]}" --output "$2" "$1" || status=$?
        test $status -eq 0 || fail "$(explain curl $status "$1")"
    elif command -v wget > /dev/null; then
        local show=--no-verbose
        test -t 2 && show=--show-progress
        wget --continue --tries 3 --timeout 30 $show --output-document "$2" "$1" ||
            status=$?
        test $status -eq 0 || fail "$(explain wget $status "$1")"
    else
        fail "needs curl or wget: apt-get install curl"
    fi
}
