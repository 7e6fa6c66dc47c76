#!/bin/sh
# SPDX-License-Identifier: MIT
# The help of every command, the manual page and README.md are free of phrases that read
# as translated: a pronoun without its noun, "what is X" for a noun, "a row an epoch" for
# "one row per epoch". A phrase is found across line ends, and in either case.
. "${srcdir:-.}/tests/program.sh"

# One phrase a line, in small letters.
cat >"$tmp/phrases" <<'END'
a folder a class
a line a picture
a line a request
a line an epoch
a row a layer
a row an epoch
begins anew
cannot be read does
course of the learning rate
drawn anew
gone on with
goes on with it
in one file alone
in one of the files alone
is \ as
lower ones more slowly
of all random numbers
of fine-tune
one a core
one a line
one a thread
passes over the training pictures
pictures a second
pictures a step
that do not name it themselves
that do not name them
that do not say it
that for the head alone
what computes
what file says
what of the body
what rests of
END

# search FILE NAME: no phrase is in the text of FILE, which is called NAME.
search() {
    sed 's/\\f[BIPR]//g; s/\\-/-/g; s/\\e/\\/g; s/^\.[A-Z]* //' "$1" | tr '\n' ' ' |
        tr -s ' ' | tr '[:upper:]' '[:lower:]' >"$tmp/text"
    test -s "$tmp/text" || fail "$2 has no text"
    while IFS= read -r phrase; do
        ! grep -qF -e "$phrase" "$tmp/text" || fail "$2 says \"$phrase\""
    done <"$tmp/phrases"
}

commands=$("$program" help | sed -n '/^commands:/,/^$/s/^  \([a-z-]*\) .*/\1/p')
test -n "$commands" || fail "im2cat help lists no commands"
"$program" help >"$tmp/help"
search "$tmp/help" "im2cat help"
for command in $commands; do
    "$program" "$command" --help >"$tmp/help"
    search "$tmp/help" "im2cat $command --help"
done
search "$source/man/im2cat.1" man/im2cat.1
search "$source/README.md" README.md
finish
