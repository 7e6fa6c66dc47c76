#!/bin/sh
# SPDX-License-Identifier: MIT
# The manual page's section on the commands is the one that the program generates from
# its tables, which names every option of every command; and the rest of the page is
# complete.
. "${srcdir:-.}/tests/program.sh"
page=$source/man/im2cat.1

sed -n '/^\.SH COMMANDS$/,/^\.SH JOB FILES$/p' "$page" | sed '$d' >"$tmp/section"
"$program" help --man >"$tmp/written"
cmp "$tmp/section" "$tmp/written" ||
    fail "$page is not what the tables say: scripts/from-tables writes it"
test "$(sed -n '/^\.SH JOB FILES$/,$p' "$page" | grep -c '^\.SH')" -ge 4 ||
    fail "$page ends too early"

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
