/* SPDX-License-Identifier: MIT */
/*
 * One forward pass of the body over the data set. See features.h.
 */
#include "train/features.h"

#include <stdlib.h>
#include <string.h>

#include "base/size.h"
#include "base/stretch.h"
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

/* Computes the features of the loader's pictures, in the order of the data set: the
 * features of a batch are contiguous. */
static ic_status compute_own(struct ic_features *features,
                             const struct ic_features_options *options,
                             struct ic_loader *loader, bool *ret_stopped,
                             struct ic_error *error)
{
    const struct ic_model *model = options->model;
    struct ic_net *net = options->net;
    const struct ic_batch *batch;

    for (;;) {
        ic_status status;

        *ret_stopped = options->stop != NULL && *options->stop != 0;
        if (*ret_stopped)
            return IC_OK;
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
                              bool *ret_stopped, struct ic_error *error)
{
    const size_t count = options->dataset->count;
    const struct ic_stretch own =
        ic_stretch_of_batches(count, (size_t)options->batch,
                              ic_comm_rank(options->comm), ic_comm_size(options->comm));
    uint32_t *samples = calloc(count, sizeof *samples);
    struct ic_loader *loader = NULL;
    const struct ic_loader_options loading = {
        .dataset = options->dataset,
        .samples = samples + own.first,
        .sample_count = own.end - own.first,
        .batch = options->batch,
        .size = options->model->size,
        .presize = options->model->presize,
        .upright = options->model->upright,
        .fit = options->model->fit,
        .decode = options->decode,
        .workers = options->workers,
    };
    ic_status status;

    *ret_features = (struct ic_features){0};
    *ret_stopped = false;
    for (size_t i = 0; i < count && samples != NULL; i++)
        samples[i] = (uint32_t)i;
    if (samples == NULL)
        status = ic_fail_memory(error, "the list of pictures", count * sizeof *samples);
    else
        status = allocate(ret_features, options, error);
    if (status == IC_OK)
        status = ic_loader_open(&loading, &loader, error);
    if (status == IC_OK)
        status = compute_own(ret_features, options, loader, ret_stopped, error);
    ic_loader_close(loader);
    free(samples);

    status = ic_comm_agree(options->comm, status, ret_stopped, error);
    if (status == IC_OK && !*ret_stopped)
        status = ic_comm_gather(options->comm, ret_features->values,
                                count * ret_features->bytes,
                                (size_t)options->batch * ret_features->bytes, error);
    if (status != IC_OK || *ret_stopped)
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
