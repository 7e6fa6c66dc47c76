/* SPDX-License-Identifier: MIT */
/*
 * --ema: the averaged weights follow the rule from the weights of each step. The model
 * files and validation use them, the checkpoint has both sets, and training is
 * unchanged.
 */
#include "format/safetensors.h"
#include "train_kit.h"

static char *base, *data;
static struct ic_error error;

enum { STEPS = 3 };
static const double decay = 0.7;

static struct ic_job make_job(const char *out, int steps, double ema)
{
    struct ic_job job = kit_job(data, out);

    job.max_steps = steps;
    job.ema = ema;
    job.checkpoint_every = 0;
    return job;
}

static struct ic_safetensors *open_file(const char *out, const char *name)
{
    char *path = folder_path(out, "%s", name);
    struct ic_safetensors *file = NULL;

    if (ic_safetensors_open(path, &file, &error) != IC_OK) {
        fprintf(stderr, "%s\n", error.message);
        exit(1);
    }
    free(path);
    return file;
}

/* The tensor "PREFIX NAME". */
static const struct ic_tensor *find(const struct ic_safetensors *file,
                                    const char *prefix, const char *name)
{
    char full[200];
    const struct ic_tensor *tensor;

    snprintf(full, sizeof full, "%s%s", prefix, name);
    tensor = ic_safetensors_find(file, full);
    if (tensor == NULL) {
        CHECK_FAIL("there is no tensor %s", full);
        exit(1);
    }
    return tensor;
}

/* Weights and running statistics, low and high. */
static const char *const names[] = {"conv1.weight",     "bn1.weight",
                                    "bn1.running_mean", "layer3.bn.running_var",
                                    "fc.weight",        "fc.bias"};

/* --- the rule, naively ------------------------------------------------------------ */

/* The weights of runs without an average that end after each of the steps. */
static void run_plain(struct ic_safetensors *steps[STEPS])
{
    for (int i = 0; i < STEPS; i++) {
        char *out = folder_path(base, "plain%d", i + 1);
        const struct ic_job job = make_job(out, i + 1, 0);

        CHECK_INT(kit_run(&job, NULL)->status, IC_OK);
        steps[i] = open_file(out, "checkpoint.safetensors");
        free(out);
    }
}

/* The first step's weights, then decay * average + (1 - decay) * weights. */
static void check_average(const struct ic_tensor *found,
                          struct ic_safetensors *const steps[STEPS], const char *name)
{
    const float *const values = found->data;
    double *const average = check_alloc(found->count, sizeof *average);

    for (int step = 0; step < STEPS; step++) {
        const float *const weights = find(steps[step], "model.", name)->data;

        for (size_t i = 0; i < found->count; i++)
            average[i] =
                step == 0 ? weights[i] : decay * average[i] + (1 - decay) * weights[i];
    }
    if (!(check_relative_norm(values, average, found->count) < 1e-6))
        CHECK_FAIL("%s is not the average", name);
    free(average);
}

static bool same(const struct ic_tensor *a, const struct ic_tensor *b)
{
    return a->count == b->count &&
           memcmp(a->data, b->data, a->count * sizeof(float)) == 0;
}

static void follows_the_rule(void)
{
    char *out = folder_path(base, "ema");
    const struct ic_job job = make_job(out, STEPS, decay);
    struct ic_safetensors *steps[STEPS], *checkpoint, *model, *best;
    char *plain = folder_path(base, "plain%d", STEPS);

    run_plain(steps);
    CHECK_INT(kit_run(&job, NULL)->status, IC_OK);
    checkpoint = open_file(out, "checkpoint.safetensors");
    model = open_file(out, "model.safetensors");
    best = open_file(out, "best.safetensors");
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const struct ic_tensor *average = find(model, "", names[i]);
        const struct ic_tensor *weights = find(checkpoint, "model.", names[i]);

        check_average(average, steps, names[i]);
        CHECK(same(find(best, "", names[i]), average));
        CHECK(same(find(checkpoint, "average.", names[i]), average));
        CHECK(same(weights, find(steps[STEPS - 1], "model.", names[i])));
        CHECK(!same(weights, average));
    }
    CHECK(kit_same_file(out, plain, "steps.csv"));
    ic_safetensors_close(checkpoint);
    ic_safetensors_close(model);
    ic_safetensors_close(best);
    for (int i = 0; i < STEPS; i++)
        ic_safetensors_close(steps[i]);
    free(out), free(plain);
}

/* --- a stop during the validation of the average ---------------------------------- */

/* The checkpoint of a run that is stopped during a validation has the weights as
 * weights. Resumed from it, the run gives the same result as an uninterrupted one. */
static void stopped_in_validation(void)
{
    const struct kit_interrupt stop = {KIT_VALIDATION, KIT_STOP, 0, 0};
    char *through = folder_path(base, "ema"), *out = folder_path(base, "stopped");
    struct ic_job job = make_job(out, STEPS, decay);
    struct ic_safetensors *expected, *found;

    CHECK_INT(kit_run(&job, &stop)->end, IC_RUN_STOPPED);
    expected = open_file(through, "checkpoint.safetensors");
    found = open_file(out, "checkpoint.safetensors");
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        CHECK(
            same(find(found, "model.", names[i]), find(expected, "model.", names[i])));
        CHECK(same(find(found, "average.", names[i]),
                   find(expected, "average.", names[i])));
    }
    ic_safetensors_close(expected);
    ic_safetensors_close(found);
    job.resume = true;
    job.compute.threads = 2;
    CHECK_INT(kit_run(&job, NULL)->end, IC_RUN_DONE);
    CHECK(kit_same_file(out, through, "model.safetensors"));
    CHECK(kit_same_file(out, through, "best.safetensors"));
    free(out), free(through);
}

int main(void)
{
    base = folder_make();
    data = folder_path(base, "pets");
    kit_draw(data, 32);
    follows_the_rule();
    stopped_in_validation();
    folder_remove(base);
    free(data);
    return check_result();
}
