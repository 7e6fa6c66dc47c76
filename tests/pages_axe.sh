#!/bin/sh
# SPDX-License-Identifier: MIT
# axe, which knows the rules of accessible pages (WCAG 2.2 A and AA), finds nothing wrong
# with report.html and a report's index.html in a browser, in a wide window and on a
# phone; and it does find something on a page with a mistake. The test needs chromium
# and, for axe, the Python package index.
. "${srcdir:-.}/tests/program.sh"
cd "$tmp" || exit 99

skip() { echo "skipped: $*"; exit 77; }
command -v chromium >/dev/null || skip "there is no chromium (Debian: chromium)"
python3 -m venv venv >log 2>&1 || skip "python3 makes no virtual environment"
venv/bin/pip download --quiet --retries 1 --timeout 15 --no-deps \
    axe-playwright-python >log 2>&1 ||
    skip "pip cannot fetch axe-playwright-python: $(tail -n 1 log)"
python3 -c 'import glob, zipfile
wheel = zipfile.ZipFile(glob.glob("axe_playwright_python-*.whl")[0])
open("axe.js", "wb").write(wheel.read("axe_playwright_python/axe.min.js"))' ||
    skip "axe is not in its package any more"

# axe PAGE WIDTH: prints the violations, one per line, and then "axe VERSION".
axe() {
    python3 - "$1" <<'END'
import sys
page, script = open(sys.argv[1]).read(), open("axe.js").read()
run = """axe.run(document, {runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa",
    "wcag22aa", "best-practice"]}).then(function (found) {
    var lines = found.violations.map(function (v) {
        return "VIOLATION " + v.id + " (" + v.impact + "): " + v.nodes.length; });
    document.body.innerText = lines.concat(["AXE " + found.testEngine.version,
                                            ""]).join("\\n"); });"""
script = script.replace("</script", "<\\/script")
tail = "<script>%s</script><script>onload = function () { %s };</script>" % (script, run)
open("page.html", "w").write(page.replace("</body>", tail + "</body>"))
END
    chromium --headless --no-sandbox --disable-gpu --virtual-time-budget=20000 \
        --window-size="$2,1000" --dump-dom "file://$tmp/page.html" 2>log |
        sed 's/<br>/\n/g' | sed -n 's/.*\(VIOLATION [^<]*\).*/\1/p; s/.*\(AXE [0-9.]*\).*/\1/p'
}

run 0 toy-pets toy --count 40 --size 32
run 0 train --data toy --arch resnet18 --size 32 --batch 8 --epochs 3 --out run --quiet
run 0 eval --model run/best.safetensors --data toy --report report
for page in run/report.html report/index.html; do
    for width in 1280 390; do
        axe $page $width >found
        grep -q '^AXE' found || fail "axe does not run on $page: $(tail -n 1 log)"
        ! grep '^VIOLATION' found || fail "$page, $width pixels wide"
    done
done
cat found
sed 's/ aria-label="[^"]*"//g; s/<html lang="en">/<html>/' run/report.html >bad.html
axe bad.html 1280 >found
grep -q '^VIOLATION' found || fail "axe takes a page with mistakes"
finish
