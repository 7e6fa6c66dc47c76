/* SPDX-License-Identifier: MIT */
/*
 * The memory that a run on the CPU announces is at least its peak, checkpoints
 * included, and little more: for a run from the beginning, and for a resumed run, which
 * reads its checkpoint first.
 */
#include "train_kit.h"

/* The announced memory may exceed the peak by a tenth, or by the pages of code and
 * thread stacks that a small job never touches. */
static void check_memory(const char *what, const struct kit_result *result)
{
    const double mib = 1 << 20, slack = 12 * mib;
    const double peak = (double)result->peak_rss;
    const double said = (double)result->start.memory_bytes;
    const double most = 1.1 * peak > peak + slack ? 1.1 * peak : peak + slack;

    CHECK_INT(result->status, IC_OK);
    if (said < peak || said > most)
        CHECK_FAIL("%s says %.1f MiB and takes %.1f MiB", what, said / mib, peak / mib);
}

int main(void)
{
    char *base = folder_make(), *data = folder_path(base, "pets");
    char *out = folder_path(base, "run");
    struct ic_job job = kit_job(data, out);
    const struct kit_interrupt stop = {KIT_STEP, KIT_STOP, 2, 0};
    struct kit_result *result;

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    fprintf(stderr, "a sanitizer's memory is not the program's\n");
    folder_remove(base);
    free(data);
    free(out);
    return 77;
#endif
    kit_draw(data, 32);
    job.arch = "resnet18";
    job.optimizer = "adam";
    job.lr = 0.001;
    job.max_steps = 3;
    job.ema = 0.9;
    job.checkpoint_every = 1;
    result = kit_run(&job, &stop);
    check_memory("a run", result);
    CHECK(result->peak_rss > (uint64_t)11000000 * 4 * 5); /* it was in memory */

    job.resume = true;
    check_memory("a resumed run", kit_run(&job, NULL));
    folder_remove(base);
    free(data), free(out);
    return check_result();
}
