/* SPDX-License-Identifier: MIT */
/*
 * The range test on drawn pictures: its learning rates; that it trains the same
 * parameters as the job's first phase; how it ends; and that it leaves nothing behind.
 *
 * Runs that write model files are processes of their own (train_kit.h) and come first.
 */
#include "base/file.h"
#include "train/find_lr.h"
#include "train_kit.h"

static char *base, *data;
static struct ic_error error;

static struct ic_lr_curve curve_of(const struct ic_job *job, int steps)
{
    struct ic_lr_curve curve = {0};
    struct ic_job own = *job; /* a copy, which the test completes */

    CHECK_OK(ic_find_lr(&own, steps, NULL, NULL, &curve, &error));
    return curve;
}

static bool same(const struct ic_lr_curve *a, const struct ic_lr_curve *b)
{
    return a->count == b->count && a->end == b->end && a->suggested == b->suggested &&
           memcmp(a->points, b->points, (size_t)a->count * sizeof *a->points) == 0;
}

/* 16 pictures for training, 4 per step: 24 steps are 6 epochs. The first loss is that
 * of the first step of a run, and the rates are a geometric sequence. */
static void course(const struct kit_result *run)
{
    const struct ic_job job = kit_job(data, "none");
    struct ic_lr_curve curve = curve_of(&job, 24);
    double best = INFINITY;

    CHECK(curve.count > 16 && curve.end != IC_LR_GOES_ON);
    CHECK_NEAR(curve.points[0].lr, 1e-7, 1e-20);
    CHECK_NEAR(curve.points[0].loss, run->first_loss, 0);
    CHECK_NEAR(curve.points[0].smooth_loss, run->first_loss, 1e-12);
    for (int i = 0; i < curve.count; i++) {
        const struct ic_lr_point *point = &curve.points[i];

        CHECK_NEAR(log10(point->lr), -7 + 8 * i / 24.0, 1e-12);
        if (point->smooth_loss < best)
            best = point->smooth_loss;
        if (point->smooth_loss > 4 * best)
            CHECK_INT(i, curve.count - 1);
    }
    CHECK(curve.suggested >= 2 && curve.suggested < curve.count - 5);
    ic_lr_curve_free(&curve);
}

/* The bits are the same for any number of threads, and when repeated. */
static void repeated(void)
{
    struct ic_job job = kit_job(data, "none");
    struct ic_lr_curve first = curve_of(&job, 7), second;

    job.compute.threads = 2;
    job.workers = 1;
    second = curve_of(&job, 7);
    CHECK(same(&first, &second));
    ic_lr_curve_free(&second);
    job.seed = 43;
    second = curve_of(&job, 7);
    CHECK(!same(&first, &second));
    ic_lr_curve_free(&first);
    ic_lr_curve_free(&second);
}

/* The range test ignores the job's rates, epochs and lengths. */
static void what_does_not_count(void)
{
    struct ic_job job = kit_job(data, "none");
    struct ic_lr_curve first = curve_of(&job, 6), second;

    job.lr = 0.3;
    job.epochs = 7;
    job.max_steps = 2;
    job.patience = 1;
    job.ema = 0.9;
    job.resume = true;
    second = curve_of(&job, 6);
    CHECK(same(&first, &second));
    ic_lr_curve_free(&first);
    ic_lr_curve_free(&second);
}

/* Fine-tuning tests its frozen phase (with the batch norms frozen, the body computes as
 * in evaluation), or, without such a phase, all layers. one-cycle always tests all
 * layers. */
static void phases(const char *model)
{
    struct ic_job job = kit_job(data, "none");
    struct ic_lr_curve frozen, rigid, whole, one_cycle;

    job.pretrained = model;
    job.head = "plain";
    frozen = curve_of(&job, 10);
    job.freeze = "bn";
    rigid = curve_of(&job, 10);
    job.freeze_epochs = 0;
    whole = curve_of(&job, 10);
    job.recipe = "one-cycle";
    one_cycle = curve_of(&job, 10);
    CHECK(same(&whole, &one_cycle));
    CHECK(frozen.points[0].loss == whole.points[0].loss);
    CHECK(frozen.points[7].loss != whole.points[7].loss);
    CHECK(frozen.points[0].loss != rigid.points[0].loss);
    ic_lr_curve_free(&frozen);
    ic_lr_curve_free(&rigid);
    ic_lr_curve_free(&whole);
    ic_lr_curve_free(&one_cycle);
}

/* A model file whose last two numbers, the biases of the head, are `bias` and -`bias`.
 */
static char *put_model(const char *from, float bias)
{
    char *path = folder_path(base, "biased.safetensors");
    const float biases[2] = {bias, -bias};
    uint8_t *bytes = NULL;
    size_t size = 0;

    CHECK_OK(ic_file_read(from, (size_t)1 << 30, &bytes, &size, &error));
    memcpy(bytes + size - sizeof biases, biases, sizeof biases);
    CHECK_OK(ic_file_write(path, bytes, size, &error));
    free(bytes);
    return path;
}

/* Losses of 1e38 hide that a decay of 100 times the rate makes the weights grow until
 * they overflow. The test then ends like any other. */
static void overflow_at_the_end(const char *model)
{
    char *biased = put_model(model, 5e37f);
    struct ic_job job = kit_job(data, "none");
    struct ic_lr_curve curve;

    job.pretrained = biased;
    job.head = "plain";
    job.freeze_epochs = 0;
    job.weight_decay = 100;
    curve = curve_of(&job, 70);
    CHECK_INT(curve.end, IC_LR_NOT_FINITE);
    CHECK(curve.count > 50 && curve.count < 70);
    CHECK(curve.suggested >= 7 && curve.suggested < curve.count);
    ic_lr_curve_free(&curve);
    free(biased);
}

/* An overflow at the beginning is a failure that says where. */
static void overflow_at_once(const char *model)
{
    char *biased = put_model(model, 3e38f);
    struct ic_job job = kit_job(data, "none");
    struct ic_lr_curve curve = {0};

    job.pretrained = biased;
    job.head = "plain";
    CHECK_FAILS(ic_find_lr(&job, 20, NULL, NULL, &curve, &error), IC_ERR_NUMERIC,
                "the range test ended after 1 of 20 steps, too early to suggest a "
                "learning rate: the loss of step 1 is not finite, first in fc");
    CHECK(curve.points == NULL);
    free(biased);
}

/* A listener that stops the test after some steps. */
struct listener {
    atomic_int stop;
    int steps, stop_after, notes;
};

static void on_step(void *context, const struct ic_lr_curve *curve, double seconds)
{
    struct listener *listener = context;

    CHECK_INT(curve->count, ++listener->steps);
    CHECK(seconds > 0);
    listener->stop = listener->steps == listener->stop_after;
}

static void on_note(void *context, const char *sentence)
{
    ((struct listener *)context)->notes++;
    CHECK(strstr(sentence, "images/pug_99.png is left out") != NULL);
}

static void stopped_and_told(void)
{
    struct listener listener = {.stop_after = 5};
    const struct ic_find_lr_events events = {&listener, on_step, on_note};
    struct ic_job job = kit_job(data, "none");
    struct ic_lr_curve curve = {0};

    folder_put_text(data, "images/pug_99.png", "no picture");
    job.bad_images = "skip";
    CHECK_OK(ic_find_lr(&job, 12, &events, &listener.stop, &curve, &error));
    CHECK_INT(curve.end, IC_LR_GOES_ON);
    CHECK_INT(curve.count, 5);
    CHECK_INT(listener.notes, 1);
    ic_lr_curve_free(&curve);

    listener.steps = 0; /* the flag is still up */
    CHECK_OK(ic_find_lr(&job, 12, &events, &listener.stop, &curve, &error));
    CHECK_INT(curve.end, IC_LR_GOES_ON);
    CHECK_INT(curve.count, 0);
    ic_lr_curve_free(&curve);

    job.bad_images = "fail";
    CHECK_FAILS(ic_find_lr(&job, 12, NULL, NULL, &curve, &error), IC_ERR_FORMAT,
                "images/pug_99.png");
    job.batch = 100;
    CHECK_FAILS(ic_find_lr(&job, 12, NULL, NULL, &curve, &error), IC_ERR_USAGE,
                "--batch is 100");
}

int main(void)
{
    struct kit_result *run;
    struct ic_job job;
    char *out, *model;

    base = folder_make();
    data = folder_path(base, "pets");
    out = folder_path(base, "run");
    model = folder_path(out, "model.safetensors");
    kit_draw(data, 32);
    job = kit_job(data, out);
    job.epochs = 1;
    run = kit_run(&job, NULL);
    CHECK_INT(run->status, IC_OK);

    course(run);
    repeated();
    what_does_not_count();
    phases(model);
    overflow_at_the_end(model);
    overflow_at_once(model);
    stopped_and_told();
    free(model);
    free(out);
    free(data);
    folder_remove(base);
    return check_result();
}
