#!/bin/sh
# The manual page has a section for each command, with each of its options, and somewhere
# the words that they take.
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
    "$program" "$command" --help | sed -n 's/^  --[a-z-]* \([a-z0-9|-]*|[^ ]*\).*/\1/p' \
        >"$tmp/words"
    while read -r words; do
        sed 's/\\-/-/g; s/\\f.//g' "$page" | grep -qF -e "$words" ||
            fail "$page lacks $words of $command"
    done <"$tmp/words"
done
finish
