/* SPDX-License-Identifier: MIT */
/*
 * The public functions of libim2cat, called through their header alone: their bits
 * against a scorer's, refusals, and the state after a failure.
 */
#include "library/im2cat.h"

#include "base/file.h"
#include "check.h"
#include "folder.h"
#include "image/image.h"
#include "model/engine.h"
#include "model/init.h"
#include "pictures.h"
#include "score/scorer.h"
#include "train/model_file.h"

enum { COUNT = 5, BATCH = 3, CLASSES = 3, SIZE = 32 };

static struct ic_error error;
static struct im2cat_error said;
static char *folder, *model_path, *paths[COUNT];
static float expected[COUNT][CLASSES];

/* Checks the message and the status of a failing function. */
#define CHECK_REFUSED(call, status_, words)                     \
    do {                                                        \
        memset(&said, 0x55, sizeof said);                       \
        CHECK_INT(call, status_);                               \
        CHECK_INT(said.status, status_);                        \
        CHECK(memchr(said.message, '\0', sizeof said.message)); \
        CHECK(strstr(said.message, words) != NULL);             \
    } while (0)

static void make_files(void)
{
    static const char *const names[CLASSES] = {"cat", "dog", "\xc3\xa9l\xc3\xa9phant"};
    const struct ic_engine_options options = {.compute = ic_compute_default,
                                              .plan = {.batch = 1}};
    struct ic_engine engine;
    struct ic_model model;

    folder = folder_make();
    model_path = folder_path(folder, "model.safetensors");
    for (int i = 0; i < COUNT; i++) {
        char name[32];

        snprintf(name, sizeof name, "%d.%s", i, i % 2 ? "png" : "jpg");
        picture_put(folder, name, i % 2, 40 + 3 * i, 70 - 2 * i, i);
        paths[i] = folder_path(folder, "%s", name);
    }
    CHECK_OK(ic_model_init(&model, "resnet18", "plain", names, CLASSES, "folder", SIZE,
                           IC_FIT_CROP, &error));
    CHECK_OK(ic_engine_open(&engine, &model, &options, &error));
    CHECK_OK(ic_init_weights(engine.net, 5, &error));
    CHECK_OK(ic_model_file_save(model_path, &model, engine.net, 0, &error));
    ic_engine_close(&engine);
    ic_model_free(&model);
}

/* Fills `expected` by the scorer below the library, one picture at a time. */
static void expect(void)
{
    const struct ic_model_source source = {.path = model_path};
    struct ic_classifier *classifier;
    struct ic_scorer *scorer;

    CHECK_OK(ic_classifier_open(&source, &ic_compute_default, BATCH, IC_FOLD_FOR_MANY,
                                &classifier, &error));
    CHECK_OK(ic_scorer_open(classifier, &scorer, &error));
    for (int i = 0; i < COUNT; i++) {
        CHECK_OK(ic_scorer_set_file(scorer, 0, paths[i], IC_DECODE_EXACT, &error));
        CHECK_OK(ic_scorer_run(scorer, 1, expected[i], &error));
    }
    ic_scorer_close(scorer);
    ic_classifier_close(classifier);
}

static struct im2cat_model *open_model(int batch)
{
    struct im2cat_options options = IM2CAT_OPTIONS;
    struct im2cat_model *model;

    options.batch = batch;
    CHECK_INT(im2cat_model_open(model_path, &options, &model, &said), IM2CAT_OK);
    if (model == NULL)
        exit(99);
    return model;
}

static void description(const struct im2cat_model *model)
{
    CHECK_STRING(im2cat_version(), PACKAGE_VERSION);
    CHECK_INT(im2cat_class_count(model), CLASSES);
    CHECK_STRING(im2cat_class_name(model, 0), "cat");
    CHECK_STRING(im2cat_class_name(model, 2), "\xc3\xa9l\xc3\xa9phant");
    CHECK(im2cat_class_name(model, -1) == NULL);
    CHECK(im2cat_class_name(model, CLASSES) == NULL);
    CHECK_INT(im2cat_picture_size(model), SIZE);
}

/* --- bits ---------------------------------------------------------------------- */

/* Scores picture i by its file, as bytes, or as pixels, at position `at` of a batch. */
static void set(struct im2cat_scorer *scorer, int at, int i)
{
    uint8_t *bytes;
    size_t size;

    if (i % 3 == 0) {
        CHECK_INT(im2cat_set_file(scorer, at, paths[i], &said), IM2CAT_OK);
        return;
    }
    CHECK_OK(ic_file_read(paths[i], 1 << 20, &bytes, &size, &error));
    if (i % 3 == 1) {
        CHECK_INT(im2cat_set_bytes(scorer, at, bytes, size, NULL, &said), IM2CAT_OK);
    } else {
        struct ic_image image;

        CHECK_OK(ic_image_decode(bytes, size, paths[i], &image, NULL, &error));
        CHECK_INT(
            im2cat_set_pixels(scorer, at, image.rgb, image.height, image.width, &said),
            IM2CAT_OK);
        memset(image.rgb, 0xff, 100);
        ic_image_free(&image);
    }
    memset(bytes, 0xff, size); /* not needed any more */
    free(bytes);
}

/* Batches of each length, each picture at each position: the scorer's bits. */
static void bits(const struct im2cat_model *model)
{
    struct im2cat_scorer *scorer;

    CHECK_INT(im2cat_scorer_open(model, &scorer, &said), IM2CAT_OK);
    for (int count = 1; count <= BATCH; count++)
        for (int first = 0; first < COUNT; first++) {
            float logits[BATCH][CLASSES];

            for (int at = 0; at < count; at++)
                set(scorer, at, (first + at) % COUNT);
            CHECK_INT(im2cat_run(scorer, count, logits[0], &said), IM2CAT_OK);
            for (int at = 0; at < count; at++)
                CHECK(memcmp(logits[at], expected[(first + at) % COUNT],
                             sizeof logits[at]) == 0);
        }
    im2cat_scorer_close(scorer);
}

/* The default, a batch of one, differs by rounding at most. */
static void other_batch(void)
{
    struct im2cat_model *model;
    struct im2cat_scorer *scorer;
    double sum = 0, probabilities[CLASSES];
    float logits[CLASSES];

    CHECK_INT(im2cat_model_open(model_path, NULL, &model, NULL), IM2CAT_OK);
    CHECK_INT(im2cat_scorer_open(model, &scorer, NULL), IM2CAT_OK);
    CHECK_INT(im2cat_set_file(scorer, 0, paths[0], NULL), IM2CAT_OK);
    CHECK_INT(im2cat_run(scorer, 1, logits, NULL), IM2CAT_OK);
    for (int i = 0; i < CLASSES; i++)
        CHECK_NEAR(logits[i], expected[0][i], 1e-4);
    im2cat_softmax(probabilities, logits, CLASSES);
    for (int i = 0; i < CLASSES; i++)
        sum += probabilities[i];
    CHECK_NEAR(sum, 1, 1e-12);
    im2cat_scorer_close(scorer);
    im2cat_model_close(model);
}

/* --- what is refused ----------------------------------------------------------- */

static void opening(void)
{
    struct im2cat_options options = IM2CAT_OPTIONS;
    struct im2cat_model *model;
    struct im2cat_scorer *scorer;

#define CHECK_NOT_OPENED(status, words)                                               \
    do {                                                                              \
        CHECK_REFUSED(im2cat_model_open(model_path, &options, &model, &said), status, \
                      words);                                                         \
        CHECK(model == NULL);                                                         \
        options = (struct im2cat_options)IM2CAT_OPTIONS;                              \
    } while (0)

    CHECK_REFUSED(im2cat_model_open("nowhere.safetensors", NULL, &model, &said),
                  IM2CAT_IO, "nowhere.safetensors");
    CHECK(model == NULL);
    CHECK_REFUSED(im2cat_model_open(paths[0], NULL, &model, &said), IM2CAT_FORMAT,
                  paths[0]);
    CHECK_REFUSED(im2cat_model_open(NULL, NULL, &model, &said), IM2CAT_USAGE,
                  "path is NULL");
    CHECK_INT(im2cat_model_open(NULL, NULL, &model, NULL), IM2CAT_USAGE);
    options.size = 0;
    CHECK_NOT_OPENED(IM2CAT_USAGE, "IM2CAT_OPTIONS");
    options.batch = -1;
    CHECK_NOT_OPENED(IM2CAT_USAGE, "options.batch is -1, must be 1 to 4096");
    options.batch = 4097;
    CHECK_NOT_OPENED(IM2CAT_USAGE, "options.batch is 4097");
    options.threads = -1;
    CHECK_NOT_OPENED(IM2CAT_USAGE, "options.threads is -1");
    options.device = "abacus";
    CHECK_NOT_OPENED(IM2CAT_USAGE, "abacus");
    options.precision = "fp3";
    CHECK_NOT_OPENED(IM2CAT_USAGE, "fp3");
    options.decode = "quick";
    CHECK_NOT_OPENED(IM2CAT_USAGE, "quick");
    CHECK_REFUSED(im2cat_scorer_open(NULL, &scorer, &said), IM2CAT_USAGE,
                  "model is NULL");
    CHECK(scorer == NULL);
    im2cat_model_close(NULL);
    im2cat_scorer_close(NULL);
}

/* A structure of an earlier version is shorter, that of a later version longer. */
static void other_versions(void)
{
    struct {
        struct im2cat_options options;
        char later[64];
    } longer = {.options = IM2CAT_OPTIONS};
    struct im2cat_model *model;

    memset(longer.later, 0x55, sizeof longer.later);
    longer.options.size = sizeof longer;
    CHECK_INT(im2cat_model_open(model_path, &longer.options, &model, &said), IM2CAT_OK);
    im2cat_model_close(model);
    longer.options.size = offsetof(struct im2cat_options, device);
    memset(&longer.options.device, 0x55,
           sizeof longer - offsetof(struct im2cat_options, device));
    CHECK_INT(im2cat_model_open(model_path, &longer.options, &model, &said), IM2CAT_OK);
    im2cat_model_close(model);
}

/* The place of a failed picture is empty; the other places, and the scorer, still work.
 */
static void places(const struct im2cat_model *model)
{
    static const uint8_t rgb[3];
    float logits[BATCH][CLASSES];
    struct im2cat_scorer *scorer;

    CHECK_INT(im2cat_scorer_open(model, &scorer, &said), IM2CAT_OK);
    CHECK_REFUSED(im2cat_run(scorer, 1, logits[0], &said), IM2CAT_USAGE,
                  "place 0 of the batch holds no picture");
    set(scorer, 0, 0);
    CHECK_REFUSED(im2cat_run(scorer, 2, logits[0], &said), IM2CAT_USAGE,
                  "place 1 of the batch holds no picture");
    CHECK_REFUSED(im2cat_set_file(scorer, BATCH, paths[0], &said), IM2CAT_USAGE,
                  "at is 3, must be 0 to 2");
    CHECK_REFUSED(im2cat_set_file(scorer, -1, paths[0], &said), IM2CAT_USAGE, "at is");
    CHECK_REFUSED(im2cat_set_file(scorer, 1, NULL, &said), IM2CAT_USAGE, "path");
    CHECK_REFUSED(im2cat_set_file(scorer, 1, "nowhere.jpg", &said), IM2CAT_IO,
                  "nowhere.jpg");
    CHECK_REFUSED(im2cat_set_bytes(scorer, 1, "GIF89a", 6, "upload 7", &said),
                  IM2CAT_FORMAT, "upload 7");
    CHECK_REFUSED(im2cat_set_bytes(scorer, 1, "", 0, NULL, &said), IM2CAT_FORMAT,
                  "the picture");
    CHECK_REFUSED(im2cat_set_bytes(scorer, 1, rgb, SIZE_MAX, NULL, &said), IM2CAT_LIMIT,
                  "bytes");
    CHECK_REFUSED(im2cat_set_pixels(scorer, 1, rgb, 0, 1, &said), IM2CAT_USAGE,
                  "height is 0");
    CHECK_REFUSED(im2cat_set_pixels(scorer, 1, rgb, 1, -1, &said), IM2CAT_USAGE,
                  "width is -1");
    CHECK_REFUSED(im2cat_set_pixels(scorer, 1, rgb, 32768, 32768, &said), IM2CAT_LIMIT,
                  "pixels");
    CHECK_REFUSED(im2cat_set_pixels(scorer, 0, NULL, 1, 1, &said), IM2CAT_USAGE, "rgb");
    CHECK_REFUSED(im2cat_run(scorer, 1, logits[0], &said), IM2CAT_USAGE, "place 0");
    CHECK_REFUSED(im2cat_run(scorer, 0, logits[0], &said), IM2CAT_USAGE, "count is 0");
    CHECK_REFUSED(im2cat_run(scorer, BATCH + 1, logits[0], &said), IM2CAT_USAGE,
                  "count is 4");
    set(scorer, 0, 1);
    CHECK_REFUSED(im2cat_run(scorer, 1, NULL, &said), IM2CAT_USAGE, "logits");
    CHECK_INT(im2cat_run(scorer, 1, logits[0], &said), IM2CAT_OK);
    CHECK(memcmp(logits[0], expected[1], sizeof logits[0]) == 0);
    CHECK_REFUSED(im2cat_set_file(NULL, 0, paths[0], &said), IM2CAT_USAGE, "scorer");
    CHECK_REFUSED(im2cat_run(NULL, 1, logits[0], &said), IM2CAT_USAGE, "scorer");
    im2cat_scorer_close(scorer);
}

int main(void)
{
    struct im2cat_model *model;

    make_files();
    expect();
    model = open_model(BATCH);
    description(model);
    bits(model);
    places(model);
    im2cat_model_close(model);
    other_batch();
    opening();
    other_versions();
    for (int i = 0; i < COUNT; i++)
        free(paths[i]);
    free(model_path);
    folder_remove(folder);
    return check_result();
}
