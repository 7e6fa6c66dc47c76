/* SPDX-License-Identifier: MIT */
/*
 * Early stopping: each phase of a run ends when the rule says so, read from
 * metrics.csv. The rows before the end are those of a run without it, and interrupted
 * runs end the same way.
 */
#include "base/file.h"
#include "train_kit.h"

static char *base, *data, *through;
static struct ic_error error;

enum { PATIENCE = 1, FREEZE_EPOCHS = 4, EPOCHS = 4, STEPS = 4 };

/* Weights that hardly move: from epoch to epoch only the running statistics change, and
 * the validation figures go up and down, the same on every machine. */
static struct ic_job make_job(const char *out)
{
    struct ic_job job = kit_job(data, out);

    job.recipe = "fine-tune";
    job.freeze_epochs = FREEZE_EPOCHS;
    job.epochs = EPOCHS;
    job.lr = 1e-9;
    job.patience = PATIENCE;
    job.checkpoint_every = 0;
    return job;
}

/* --- the rule, naively ------------------------------------------------------------ */

struct row {
    char phase[20];
    int epoch, step;
    double train_loss, valid_loss, error_rate;
};

/* Reads the rows of metrics.csv; returns their number. */
static int read_rows(const char *out, struct row *rows, int most)
{
    char *text = kit_content(out, "metrics.csv");
    int count = 0;

    for (char *line = strchr(text, '\n'); line != NULL && count < most;
         line = strchr(line + 1, '\n')) {
        struct row *row = &rows[count];

        count += sscanf(line + 1, "%19[^,],%d,%d,%lf,%lf,%lf", row->phase, &row->epoch,
                        &row->step, &row->train_loss, &row->valid_loss,
                        &row->error_rate) == 6;
    }
    free(text);
    return count;
}

/* The number of rows that a phase should have: up to the end of the first PATIENCE rows
 * in succession of which none is better than the whole phase before them. */
static int expected_length(const struct row *rows, int count, int epochs)
{
    int best = 0;

    for (int i = 1; i < count && i < epochs; i++) {
        const bool better = rows[i].error_rate < rows[best].error_rate ||
                            (rows[i].error_rate == rows[best].error_rate &&
                             rows[i].valid_loss < rows[best].valid_loss);

        best = better ? i : best;
        if (i - best == PATIENCE)
            return i + 1;
    }
    return epochs;
}

static int phase_rows(const struct row *rows, int count, const char *phase)
{
    int found = 0;

    for (int i = 0; i < count; i++)
        found += strcmp(rows[i].phase, phase) == 0;
    return found;
}

/* --- an uninterrupted run --------------------------------------------------------- */

static int frozen_epochs, all_epochs; /* of the run */

static void follows_the_rule(void)
{
    struct ic_job job = make_job(through);
    const struct kit_result *result = kit_run(&job, NULL);
    struct row rows[20];
    int unfrozen;

    CHECK_INT(result->status, IC_OK);
    CHECK_INT(result->end, IC_RUN_DONE);
    all_epochs = read_rows(through, rows, 20);
    frozen_epochs = phase_rows(rows, all_epochs, "frozen");
    unfrozen = all_epochs - frozen_epochs;
    CHECK_INT(frozen_epochs, expected_length(rows, all_epochs, FREEZE_EPOCHS));
    CHECK_INT(unfrozen, expected_length(rows + frozen_epochs, unfrozen, EPOCHS));
    CHECK(frozen_epochs < FREEZE_EPOCHS && unfrozen < EPOCHS); /* both were cut */
    CHECK_INT(result->epochs, all_epochs);
    CHECK_INT(result->steps, all_epochs * STEPS);
    CHECK_INT(result->last_step.steps, (frozen_epochs + EPOCHS) * STEPS);
    for (int i = 0; i < all_epochs; i++) {
        CHECK_INT(rows[i].epoch, i);
        CHECK_INT(rows[i].step, (i + 1) * STEPS);
    }
}

/* Each early end is reported, with the best epoch. */
static void tells_why(void)
{
    struct ic_job job = make_job(through);
    const struct kit_result *result;
    char frozen[200], run[200];

    snprintf(frozen, sizeof frozen,
             "the frozen phase ended early, after epoch %d: no epoch since epoch %d "
             "validated better (--patience 1)\n",
             frozen_epochs - 1, frozen_epochs - 2);
    snprintf(run, sizeof run,
             "the run ended early, after epoch %d: no epoch since epoch %d validated "
             "better (--patience 1)\n",
             all_epochs - 1, all_epochs - 2);
    job.resume = true;
    result = kit_run(&job, NULL);
    CHECK_INT(result->status, IC_OK);
    CHECK_INT(result->end, IC_RUN_DONE);
    CHECK_INT(result->steps, 0);
    CHECK(strstr(result->all_notes, "is finished: ") != NULL);
    CHECK(strstr(result->all_notes, run) != NULL);
    CHECK(strstr(result->all_notes, frozen) == NULL);

    job = make_job(folder_path(base, "told"));
    result = kit_run(&job, NULL);
    CHECK(strstr(result->all_notes, frozen) != NULL);
    CHECK(strstr(result->all_notes, run) != NULL);
    free((char *)job.out);
}

/* The steps before the cut are those of a run without patience: the schedule is that of
 * all epochs. The steps after it begin the next phase. */
static void keeps_the_schedule(void)
{
    char *out = folder_path(base, "patient"), *with, *without, *row;
    struct ic_job job = make_job(out);
    const int cut = frozen_epochs * STEPS;
    double lr = 0;

    job.patience = 0;
    job.max_steps = cut;
    CHECK_INT(kit_run(&job, NULL)->status, IC_OK);
    with = row = kit_content(through, "steps.csv");
    without = kit_content(out, "steps.csv");
    CHECK(strncmp(with, without, strlen(without)) == 0);
    for (int i = 0; i <= cut && row != NULL; i++)
        row = strchr(row + 1, '\n');
    CHECK(row != NULL && sscanf(row + 1, "%*d,unfrozen,%lf", &lr) == 1);
    CHECK_NEAR(lr, job.lr / 2 / 5, 1e-6 * job.lr);
    free(with), free(without), free(out);
}

/* --- interrupted runs ------------------------------------------------------------- */

/* Interrupts around both cuts: the last validation of the frozen phase, the checkpoint
 * after it, a step of the next phase, the epoch before the end. */
static void interrupted(void)
{
    const struct kit_interrupt moments[] = {
        {KIT_VALIDATION, KIT_STOP, frozen_epochs - 1, 0},
        {KIT_EPOCH, KIT_KILL, frozen_epochs - 1, 0},
        {KIT_STEP, KIT_STOP, frozen_epochs * STEPS + 1, 0},
        {KIT_EPOCH, KIT_KILL, all_epochs - 2, 0},
    };
    char *out = folder_path(base, "interrupted");
    struct ic_job job = make_job(out);

    for (int i = 0; i < 4; i++) {
        const struct kit_result *result = kit_run(&job, &moments[i]);

        CHECK_STRING(result->error.message, "");
        CHECK(result->killed == (moments[i].action == KIT_KILL));
        job.resume = true;
        job.compute.threads = 1 + i % 2;
    }
    CHECK_INT(kit_run(&job, NULL)->end, IC_RUN_DONE);
    CHECK(kit_same_file(out, through, "model.safetensors"));
    CHECK(kit_same_file(out, through, "best.safetensors"));
    CHECK(kit_same_file(out, through, "steps.csv"));
    free(out);
}

/* A checkpoint that claims to have waited for more epochs than it has. */
static void impossible(void)
{
    char *path = folder_path(through, "checkpoint.safetensors"), *figure;
    struct ic_job job = make_job(through);
    const struct kit_result *result;
    uint8_t *bytes = NULL;
    size_t size = 0;

    CHECK_OK(ic_file_read(path, (size_t)1 << 30, &bytes, &size, &error));
    figure = memmem(bytes, size, "\"checkpoint.waited\"", 19);
    figure = figure != NULL ? memchr(figure, '1', 30) : NULL;
    CHECK(figure != NULL);
    if (figure != NULL)
        *figure = '9';
    kit_sign_header(path, bytes, size);
    folder_put(through, "checkpoint.safetensors", bytes, size);
    job.resume = true;
    result = kit_run(&job, NULL);
    CHECK_INT(result->status, IC_ERR_FORMAT);
    CHECK(strstr(result->error.message, "its figures of early stopping") != NULL);
    free(bytes), free(path);
}

int main(void)
{
    base = folder_make();
    data = folder_path(base, "pets");
    through = folder_path(base, "through");
    kit_draw(data, 32);
    follows_the_rule();
    tells_why();
    keeps_the_schedule();
    interrupted();
    impossible();
    folder_remove(base);
    free(data), free(through);
    return check_result();
}
