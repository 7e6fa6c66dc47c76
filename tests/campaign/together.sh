#!/bin/bash
# SPDX-License-Identifier: MIT
# Two of everything at once: runs in one folder, runs without a folder, resumes, and
# commands that write the same file. One wins whole, or each has its own; nothing is
# mixed up.
. "${srcdir:-.}/tests/campaign/kit.sh"
make_reference
run 0 convert reference/model.safetensors one.onnx
run 0 convert reference/best.safetensors other.onnx

make_half

# both STATUSES COMMAND... -- COMMAND...: starts two commands; their statuses are in the
# list of allowed pairs.
both() {
    local allowed=$1 first=() process
    shift
    while test "$1" != --; do
        first+=("$1")
        shift
    done
    shift
    "$program" "${first[@]}" >out.first 2>err.first </dev/null &
    process=$!
    "$program" "$@" >out 2>err </dev/null
    status=$?
    wait $process
    statuses="$? $status"
    why="exit statuses $statuses: $(tail -qn 1 err.first err)"
    case ",$allowed," in
    *",$statuses,"*) ;;
    *) return 1 ;;
    esac
}

one_folder() {
    rm -rf new
    both "0 1,1 0" "${train[@]}" --out new -- "${train[@]}" --out new && same_run new
}

resumes() {
    rm -rf new
    cp -R half new
    both "0 1,1 0,0 0" "${train[@]}" --out new --resume -- "${train[@]}" --out new --resume &&
        same_run new
}

no_folder() {
    rm -rf runs
    both "0 0" "${train[@]}" -- "${train[@]}" || return
    why="not two runs: $(ls runs)"
    test "$(ls runs | wc -l)" -eq 2 || return
    for run in runs/*; do
        same_run "$run" || return
    done
}

one_file() {
    rm -f new.onnx
    both "0 0" convert reference/model.safetensors new.onnx -- \
        convert reference/best.safetensors new.onnx || return
    why="new.onnx is neither of the two models"
    cmp -s new.onnx one.onnx || cmp -s new.onnx other.onnx
}

one_report() {
    both "0 0" eval --model reference/model.safetensors --data toy --report report -- \
        eval --model reference/model.safetensors --data toy --report report &&
        no_leftovers report
}

for i in $(seq "${COUNT:-100}"); do
    for what in one_folder resumes no_folder one_file one_report; do
        echo $what
    done
done >cases
draw
while read -r what; do
    verdict "two at once: $what" $what
done <drawn
done_with together
