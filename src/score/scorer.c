/* SPDX-License-Identifier: MIT */
/*
 * One thread's work with a classifier. See scorer.h.
 */
#include "score/scorer.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/size.h"

struct ic_scorer {
    const struct ic_model *model; /* the classifier's */
    const struct ic_backend *backend;
    struct ic_device *device;
    struct ic_net *net;   /* IC_PLAN_WORK, over the classifier's weights */
    uint8_t *rgb;         /* batch x size x size x 3 */
    size_t picture_bytes; /* of one picture */
};

/* Allocates a batch's pictures; pages take memory only once they are written. */
static ic_status make_batch(struct ic_scorer *scorer, int batch, struct ic_error *error)
{
    const size_t size = (size_t)scorer->model->size;
    size_t bytes;

    scorer->picture_bytes = size * size * 3; /* `size` is at most 4096 */
    if (ic_size_mul(scorer->picture_bytes, (size_t)batch, &bytes))
        scorer->rgb = ic_memory_alloc(bytes);
    if (scorer->rgb == NULL)
        return ic_fail(error, IC_ERR_LIMIT, "no memory for a batch of %d pictures",
                       batch);
    return IC_OK;
}

ic_status ic_scorer_open(const struct ic_classifier *classifier,
                         struct ic_scorer **ret_scorer, struct ic_error *error)
{
    const struct ic_net *weights = ic_classifier_net(classifier);
    struct ic_scorer *scorer = calloc(1, sizeof *scorer);
    enum ic_conv_algorithm algorithm; /* unused, as is `type`: the graph has both */
    enum ic_type type;
    ic_status status;

    *ret_scorer = NULL;
    if (scorer == NULL)
        return ic_fail_memory(error, "a scorer", sizeof *scorer);
    scorer->model = ic_classifier_model(classifier);
    status = ic_compute_open(ic_classifier_compute(classifier), &scorer->backend,
                             &scorer->device, &algorithm, &type, error);
    if (status == IC_OK)
        status = ic_net_open_beside(weights, scorer->device, &scorer->net, error);
    if (status == IC_OK)
        status = make_batch(scorer, ic_net_plan(weights)->options.batch, error);
    if (status == IC_OK)
        *ret_scorer = scorer;
    else
        ic_scorer_close(scorer);
    return status;
}

void ic_scorer_close(struct ic_scorer *scorer)
{
    if (scorer == NULL)
        return;
    ic_net_close(scorer->net);
    if (scorer->backend != NULL)
        scorer->backend->close(scorer->device);
    free(scorer->rgb);
    free(scorer);
}

ic_status ic_scorer_set_bytes(struct ic_scorer *scorer, int at, const uint8_t *bytes,
                              size_t size, const char *name, enum ic_decode decode,
                              struct ic_error *error)
{
    const struct ic_model *model = scorer->model;
    const struct ic_frame frame = {model->size, model->presize, model->fit,
                                   model->upright};
    struct ic_augmentation choice;

    assert(at >= 0 && at < ic_net_plan(scorer->net)->options.batch);
    ic_augment_none(&choice, &frame);
    return ic_square_decode(scorer->rgb + (size_t)at * scorer->picture_bytes, bytes,
                            size, name, decode, &frame, &choice, error);
}

ic_status ic_scorer_set_pixels(struct ic_scorer *scorer, int at, const uint8_t *rgb,
                               unsigned long width, unsigned long height,
                               const char *name, struct ic_error *error)
{
    const struct ic_model *model = scorer->model;
    const struct ic_frame frame = {model->size, model->presize, model->fit,
                                   model->upright};
    struct ic_augmentation choice;
    struct ic_image image;
    ic_status status = ic_image_check_size(name, width, height, error);

    assert(at >= 0 && at < ic_net_plan(scorer->net)->options.batch);
    if (status != IC_OK)
        return status;
    image = (struct ic_image){(int)width, (int)height, (uint8_t *)rgb}; /* only read */
    ic_augment_none(&choice, &frame);
    return ic_augment_apply(scorer->rgb + (size_t)at * scorer->picture_bytes, &image,
                            &frame, &choice, error);
}

ic_status ic_scorer_set_file(struct ic_scorer *scorer, int at, const char *path,
                             enum ic_decode decode, struct ic_error *error)
{
    uint8_t *bytes;
    size_t size;
    ic_status status = ic_file_read(path, IC_IMAGE_MAX_FILE, &bytes, &size, error);

    if (status != IC_OK)
        return status;
    status = ic_scorer_set_bytes(scorer, at, bytes, size, path, decode, error);
    free(bytes);
    return status;
}

ic_status ic_scorer_run(struct ic_scorer *scorer, int count, float *logits,
                        struct ic_error *error)
{
    const struct ic_model *model = scorer->model;
    const size_t classes = (size_t)model->class_count;
    ic_status status;

    ic_net_input(scorer->net, scorer->rgb, count, model->mean, model->std);
    ic_net_forward(scorer->net, false);
    ic_net_logits(scorer->net, logits);
    status = scorer->backend->sync(scorer->device, error);
    for (size_t i = 0; status == IC_OK && i < (size_t)count * classes; i++)
        if (!isfinite(logits[i]))
            status = ic_fail(error, IC_ERR_NUMERIC,
                             "the network's output for picture %zu of a batch is not "
                             "finite",
                             i / classes + 1);
    return status;
}

struct ic_net *ic_scorer_net(struct ic_scorer *scorer)
{
    return scorer->net;
}
