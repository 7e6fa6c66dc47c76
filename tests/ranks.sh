#!/bin/sh
# SPDX-License-Identifier: MIT
# Training with several local ranks: the bytes of one rank, whatever their number, also
# when the number changes on the way; ranks that hang or are killed; and wrong starts,
# each reported in one line by one rank, before anything is written.
. "${srcdir:-.}/tests/program.sh"
. "${srcdir:-.}/tests/ranks_kit.sh"
cd "$tmp" || exit 99
write_jobs 36

# ranks STATUS COUNT ARGUMENT...: trains with COUNT local ranks.
ranks() {
    status=$1 count=$2
    shift 2
    run "$status" train --distributed local --ranks "$count" "$@"
}

# --- any number of ranks

run 0 train --job deep.conf --out runs/deep
for count in ${IC_SLOW:+1 2 3} 4; do
    ranks 0 "$count" --job deep.conf --out "runs/deep$count"
    test "$(grep -c '^the run is in ' err)" -eq 1 ||
        fail "$count ranks: not one talks"
    test "$(wc -l <out)" -eq 3 || fail "$count ranks do not print a table of two rows"
    same runs/deep"$count" runs/deep
done
rm -r runs/deep?

# From here on a network of a few channels does: it is a matter of processes.
tiny_network
sed -i 's/resnet18/tiny/' head.conf
run 0 train --job head.conf --out runs/head
ranks 0 3 --job head.conf --out runs/head3
same runs/head3 runs/head
rm -r runs/head3

# --- wrong starts

# wrong STATUS TEXT COUNT ARGUMENT...
wrong() {
    status=$1 text=$2 count=$3
    shift 3
    refuse "$status" "$text" train --distributed local --ranks "$count" --out new/run "$@"
    nothing_in new/run
}
mkdir new
wrong 1 '4 ranks need as many micro-batches, but --batch 14 with --micro-batch 5 has 3' 4 \
    --job head.conf
wrong 1 '--batch 3 is less than one picture for each of 4 ranks' 4 \
    --job head.conf --batch 3 --micro-batch 0
wrong 2 '--lr' 3 --job head.conf --lr high
wrong 2 '--ranks' 17 --job head.conf
wrong 2 'no option' 3 --job head.conf --rank 3
wrong 1 'nowhere' 3 --job head.conf --data nowhere
wrong 1 'nofile.conf' 3 --job nofile.conf
wrong 1 'the last micro-batch' 3 --job deep.conf --arch tiny --batch 13
IM2CAT_MODULES=$tmp/new refuse 1 'im2cat-mpi.so' train --distributed mpi --job head.conf \
    --out new/run
nothing_in new/run
cp -R toy broken
echo text >broken/images/toy_text_1.jpg
run 1 train --job head.conf --data broken --out new/run
mv err err.alone
ranks 1 3 --job head.conf --data broken --out new/run
cmp -s err err.alone || fail "three ranks tell of a broken picture otherwise than one"
nothing_in new/run
ranks 0 3 --job head.conf --data broken --bad-images skip --out new/run --max-steps 1
says err 'toy_text_1.jpg is left out' 'a broken picture'
refuse 1 'the run folder new/run exists' train --distributed local --ranks 3 \
    --job head.conf --out new/run
rm -r new broken

# --- one run with changing numbers of ranks: a hanging rank, a killed one, stops by
# signals to either rank. The ranks choose the micro-batch; the run keeps it.

if test -n "${SANITIZERS:-}" && ! slow; then
    echo "left out: ranks that are stopped, which takes minutes under the sanitizers"
    finish
fi

# Long steps, which a signal can reach; everything again where a run ended before.
program=$built/im2cat
sed '/micro-batch/d; s/tiny/resnet18/' head.conf >free.conf
echo 'epochs = 6' >>free.conf
late=0

# part STATUS SIGNAL WHO COUNT ARGUMENT...: trains runs/part with COUNT ranks; after a
# step, rank WHO gets the signal. Does nothing after an earlier part came too late.
part() {
    status=$1 signal=$2 who=$3 count=$4
    shift 4
    test $late -eq 0 || return
    before=$(rows runs/part)
    team local "$count" --out runs/part "$@"
    await_ranks "$first" "$count"
    await_step runs/part "$first" "$before"
    target=$(echo "$members" | sed -n "$((who + 1))p")
    kill -"$signal" "${target:-$first}" 2>/dev/null
    wait "$first"
    found=$?
    # shellcheck disable=SC2086 # one word a process
    all_gone $members
    test $found -gt 0 || late=1
    ! grep -q ' no message came for ' err || late=1 # no rank hangs, all are slow
    test $late -eq 1 || test $found -eq "$status" ||
        fail "a run of which rank $who gets SIG$signal ends with $found"
}

# told TEXT WHAT: like one_line, unless too late.
told() {
    test $late -eq 1 || one_line "$@"
}

stopped='stopped; to continue: im2cat train --resume --out runs/part'
for try in 1 2 3 4 5; do
    late=0
    rm -rf runs/part
    part 3 USR1 0 3 --job free.conf
    told "$stopped" SIGUSR1
    test $late -eq 1 || says err \
        '3 ranks: batch norm sees the 14 pictures of a step in micro-batches of 5 (' train
    part 1 STOP 2 3 --job free.conf --resume --comm-timeout 4
    told 'rank 2 on ' 'a rank that hangs'
    told ' has not answered for 4 seconds (--comm-timeout)' 'a rank that hangs'
    part 1 KILL 1 2 --job free.conf --resume
    told 'rank 1 on ' 'a rank that is killed'
    told ' has ended during the training; to continue from the last checkpoint: im2cat train --resume --out runs/part' \
        'a rank that is killed'
    part 3 TERM 2 3 --resume
    told "$stopped" SIGTERM
    test $late -eq 1 || break
done
test $late -eq 0 || fail "$try runs were too fast or too slow to be stopped"
grep -q '^micro-batch = 5$' runs/part/job.conf || fail "job.conf has not the micro-batch"
run 0 train --resume --out runs/part
run 0 train --job free.conf --micro-batch 5 --out runs/whole
same runs/part runs/whole
finish
