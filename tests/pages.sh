#!/bin/sh
# SPDX-License-Identifier: MIT
# The HTML pages: report.html of a run and index.html of an evaluation. Each is one file
# that needs no other, shows the figures of the tables, and shows odd names as text.
. "${srcdir:-.}/tests/program.sh"
tiny_network
cd "$tmp" || exit 99

run 0 toy-pets toy --count 24 --size 32
odd='a "b" <i>&amp;'
mkdir -p data/dogs "data/$odd"
cp toy/images/[A-Z]*.jpg "data/$odd"
cp toy/images/[a-z]*.jpg data/dogs
small='--arch tiny --size 32 --batch 8 --threads 1'

# whole PAGE: it needs no other file, closes every tag that it opens, and has no script.
whole() {
    grep -q '^<!DOCTYPE html>$' "$1" || fail "$1 does not begin as a page"
    tail -n 1 "$1" | grep -qx '</html>' || fail "$1 is cut off"
    ! grep -qi '<script\|<link\|@import\|javascript:' "$1" || fail "$1 is not alone"
    ! grep -o 'https\{0,1\}://[a-z0-9.]*' "$1" | grep -v '^http://www.w3.org$' ||
        fail "$1 points into the network"
    ! grep -q '<i>' "$1" || fail "$1 takes a name for markup"
    "${PYTHON:-python3}" -c '
import html.parser, sys
class Page(html.parser.HTMLParser):
    open = []
    def handle_starttag(self, tag, attributes):
        if tag != "meta":
            self.open.append(tag)
    def handle_startendtag(self, tag, attributes):
        pass
    def handle_endtag(self, tag):
        assert self.open and self.open.pop() == tag, tag
page = Page()
page.feed(open(sys.argv[1], encoding="utf-8").read())
assert not page.open, page.open
' "$1" 2>html.err || { command -v "${PYTHON:-python3}" >html.err && fail "$1: $(tail -n 1 html.err)"; }
}

# --- a run

run 0 train --data data $small --epochs 3 --out runs/a
says err 'report: runs/a/report.html' train
says err ' of 3 epochs, in best.safetensors' train
says err 'next: im2cat eval --model runs/a/best.safetensors --data data' train
whole runs/a/report.html
test "$(grep -c '^<tr><th scope="row">' runs/a/report.html)" -eq 3 ||
    fail "the page has not three epochs"
tail -n +2 runs/a/metrics.csv | while IFS=, read -r phase epoch step train valid error rest; do
    echo "$phase $epoch $step $train $rest" >unused
    printf '%.6f</td><td>%.6f</td>' "$valid" "$error"
    echo
done >rows
while read -r row; do
    grep -qF "$row" runs/a/report.html || fail "the page lacks $row"
done <rows
best=$(tail -n +2 runs/a/metrics.csv | sort -t, -k6,6g -k5,5g | head -n 1 | cut -d, -f2)
grep -q "^<tr><th scope=\"row\">$((best + 1)) .*★" runs/a/report.html ||
    fail "epoch $((best + 1)) has no star"
# The star goes to the best epoch, whichever it is: here the last, by a change of the table.
cp -r runs/a runs/star
awk -F, -v OFS=, 'NR == 4 { $6 = 0 } { print }' runs/a/metrics.csv >runs/star/metrics.csv
run 0 train --resume --out runs/star --quiet
grep -q '^<tr><th scope="row">3 .*★' runs/star/report.html || fail "epoch 3 has no star"
test "$(grep -c '★</th>' runs/star/report.html)" -eq 1 || fail "not one epoch has a star"
grep -q '<figure tabindex="0">' runs/a/report.html ||
    fail "a drawing that a phone scrolls is out of the keyboard's reach"
test "$(grep -c 'data:image/png;base64' runs/a/report.html)" -eq 8 ||
    fail "the page lacks the first batch"
grep -q '<polyline' runs/a/curves.svg || fail "curves.svg has no curve"

# Phases are named.
run 0 train --data data $small --recipe fine-tune --epochs 2 --max-steps 5 --out runs/c
whole runs/c/report.html
grep -q '<td>frozen</td>' runs/c/report.html || fail "the page lacks the phase"

# A page that cannot be written does not fail the training.
run 0 train --data data $small --epochs 1 --out runs/e --quiet
test ! -s err || fail "--quiet talks"
rm runs/e/report.html
mkdir runs/e/report.html
run 0 train --resume --out runs/e
says err 'im2cat: report.html is missing: ' 'a page that cannot be written'

# --- an evaluation

run 0 eval --model runs/a/best.safetensors --data data --split all --report runs/a/eval
says err 'report: runs/a/eval/index.html' eval
whole runs/a/eval/index.html
grep -q '<tr><th scope="row">a &quot;b&quot; &lt;i&gt;&amp;amp;</th><td>12</td>' \
    runs/a/eval/index.html || fail "the page lacks a class"
accuracy=$(sed -n 's/^accuracy 0*\(.*\)/\1/p' out)
percent=$("${PYTHON:-python3}" -c "print('%.2f' % (100 * float('0$accuracy')))" 2>/dev/null) &&
    { grep -q "<dd>$percent % (error rate" runs/a/eval/index.html ||
        fail "the page has another accuracy than $percent"; }
! grep -q top5 out || fail "two classes have a top-5 accuracy"

# The class is among the five most probable of twelve at least as often as it is the
# most probable.
run 0 train --data toy --labels breed $small --epochs 1 --out runs/f --quiet
run 0 eval --model runs/f/model.safetensors --data toy --split all
awk '$1 == "accuracy" { one = $2 } $1 == "top5_accuracy" { five = $2 }
    END { exit !(five >= one && five <= 1 && five > 0) }' out || fail "no top-5 accuracy"
finish
