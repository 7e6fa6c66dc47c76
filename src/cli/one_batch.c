/* SPDX-License-Identifier: MIT */
/*
 * A network and one batch of pictures; see one_batch.h.
 */
#include "cli/one_batch.h"

#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "base/word.h"
#include "data/loader.h"
#include "model/init.h"

static ic_status open_network(struct ic_one_batch *one,
                              const struct ic_one_batch_options *asked,
                              const char *arch, int size,
                              const struct ic_engine_options *options,
                              struct ic_error *error)
{
    const struct ic_model_source *source = &asked->source;
    struct ic_model *model = &one->file.model;
    const bool fresh = source->path == NULL;
    ic_status status;

    if (fresh)
        status = ic_model_init(
            model, source->arch ? source->arch : arch,
            source->head ? source->head : "plain", NULL, asked->classes,
            source->labels != NULL ? ic_labels_names[ic_labels_kind(source->labels)]
                                   : "species",
            source->size ? source->size : size, IC_FIT_CROP, error);
    else
        status = ic_trained_model_open(&one->file, source, error);
    if (status == IC_OK)
        status = ic_engine_open(&one->engine, model, options, error);
    if (status == IC_OK && fresh)
        status = ic_init_weights(one->engine.net, asked->seed, error);
    else if (status == IC_OK)
        status = ic_trained_model_load(&one->file, one->engine.net, NULL, error);
    ic_trained_model_forget_weights(&one->file);
    return status;
}

/* Bytes of a picture. */
static size_t picture_of(const struct ic_model *model)
{
    return (size_t)model->size * (size_t)model->size * 3;
}

static void draw_pictures(struct ic_one_batch *one, uint64_t seed)
{
    const struct ic_model *model = &one->file.model;
    struct ic_random random;

    ic_random_init(&random, seed, IC_RANDOM_BENCH, 0, 0);
    for (size_t i = 0; i < (size_t)one->count * picture_of(model); i++)
        one->rgb[i] = (uint8_t)(ic_random_u32(&random) >> 24);
    for (int i = 0; i < one->count; i++)
        one->labels[i] =
            (int32_t)ic_random_below(&random, (uint32_t)model->class_count);
}

/* Opens the data set with the model's classes. */
static ic_status open_dataset(struct ic_dataset *dataset,
                              const struct ic_trained_model *file,
                              const struct ic_one_batch_options *asked,
                              struct ic_error *error)
{
    const struct ic_model *model = &file->model;
    const char *const labels =
        asked->source.labels != NULL ? asked->source.labels : model->labels;
    ic_status status;

    if (asked->source.path != NULL)
        return ic_trained_model_open_data(file, asked->data, dataset, error);
    status = ic_dataset_open_asked(asked->data, labels, dataset, error);
    if (status != IC_OK)
        return status;
    if (dataset->class_count > model->class_count)
        return ic_fail(
            error, IC_ERR_USAGE,
            "%s has %d classes, but the network has only %d outputs (--classes)",
            asked->data, dataset->class_count, model->class_count);
    return IC_OK;
}

/* Reads the first pictures of a data set, as validation sees them. */
static ic_status read_pictures(struct ic_one_batch *one,
                               const struct ic_one_batch_options *asked,
                               struct ic_error *error)
{
    const struct ic_model *model = &one->file.model;
    struct ic_loader_options options = {.batch = one->count,
                                        .size = model->size,
                                        .presize = model->presize,
                                        .upright = model->upright,
                                        .fit = model->fit,
                                        .workers = 1};
    struct ic_dataset dataset = {0};
    struct ic_loader *loader = NULL;
    const struct ic_batch *loaded;
    uint32_t *samples = calloc((size_t)one->count, sizeof *samples);
    ic_status status;

    if (samples == NULL)
        return ic_fail_memory(error, "a batch", (size_t)one->count * sizeof *samples);
    for (int i = 0; i < one->count; i++)
        samples[i] = (uint32_t)i;
    status = open_dataset(&dataset, &one->file, asked, error);
    if (status == IC_OK) {
        if (dataset.count < (size_t)one->count)
            one->count = (int)dataset.count;
        options.dataset = &dataset;
        options.samples = samples;
        options.sample_count = (size_t)one->count;
        status = ic_loader_open(&options, &loader, error);
    }
    if (status == IC_OK)
        status = ic_loader_next(loader, &loaded, error);
    if (status == IC_OK) {
        memcpy(one->rgb, loaded->rgb, (size_t)one->count * picture_of(model));
        memcpy(one->labels, loaded->labels, (size_t)one->count * sizeof *one->labels);
    }
    ic_loader_close(loader);
    ic_dataset_close(&dataset);
    free(samples);
    return status;
}

static ic_status make_batch(struct ic_one_batch *one,
                            const struct ic_one_batch_options *asked,
                            struct ic_error *error)
{
    const size_t picture = picture_of(&one->file.model);

    one->count = asked->batch;
    one->rgb = calloc((size_t)one->count, picture);
    one->labels = calloc((size_t)one->count, sizeof *one->labels);
    if (one->rgb == NULL || one->labels == NULL)
        return ic_fail_memory(error, "a batch", (size_t)one->count * picture);
    if (asked->data != NULL)
        return read_pictures(one, asked, error);
    draw_pictures(one, asked->seed);
    return IC_OK;
}

static ic_status check_options(const struct ic_one_batch_options *asked,
                               const struct ic_options *options, struct ic_error *error)
{
    if (asked->source.path == NULL)
        return IC_OK;
    if (ic_options_source(options, "classes") != IC_FROM_FALLBACK)
        return ic_fail(error, IC_ERR_USAGE,
                       "--classes applies only to random weights; %s records its own "
                       "number of classes",
                       asked->source.path);
    if (asked->source.labels != NULL && asked->data == NULL)
        return ic_fail(error, IC_ERR_USAGE,
                       "--labels applies only to the pictures of --data");
    return IC_OK;
}

ic_status ic_one_batch_open(struct ic_one_batch *one,
                            const struct ic_one_batch_options *asked, const char *arch,
                            int size, const struct ic_options *options,
                            const struct ic_compute *compute,
                            const struct ic_plan_options *plan, struct ic_error *error)
{
    const struct ic_engine_options engine = {.compute = *compute, .plan = *plan};
    const struct ic_model *model = &one->file.model;
    ic_status status = check_options(asked, options, error);

    *one = (struct ic_one_batch){0};
    if (status == IC_OK)
        status = open_network(one, asked, arch, size, &engine, error);
    if (status == IC_OK)
        status = make_batch(one, asked, error);
    if (status == IC_OK)
        ic_net_input(one->engine.net, one->rgb, one->count, model->mean, model->std);
    return status;
}

void ic_one_batch_close(struct ic_one_batch *one)
{
    free(one->rgb);
    free(one->labels);
    ic_engine_close(&one->engine);
    ic_trained_model_close(&one->file);
}
