/* SPDX-License-Identifier: MIT */
/*
 * The public functions, each a few lines over the floors below. They check arguments
 * that the floors take on trust, and convert statuses to public ones. See im2cat.h.
 */
#include "library/im2cat.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/machine.h"
#include "base/word.h"
#include "score/scorer.h"

enum { MAX_BATCH = 4096, MAX_THREADS = 4096 };

struct im2cat_model {
    struct ic_classifier *classifier;
    enum ic_decode decode;
    int batch;
};

struct im2cat_scorer {
    const struct im2cat_model *model;
    struct ic_scorer *scorer;
    bool *set; /* for each place of the batch: whether it holds a picture */
};

/* --- errors -------------------------------------------------------------------- */

/* Converts an error of the floors below to a public error. */
static im2cat_status report(const struct ic_error *inner, ic_status status,
                            struct im2cat_error *error)
{
    static const im2cat_status of[] = {
        [IC_OK] = IM2CAT_OK,
        [IC_ERR_USAGE] = IM2CAT_USAGE,
        [IC_ERR_IO] = IM2CAT_IO,
        [IC_ERR_FORMAT] = IM2CAT_FORMAT,
        [IC_ERR_LIMIT] = IM2CAT_LIMIT,
        [IC_ERR_NUMERIC] = IM2CAT_NUMERIC,
        [IC_ERR_DEVICE] = IM2CAT_DEVICE,
        [IC_ERR_RANK] = IM2CAT_DEVICE, /* only in training */
    };
    static_assert(sizeof error->message == sizeof inner->message,
                  "messages are copied");

    if (status != IC_OK && error != NULL) {
        error->status = (int)of[status];
        memcpy(error->message, inner->message, sizeof error->message);
    }
    return of[status];
}

/* Fails with IC_ERR_USAGE for an argument `name` that is NULL. */
static ic_status need(const void *argument, const char *name, struct ic_error *error)
{
    return argument != NULL ? IC_OK : ic_fail(error, IC_ERR_USAGE, "%s is NULL", name);
}

/* Fails unless `value` is from `least` to `most`. */
static ic_status within(int value, int least, int most, const char *name,
                        struct ic_error *error)
{
    return value >= least && value <= most
               ? IC_OK
               : ic_fail(error, IC_ERR_USAGE, "%s is %d, must be %d to %d", name, value,
                         least, most);
}

const char *im2cat_version(void)
{
    return PACKAGE_VERSION;
}

/* --- a model ------------------------------------------------------------------- */

/* Copies the caller's options, of any version, with the defaults in place of zeros. */
static ic_status settle(const struct im2cat_options *given, struct im2cat_options *ret,
                        struct ic_error *error)
{
    ic_status status = IC_OK;

    *ret = (struct im2cat_options)IM2CAT_OPTIONS;
    if (given != NULL && given->size < sizeof given->size)
        return ic_fail(error, IC_ERR_USAGE,
                       "options.size is %zu: begin with IM2CAT_OPTIONS", given->size);
    if (given != NULL)
        memcpy(ret, given, given->size < sizeof *ret ? given->size : sizeof *ret);
    if (ret->batch == 0)
        ret->batch = 1;
    if (ret->device == NULL)
        ret->device = ic_compute_default.device;
    if (ret->precision == NULL)
        ret->precision = ic_compute_default.precision;
    if (ret->decode == NULL)
        ret->decode = ic_decode_names[IC_DECODE_EXACT];
    status = within(ret->batch, 1, MAX_BATCH, "options.batch", error);
    if (status == IC_OK)
        status = within(ret->threads, 0, MAX_THREADS, "options.threads", error);
    return status;
}

/* Fills a model that is all zero. */
static ic_status open_model(struct im2cat_model *model, const char *path,
                            const struct im2cat_options *given, struct ic_error *error)
{
    struct ic_compute compute = ic_compute_default;
    struct ic_model_source source = {.path = path};
    struct im2cat_options options;
    int decode;
    ic_status status = need(path, "path", error);

    if (status == IC_OK)
        status = settle(given, &options, error);
    if (status == IC_OK)
        status =
            ic_word_find("decode", options.decode, ic_decode_names, &decode, error);
    if (status != IC_OK)
        return status;
    model->decode = (enum ic_decode)decode;
    model->batch = options.batch;
    source.arch = options.arch;
    compute.device = options.device;
    compute.precision = options.precision;
    compute.threads = options.threads;
    return ic_classifier_open(&source, &compute, options.batch, IC_FOLD_FOR_MANY,
                              &model->classifier, error);
}

im2cat_status im2cat_model_open(const char *path, const struct im2cat_options *options,
                                struct im2cat_model **ret_model,
                                struct im2cat_error *error)
{
    struct im2cat_model *model = calloc(1, sizeof *model);
    struct ic_error inner;
    ic_status status;

    *ret_model = NULL;
    if (model == NULL)
        status = ic_fail_memory(&inner, "a model", sizeof *model);
    else
        status = open_model(model, path, options, &inner);
    if (status == IC_OK)
        *ret_model = model;
    else
        free(model);
    return report(&inner, status, error);
}

void im2cat_model_close(struct im2cat_model *model)
{
    if (model == NULL)
        return;
    ic_classifier_close(model->classifier);
    free(model);
}

int im2cat_class_count(const struct im2cat_model *model)
{
    return ic_classifier_model(model->classifier)->class_count;
}

const char *im2cat_class_name(const struct im2cat_model *model, int index)
{
    return index >= 0 && index < im2cat_class_count(model)
               ? ic_classifier_model(model->classifier)->classes[index]
               : NULL;
}

int im2cat_picture_size(const struct im2cat_model *model)
{
    return ic_classifier_model(model->classifier)->size;
}

/* --- a scorer ------------------------------------------------------------------ */

im2cat_status im2cat_scorer_open(const struct im2cat_model *model,
                                 struct im2cat_scorer **ret_scorer,
                                 struct im2cat_error *error)
{
    struct im2cat_scorer *scorer = calloc(1, sizeof *scorer);
    struct ic_error inner;
    ic_status status = need(model, "model", &inner);

    *ret_scorer = NULL;
    if (status == IC_OK && scorer != NULL)
        scorer->set = calloc((size_t)model->batch, sizeof *scorer->set);
    if (status == IC_OK && (scorer == NULL || scorer->set == NULL))
        status = ic_fail_memory(&inner, "a scorer", sizeof *scorer);
    if (status == IC_OK) {
        scorer->model = model;
        status = ic_scorer_open(model->classifier, &scorer->scorer, &inner);
    }
    if (status == IC_OK)
        *ret_scorer = scorer;
    else
        im2cat_scorer_close(scorer);
    return report(&inner, status, error);
}

void im2cat_scorer_close(struct im2cat_scorer *scorer)
{
    if (scorer == NULL)
        return;
    ic_scorer_close(scorer->scorer);
    free(scorer->set);
    free(scorer);
}

/* Empties place `at` of the batch; fails where the new picture is NULL. */
static ic_status clear(struct im2cat_scorer *scorer, int at, const void *picture,
                       const char *name, struct ic_error *error)
{
    ic_status status = need(scorer, "scorer", error);

    if (status == IC_OK)
        status = within(at, 0, scorer->model->batch - 1, "at", error);
    if (status == IC_OK) {
        scorer->set[at] = false;
        status = need(picture, name, error);
    }
    return status;
}

/* Marks the place as set on success, and reports the status. */
static im2cat_status settle_place(struct im2cat_scorer *scorer, int at,
                                  ic_status status, const struct ic_error *inner,
                                  struct im2cat_error *error)
{
    if (status == IC_OK)
        scorer->set[at] = true;
    return report(inner, status, error);
}

im2cat_status im2cat_set_file(struct im2cat_scorer *scorer, int at, const char *path,
                              struct im2cat_error *error)
{
    struct ic_error inner;
    ic_status status = clear(scorer, at, path, "path", &inner);

    if (status == IC_OK)
        status =
            ic_scorer_set_file(scorer->scorer, at, path, scorer->model->decode, &inner);
    return settle_place(scorer, at, status, &inner, error);
}

im2cat_status im2cat_set_bytes(struct im2cat_scorer *scorer, int at, const void *bytes,
                               size_t size, const char *name,
                               struct im2cat_error *error)
{
    struct ic_error inner;
    ic_status status = clear(scorer, at, bytes, "bytes", &inner);

    if (status == IC_OK && size > IC_IMAGE_MAX_FILE)
        status = ic_fail(&inner, IC_ERR_LIMIT,
                         "a picture has %zu bytes, but may have at most %zu", size,
                         IC_IMAGE_MAX_FILE);
    if (status == IC_OK)
        status = ic_scorer_set_bytes(scorer->scorer, at, bytes, size,
                                     name != NULL ? name : "the picture",
                                     scorer->model->decode, &inner);
    return settle_place(scorer, at, status, &inner, error);
}

im2cat_status im2cat_set_pixels(struct im2cat_scorer *scorer, int at,
                                const uint8_t *rgb, int height, int width,
                                struct im2cat_error *error)
{
    struct ic_error inner;
    ic_status status = clear(scorer, at, rgb, "rgb", &inner);

    if (status == IC_OK)
        status = within(height, 1, IC_IMAGE_MAX_SIDE, "height", &inner);
    if (status == IC_OK)
        status = within(width, 1, IC_IMAGE_MAX_SIDE, "width", &inner);
    if (status == IC_OK)
        status = ic_scorer_set_pixels(scorer->scorer, at, rgb, (unsigned long)width,
                                      (unsigned long)height, "the picture", &inner);
    return settle_place(scorer, at, status, &inner, error);
}

im2cat_status im2cat_run(struct im2cat_scorer *scorer, int count, float *logits,
                         struct im2cat_error *error)
{
    struct ic_error inner;
    ic_status status = need(scorer, "scorer", &inner);

    if (status == IC_OK)
        status = within(count, 1, scorer->model->batch, "count", &inner);
    if (status == IC_OK)
        status = need(logits, "logits", &inner);
    for (int i = 0; status == IC_OK && i < count; i++)
        if (!scorer->set[i])
            status = ic_fail(&inner, IC_ERR_USAGE,
                             "place %d of the batch holds no picture", i);
    if (status == IC_OK)
        status = ic_scorer_run(scorer->scorer, count, logits, &inner);
    return report(&inner, status, error);
}

/* --- logits -------------------------------------------------------------------- */

void im2cat_softmax(double *probabilities, const float *logits, int classes)
{
    ic_softmax(probabilities, logits, classes);
}
