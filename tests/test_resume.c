/* SPDX-License-Identifier: MIT */
/*
 * Runs that are killed or stopped at any moment and resumed give the same bytes as an
 * uninterrupted run, with any number of threads; checkpoints that do not fit are
 * refused.
 */
#include <sys/mount.h>

#include "base/file.h"
#include "base/random.h"
#include "format/safetensors.h"
#include "seed.h"
#include "train_kit.h"

static char *base, *data, *through;
static uint64_t seed;
static struct ic_error error;

/* The runs in progress. Fine-tuning has one epoch per phase here, with Adam's averages,
 * which start again in between, and the average of the weights, which does not. The
 * features are computed once for all frozen steps. The options are those that change a
 * step. */
static enum recipe { ONE_CYCLE, FINE_TUNE, FEATURES, OPTIONS, RECIPES } recipe;

static const char *const recipe_names[] = {"one-cycle", "fine-tune", "features",
                                           "options"};

static struct ic_job make_job(const char *out)
{
    struct ic_job job = kit_job(data, out);

    if (recipe != ONE_CYCLE) {
        job.recipe = "fine-tune";
        job.epochs = job.freeze_epochs = 1;
        job.optimizer = "adam";
        job.ema = 0.7;
    }
    if (recipe == FEATURES) {
        job.freeze = "bn";
        job.resize = "squish";
    }
    if (recipe == OPTIONS) {
        job.micro_batch = 2;
        job.mixup = 0.4;
        job.clip_norm = 0.5;
        job.label_smoothing = 0.1;
    }
    return job;
}

/* Each resume uses another number of threads and workers. */
static struct ic_job job_number(const char *out, int number)
{
    struct ic_job job = make_job(out);

    job.compute.threads = 1 + number % 3;
    job.workers = 1 + number % 4;
    job.resume = number > 0;
    return job;
}

/* The seconds in metrics.csv differ between runs; the columns before them do not. */
static void check_same_metrics(const char *out)
{
    char *found = kit_content(out, "metrics.csv");
    char *expected = kit_content(through, "metrics.csv");
    const char *a = found, *b = expected;

    for (int line = 0; line < 3 && *a != '\0' && *b != '\0'; line++) {
        for (int column = 0; column < 6; column++) {
            const size_t length = strcspn(b, ",") + 1;

            if (strncmp(a, b, length) != 0)
                CHECK_FAIL("metrics.csv: \"%.30s\", expected \"%.30s\"", a, b);
            a += strcspn(a, ",") + 1;
            b += strcspn(b, ",") + 1;
        }
        a += strcspn(a, "\n") + 1;
        b += strcspn(b, "\n") + 1;
    }
    CHECK_INT(*a, '\0');
    CHECK_INT(*b, '\0');
    free(found), free(expected);
}

static void check_same_run(const char *out)
{
    CHECK(kit_same_file(out, through, "model.safetensors"));
    CHECK(kit_same_file(out, through, "best.safetensors"));
    CHECK(kit_same_file(out, through, "steps.csv"));
    CHECK(kit_same_file(out, through, "split.txt"));
    check_same_metrics(out);
}

static void run_through(void)
{
    struct ic_job job = make_job(through);
    struct kit_result *result = kit_run(&job, NULL);

    CHECK_INT(result->status, IC_OK);
    CHECK_STRING(result->error.message, "");
}

/* --- interrupted runs ------------------------------------------------------------- */

/* Interrupts run after run at these moments, then lets the last one finish. */
static void interrupted(const char *name, const struct kit_interrupt *interrupts,
                        int count)
{
    char *out = folder_path(base, "%s-%s", name, recipe_names[recipe]);
    struct kit_result *result = NULL;

    for (int i = 0; i <= count; i++) {
        const struct kit_interrupt *interrupt = i < count ? &interrupts[i] : NULL;
        const struct ic_job job = job_number(out, i);

        result = kit_run(&job, interrupt);
        if (interrupt == NULL)
            break;
        if (interrupt->action == KIT_KILL)
            CHECK(result->killed);
        else
            CHECK_INT(result->end, IC_RUN_STOPPED);
    }
    CHECK_INT(result->first_batches, 0); /* resumes at a later step */
    CHECK_INT(result->status, IC_OK);
    CHECK_STRING(result->error.message, "");
    CHECK_INT(result->end, IC_RUN_DONE);
    CHECK_INT(result->last_epoch.step, 8);
    check_same_run(out);
    free(out);
}

/* Every kind of moment; checkpoints are at steps 0, 3, 4, 6 and 8. */
static void at_chosen_moments(void)
{
    static const struct kit_interrupt moments[] = {
        {KIT_STEP, KIT_KILL, 2, 0},       /* resumes from the first weights */
        {KIT_STEP, KIT_STOP, 4, 0},       /* the last step of an epoch */
        {KIT_VALIDATION, KIT_KILL, 0, 0}, /* resumes directly with the validation */
        {KIT_VALIDATION, KIT_STOP, 0, 0}, {KIT_STEP, KIT_STOP, 5, 0},
        {KIT_STEP, KIT_KILL, 7, 0}, /* resumes at step 6 */
    };

    interrupted("interrupted", moments, 6);
}

/* Random moments, from before the folder exists to after the end. */
static void at_random_moments(void)
{
    char *out = folder_path(base, "random");
    struct ic_random random;
    struct kit_result *result = NULL;

    ic_random_init(&random, seed, IC_RANDOM_BENCH, 0, recipe);
    for (int i = 0; i <= 8; i++) {
        const struct kit_interrupt interrupt = {
            .after_ms = 1 + (int)ic_random_below(&random, 80)};
        const struct ic_job job = job_number(out, i);

        result = kit_run(&job, i < 8 ? &interrupt : NULL);
        if (!result->killed)
            CHECK_STRING(result->error.message, "");
    }
    CHECK_INT(result->end, IC_RUN_DONE);
    check_same_run(out);
    free(out);
}

/* --- checkpoints that do not fit -------------------------------------------------- */

static void check_refused(const struct ic_job *job, ic_status expected,
                          const char *text)
{
    const struct kit_result *result = kit_run(job, NULL);

    CHECK_INT(result->status, expected);
    if (strstr(result->error.message, text) == NULL)
        CHECK_FAIL("said \"%s\", without \"%s\"", result->error.message, text);
    CHECK_INT(result->steps, 0);
}

/* A checkpoint whose figures contradict each other (test_checkpoint.c has the rest):
 * the finished run's, claiming another step. */
static void impossible_position(void)
{
    char *out = folder_path(base, "impossible");
    char *from = folder_path(through, "checkpoint.safetensors"), *step;
    const struct ic_job job = job_number(out, 1);
    uint8_t *bytes = NULL;
    size_t size;

    CHECK_OK(ic_file_read(from, (size_t)1 << 30, &bytes, &size, &error));
    step = memmem(bytes, size, "\"checkpoint.step\"", 17);
    step = step != NULL ? memchr(step, '8', 30) : NULL;
    CHECK(step != NULL);
    if (step != NULL)
        *step = '7';
    folder_put_text(out, "steps.csv", "");
    folder_put(out, "checkpoint.safetensors", bytes, size);
    check_refused(&job, IC_ERR_FORMAT, "is damaged: its header has changed");
    kit_sign_header(from, bytes, size);
    folder_put(out, "checkpoint.safetensors", bytes, size);
    check_refused(&job, IC_ERR_FORMAT, "step 7 contradict each other");
    free(bytes), free(out), free(from);
}

static void another_job(void)
{
    struct ic_job job = job_number(through, 1);

    job.lr = 0.03;
    check_refused(&job, IC_ERR_USAGE, "--lr was 0.005 and is now 0.03");
    job = job_number(through, 1);
    job.micro_batch = 2;
    check_refused(&job, IC_ERR_USAGE, "--micro-batch was 0 and is now 2");
    job = job_number(through, 0);
    check_refused(&job, IC_ERR_USAGE, "exists: use --resume to continue it");
}

static void finished(void)
{
    struct ic_job job = job_number(through, 1);
    const struct kit_result *result = kit_run(&job, NULL);

    CHECK_INT(result->status, IC_OK);
    CHECK_INT(result->steps, 0);
    CHECK_INT(result->epochs, 0);
    CHECK(strstr(result->all_notes, "is finished: 8 steps are done") != NULL);
}

/* A picture is missing. */
static void changed_data(void)
{
    char *mine = folder_path(base, "changing"), *out = folder_path(base, "changed");
    char *picture = folder_path(mine, "images/pug_9.png");
    const struct kit_interrupt interrupt = {KIT_STEP, KIT_STOP, 2, 0};
    const struct kit_interrupt after_next = {KIT_STEP, KIT_STOP, 3, 0};
    struct ic_job job = kit_job(mine, out);

    kit_draw(mine, 32);
    CHECK_INT(kit_run(&job, &interrupt)->end, IC_RUN_STOPPED);
    job.resume = true;
    folder_put_text(mine, "annotations/notes.txt", "no picture"); /* does not count */
    CHECK_INT(kit_run(&job, &after_next)->end, IC_RUN_STOPPED);
    unlink(picture);
    check_refused(&job, IC_ERR_USAGE, "the data set changed since");
    free(mine), free(out), free(picture);
}

/* --- a full disk ------------------------------------------------------------------ */

/* On a small file system in memory: the 11.2 M parameters of a ResNet-18, with SGD two
 * floats each, are 90 MB per checkpoint. The second checkpoint does not fit beside the
 * first, which stays.
 */
static void full_disk(void)
{
    char *disk = folder_path(base, "disk"), *out = folder_path(disk, "run");
    char *path = folder_path(out, "checkpoint.safetensors");
    struct ic_job job = kit_job(data, out);
    const struct kit_result *result;
    struct ic_safetensors *file = NULL;

    job.arch = "resnet18";
    mkdir(disk, 0777);
    if (mount("none", disk, "tmpfs", 0, "size=120m") != 0) {
        fprintf(stderr, "left out: a full disk, which may not be mounted here\n");
        goto out;
    }
    result = kit_run(&job, NULL);
    CHECK_INT(result->status, IC_ERR_IO);
    CHECK(strstr(result->error.message, "No space left on device") != NULL);
    CHECK(strstr(result->error.message, "checkpoint.safetensors") != NULL);
    CHECK_INT(result->steps, 3);
    CHECK_OK(ic_safetensors_open(path, &file, &error));
    if (file != NULL)
        CHECK_STRING(ic_safetensors_metadata(file, "checkpoint.step"), "0");
    ic_safetensors_close(file);
    CHECK_INT(umount(disk), 0);

    /* Too small for the first checkpoint: refused before the first step. */
    if (mount("none", disk, "tmpfs", 0, "size=50m") == 0) {
        result = kit_run(&job, NULL);
        CHECK_INT(result->status, IC_ERR_IO);
        CHECK_INT(result->steps, 0);
        CHECK_INT(umount(disk), 0);
    }
out:
    free(disk), free(out), free(path);
}

/* The parameters that the frozen phase leaves alone and those that it trains, in runs
 * that end in its first and in its last step. With features, batch norm is frozen too.
 */
static void frozen(void)
{
    static const struct {
        const char *name;
        enum recipe frozen_from;
    } arrays[] = {{"conv1.weight", FINE_TUNE},
                  {"layer3.conv.weight", FINE_TUNE},
                  {"layer1.conv.weight", FINE_TUNE},
                  {"bn1.weight", FEATURES},
                  {"layer3.bn.bias", FEATURES},
                  {"bn1.running_mean", FEATURES},
                  {"fc.weight", RECIPES},
                  {"fc.bias", RECIPES}};
    struct ic_safetensors *files[2] = {NULL};

    for (int i = 0; i < 2; i++) {
        char *out = folder_path(base, "frozen%d-%s", i, recipe_names[recipe]);
        char *path = folder_path(out, "model.safetensors");
        struct ic_job job = make_job(out);

        job.max_steps = i == 0 ? 1 : 4;
        CHECK_INT(kit_run(&job, NULL)->status, IC_OK);
        CHECK_OK(ic_safetensors_open(path, &files[i], &error));
        free(out), free(path);
    }
    for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++) {
        const struct ic_tensor *a = ic_safetensors_find(files[0], arrays[i].name);
        const struct ic_tensor *b = ic_safetensors_find(files[1], arrays[i].name);
        bool same;

        if (a == NULL || b == NULL) {
            CHECK_FAIL("the model has no %s", arrays[i].name);
            continue;
        }
        same = memcmp(a->data, b->data, a->count * sizeof(float)) == 0;
        if (same != (recipe >= arrays[i].frozen_from))
            CHECK_FAIL("the frozen phase %s %s", same ? "leaves" : "trains",
                       arrays[i].name);
    }
    ic_safetensors_close(files[0]);
    ic_safetensors_close(files[1]);
}

int main(int argc, char **argv)
{
    seed = test_seed(argc, argv);
    base = folder_make();
    data = folder_path(base, "pets");
    through = folder_path(base, "through");
    kit_draw(data, 32);
    run_through();
    at_chosen_moments();
    at_random_moments();
    impossible_position();
    another_job();
    finished();
    changed_data();
    full_disk();

    for (recipe = FINE_TUNE; recipe < RECIPES; recipe++) {
        free(through);
        through = folder_path(base, "through-%s", recipe_names[recipe]);
        run_through();
        at_chosen_moments();
        if (recipe != OPTIONS)
            frozen();
    }
    folder_remove(base);
    free(data), free(through);
    return check_result();
}
