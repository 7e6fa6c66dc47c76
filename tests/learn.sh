#!/bin/sh
# SPDX-License-Identifier: MIT
# The exercises of docs/learn: each solution passes its test, each mistake fails it with a
# number (in `make check-slow` each empty exercise, too); the pictures are those that their
# script draws, and the code that pages quote stands in the sources.
set -u
learn=$(cd "${srcdir:-.}/docs/learn" && pwd)
command -v python3 >/dev/null || { echo "skipped: python3 is missing"; exit 77; }
CC=${CC:-cc}
$CC --version >/dev/null 2>&1 || { echo "skipped: there is no C compiler"; exit 77; }
export CC PYTHONDONTWRITEBYTECODE=1
tmp=$(mktemp -d) || exit 99
trap 'rm -rf "$tmp"' EXIT

# one FOLDER/FILE: checks a file, and prints a line if the result is not as it must be.
cat >"$tmp/one" <<'END'
learn=$1 file=$2
name=$(basename "$file")
number=${name%.*}
text=$("$learn/check" "$number" "$file" 2>&1)
status=$?
case $file in
*/solutions/*) test "$status $text" = "0 right" || echo "$file: $text" ;;
*)
    case "$status $text" in
    "1 wrong: the program broke off"*) echo "$file breaks off: $text" ;;
    "1 wrong: "*) ;;
    *) echo "$file is not wrong: $text" ;;
    esac
    ;;
esac
END
for folder in exercises solutions mistakes; do
    ls "$learn/$folder"/*.* >"$tmp/list-$folder" || exit 99
done
count=$(wc -l <"$tmp/list-exercises")
test "$count" -ge 42 || { echo "only $count exercises"; exit 99; }
for folder in solutions mistakes; do
    test "$(wc -l <"$tmp/list-$folder")" -eq "$count" ||
        { echo "$folder/ and exercises/ have not the same files"; exit 1; }
done
test -n "${IC_SLOW:-}" || : >"$tmp/list-exercises"
cat "$tmp"/list-* | xargs -n 1 -P 2 sh "$tmp/one" "$learn" >"$tmp/found"
cat "$tmp/found"
test ! -s "$tmp/found" || exit 1

python3 "$learn/pictures.py" "$tmp/pictures" || exit 1
diff -r "$tmp/pictures" "$learn/pictures" >"$tmp/diff" ||
    { echo "docs/learn/pictures.py draws other pictures:"; head -n 3 "$tmp/diff"; exit 1; }

# The code that the pages quote is that of the program.
python3 "$learn/../../scripts/check-docs" --quotes >"$tmp/quotes" || { cat "$tmp/quotes"; exit 1; }

# Each example is run by its page.
for example in "$learn"/examples/*; do
    name=$(basename "${example%.*}")
    grep -Eq "^[$] docs/learn/run $name( |\$)" "$learn"/*.md || { echo "no page runs $name"; exit 1; }
done
exit 0
