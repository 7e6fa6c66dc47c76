#!/bin/sh
# The manual page has a section for each command, with each of its options.
. "${srcdir:-.}/tests/program.sh"
page=$source/man/im2cat.1

for command in $("$program" help | sed -n '/^commands:/,/^$/s/^  \([a-z-]*\) .*/\1/p')
do
    sed -n "/^\.SS $command\$/,/^\.S[SH] /p" "$page" | sed '1d; s/\\-/-/g' >"$tmp/section"
    test -s "$tmp/section" || fail "$page has no section for $command"
    "$program" "$command" --help | sed -n 's/^  --\([a-z-]*\).*/\1/p' >"$tmp/options"
    while read -r option; do
        grep -qE -e "--$option([^a-z-]|\$)" "$tmp/section" ||
            fail "$page lacks --$option of $command"
    done <"$tmp/options"
done
finish
