/*
 * One forward pass of the body over the data set. See features.h.
 */
#include "train/features.h"

#include <stdlib.h>
#include <string.h>

#include "base/size.h"
#include "model/model.h"

static ic_status allocate(struct ic_features *features,
                          const struct ic_features_options *options,
                          struct ic_error *error)
{
    size_t values, batch;

    features->bytes = ic_net_feature_bytes(options->net);
    if (ic_size_mul(features->bytes, options->dataset->count, &values) &&
        ic_size_mul(features->bytes, (size_t)options->batch, &batch)) {
        features->values = malloc(values);
        features->batch = malloc(batch);
    }
    if (features->values == NULL || features->batch == NULL)
        return ic_fail_memory(error, "the features of all pictures",
                              options->dataset->count * features->bytes);
    return IC_OK;
}

void ic_features_free(struct ic_features *features)
{
    free(features->values);
    free(features->batch);
    *features = (struct ic_features){0};
}

static char *at(const struct ic_features *features, uint32_t sample)
{
    return features->values + (size_t)sample * features->bytes;
}

/* The pictures in the order of the data set: each batch's features lie in a row. */
static ic_status compute_all(struct ic_features *features,
                             const struct ic_features_options *options,
                             struct ic_loader *loader, struct ic_error *error)
{
    const struct ic_model *model = options->model;
    struct ic_net *net = options->net;
    const struct ic_batch *batch;

    for (;;) {
        ic_status status;

        if (options->stop != NULL && *options->stop != 0) {
            ic_features_free(features);
            return IC_OK;
        }
        status = ic_loader_next(loader, &batch, error);
        if (status != IC_OK || batch->count == 0)
            return status;
        ic_net_input(net, batch->rgb, batch->count, model->mean, model->std);
        ic_net_features(net, at(features, batch->samples[0]));
        status = ic_net_backend(net)->sync(ic_net_device(net), error);
        if (status != IC_OK)
            return status;
    }
}

ic_status ic_features_compute(struct ic_features *ret_features,
                              const struct ic_features_options *options,
                              struct ic_error *error)
{
    const size_t count = options->dataset->count;
    uint32_t *samples = calloc(count, sizeof *samples);
    struct ic_loader *loader = NULL;
    const struct ic_loader_options loading = {
        .dataset = options->dataset,
        .samples = samples,
        .sample_count = count,
        .batch = options->batch,
        .size = options->model->size,
        .presize = options->model->presize,
        .fit = options->model->fit,
        .decode = options->decode,
        .workers = options->workers,
    };
    ic_status status;

    *ret_features = (struct ic_features){0};
    if (samples == NULL)
        return ic_fail_memory(error, "the list of pictures", count * sizeof *samples);
    for (size_t i = 0; i < count; i++)
        samples[i] = (uint32_t)i;
    status = allocate(ret_features, options, error);
    if (status == IC_OK)
        status = ic_loader_open(&loading, &loader, error);
    if (status == IC_OK)
        status = compute_all(ret_features, options, loader, error);
    ic_loader_close(loader);
    free(samples);
    if (status != IC_OK)
        ic_features_free(ret_features);
    return status;
}

void ic_features_input(const struct ic_features *features, struct ic_net *net,
                       const uint32_t *samples, int count)
{
    const size_t bytes = features->bytes;

    for (int i = 0; i < count; i++)
        memcpy(features->batch + (size_t)i * bytes, at(features, samples[i]), bytes);
    ic_net_input_features(net, features->batch, count);
}
