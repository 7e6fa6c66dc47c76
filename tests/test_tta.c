/* SPDX-License-Identifier: MIT */
/*
 * Test-time augmentation against its definition, view by view: fastai's Learner.tta
 * computes torch.lerp(mean of four drawn passes, plain pass, 0.25).
 */
#include "score/tta.h"

#include "check.h"
#include "folder.h"
#include "model/engine.h"
#include "model/init.h"
#include "pictures.h"

enum { COUNT = 11, CLASSES = 3, BATCH = 4, MAX_CALLS = 64 };

static struct ic_error error;
static struct ic_dataset dataset;
static struct ic_model model;
static struct ic_engine engine;
static uint32_t all[COUNT];

static void open_all(const char *folder)
{
    static const char *const names[CLASSES] = {"a", "b", "c"};
    const struct ic_engine_options options = {
        .compute = {.device = "cpu", .conv = "auto", .precision = "fp32", .threads = 2},
        .plan = {.batch = BATCH},
    };

    for (int i = 0; i < COUNT; i++) {
        char name[32];

        snprintf(name, sizeof name, "%s/%02d.png", names[i % CLASSES], i);
        picture_put(folder, name, true, 40 + 3 * i, 70 - 2 * i, i);
        all[i] = (uint32_t)(COUNT - 1 - i);
    }
    CHECK_OK(ic_dataset_open(folder, IC_LABELS_FOLDER, &dataset, &error));
    CHECK_INT(dataset.count, COUNT);
    CHECK_OK(ic_model_init(&model, "resnet18", "plain", names, CLASSES, "folder", 32,
                           IC_FIT_CROP, &error));
    CHECK_OK(ic_engine_open(&engine, &model, &options, &error));
    CHECK_OK(ic_init_weights(engine.net, 5, &error));
}

/* All logits of a pass, in the order of the pictures. */
struct pass {
    double p[COUNT][CLASSES];
    float logits[COUNT][CLASSES];
    int labels[COUNT];
    int done, views; /* done: pictures; views: calls of on_view */
};

static void keep(void *context, const struct ic_batch *batch, const float *logits)
{
    struct pass *pass = context;

    for (int i = 0; i < batch->count; i++, pass->done++) {
        double sum = 0;

        CHECK_INT(batch->samples[i], all[pass->done]);
        pass->labels[pass->done] = batch->labels[i];
        for (int c = 0; c < CLASSES; c++) {
            pass->logits[pass->done][c] = logits[i * CLASSES + c];
            sum += pass->p[pass->done][c] = exp(logits[i * CLASSES + c]);
        }
        for (int c = 0; c < CLASSES; c++)
            pass->p[pass->done][c] /= sum;
    }
}

static void count_view(void *context, const struct ic_batch *batch)
{
    ((struct pass *)context)->views++;
}

static struct ic_eval_options options_for(struct pass *pass, uint64_t seed)
{
    *pass = (struct pass){.done = 0};
    return (struct ic_eval_options){
        .model = &model,
        .dataset = &dataset,
        .samples = all,
        .sample_count = COUNT,
        .batch = BATCH,
        .workers = 3,
        .seed = seed,
        .on_batch = keep,
        .context = pass,
    };
}

/* The definition. */
static void blend_naively(double p[COUNT][CLASSES], uint64_t seed, int presize)
{
    struct pass plain, drawn;
    double before[COUNT][CLASSES];
    struct ic_eval_options options = options_for(&plain, seed);
    struct ic_model presized = model;
    struct ic_scores scores;

    CHECK_OK(ic_evaluate(engine.net, &options, &scores, &error));
    ic_scores_free(&scores);
    memset(p, 0, sizeof plain.p);
    presized.presize = presize;
    for (uint32_t view = 0; view < 4; view++) {
        options = options_for(&drawn, seed);
        options.model = &presized;
        options.random_views = true;
        options.view = view;
        CHECK_OK(ic_evaluate(engine.net, &options, &scores, &error));
        ic_scores_free(&scores);
        CHECK(memcmp(drawn.p, plain.p, sizeof plain.p) != 0);
        CHECK(view == 0 || memcmp(drawn.p, before, sizeof before) != 0);
        memcpy(before, drawn.p, sizeof before);
        for (int i = 0; i < COUNT; i++)
            for (int c = 0; c < CLASSES; c++)
                p[i][c] += 0.75 / 4 * drawn.p[i][c];
    }
    for (int i = 0; i < COUNT; i++)
        for (int c = 0; c < CLASSES; c++)
            p[i][c] += 0.25 * plain.p[i][c];
}

static void check_seed(uint64_t seed, int presize, struct pass *found)
{
    const struct ic_eval_options options = options_for(found, seed);
    double expected[COUNT][CLASSES], loss = 0;
    struct ic_scores scores;
    size_t wrong = 0;

    blend_naively(expected, seed, presize);
    CHECK_OK(ic_evaluate_tta(engine.net, &options, count_view, &scores, &error));
    CHECK_INT(found->done, COUNT);
    CHECK_INT(found->views, 4 * ((COUNT + BATCH - 1) / BATCH));
    for (int i = 0; i < COUNT; i++) {
        int best = 0;

        for (int c = 0; c < CLASSES; c++) {
            CHECK_NEAR(found->p[i][c], expected[i][c], 1e-6);
            CHECK_NEAR(found->logits[i][c], log(expected[i][c]), 1e-5);
            best = expected[i][c] > expected[i][best] ? c : best;
        }
        wrong += best != found->labels[i];
        loss -= log(expected[i][found->labels[i]]);
    }
    CHECK_INT(scores.images, COUNT);
    CHECK_INT(scores.wrong, wrong);
    CHECK_NEAR(ic_scores_loss(&scores), loss / COUNT, 1e-5);
    ic_scores_free(&scores);
}

/* The logits of one picture with a model of this fit that turns pictures upright, or
 * not. */
static void logits_of(const struct ic_dataset *set, enum ic_fit fit, bool upright,
                      float out[CLASSES])
{
    static struct pass pass;
    struct ic_eval_options options = options_for(&pass, 1);
    struct ic_model own = model;
    struct ic_scores scores;

    all[0] = 0;
    own.fit = fit;
    own.upright = upright;
    own.presize = 0;
    options.model = &own;
    options.dataset = set;
    options.sample_count = 1;
    CHECK_OK(ic_evaluate(engine.net, &options, &scores, &error));
    ic_scores_free(&scores);
    memcpy(out, pass.logits[0], CLASSES * sizeof *out);
}

/* The model says how a picture becomes a square. */
static void test_frame(const char *folder)
{
    char *below = folder_path(folder, "turned");
    struct ic_dataset set;
    float crop[CLASSES], squish[CLASSES], upright[CLASSES];
    const uint32_t first = all[0];

    picture_put(below, "a/one.jpg", false, 80, 50, 3);
    picture_add_exif(below, "a/one.jpg", 6);
    CHECK_OK(ic_dataset_open(below, IC_LABELS_FOLDER, &set, &error));
    logits_of(&set, IC_FIT_CROP, false, crop);
    logits_of(&set, IC_FIT_SQUISH, false, squish);
    logits_of(&set, IC_FIT_CROP, true, upright);
    CHECK(memcmp(crop, squish, sizeof crop) != 0);
    CHECK(memcmp(crop, upright, sizeof crop) != 0);
    all[0] = first;
    ic_dataset_close(&set);
    free(below);
}

/* A stop leaves the results so far, and reports it. */
static void test_stop(void)
{
    static const atomic_int stop = 1;
    struct pass pass;
    struct ic_eval_options options = options_for(&pass, 1);
    struct ic_scores scores;

    options.stop = &stop;
    CHECK_OK(ic_evaluate_tta(engine.net, &options, NULL, &scores, &error));
    CHECK(scores.stopped);
    CHECK_INT(pass.done, 0);
    ic_scores_free(&scores);
}

int main(void)
{
    static struct pass one, same, other;
    char *folder = folder_make();

    open_all(folder);
    check_seed(7, 66, &one); /* 460/224 of 32 */
    check_seed(7, 66, &same);
    CHECK(memcmp(&one, &same, sizeof one) == 0);
    check_seed(8, 66, &other);
    CHECK(memcmp(&one, &other, sizeof one) != 0);
    model.presize = 40;
    check_seed(7, 40, &other);
    test_stop();
    test_frame(folder);
    ic_engine_close(&engine);
    ic_model_free(&model);
    ic_dataset_close(&dataset);
    folder_remove(folder);
    return check_result();
}
