/* SPDX-License-Identifier: MIT */
/*
 * The loop of evaluation. See eval.h.
 */
#include "score/eval.h"

#include <assert.h>
#include <stdlib.h>

static ic_status evaluate_batch(struct ic_net *net,
                                const struct ic_eval_options *options,
                                const struct ic_batch *batch, float *logits,
                                struct ic_scores *scores, struct ic_error *error)
{
    const struct ic_model *model = options->model;
    ic_status status;

    assert(batch->own == batch->count);
    if (options->input != NULL)
        options->input(options->source, net, batch);
    else
        ic_net_input(net, batch->rgb, batch->count, model->mean, model->std);
    ic_net_forward(net, false);
    ic_net_logits(net, logits);
    status = ic_net_backend(net)->sync(ic_net_device(net), error);
    if (status != IC_OK)
        return status;
    for (int i = 0; i < batch->count; i++)
        if (!ic_scores_add(scores, logits + (size_t)i * (size_t)scores->classes,
                           batch->labels[i]))
            return ic_fail(error, IC_ERR_NUMERIC,
                           "the network's output for %s is not finite",
                           options->dataset->samples[batch->samples[i]].name);
    if (options->on_batch != NULL)
        options->on_batch(options->context, batch, logits);
    return IC_OK;
}

static ic_status evaluate_all(struct ic_net *net, const struct ic_eval_options *options,
                              struct ic_loader *loader, float *logits,
                              struct ic_scores *scores, struct ic_error *error)
{
    for (;;) {
        const struct ic_batch *batch;
        ic_status status;

        if (options->stop != NULL && *options->stop != 0) {
            scores->stopped = true;
            return IC_OK;
        }
        status = ic_loader_next(loader, &batch, error);
        if (status == IC_OK && batch->count == 0)
            return IC_OK;
        if (status == IC_OK)
            status = evaluate_batch(net, options, batch, logits, scores, error);
        if (status != IC_OK)
            return status;
    }
}

ic_status ic_evaluate(struct ic_net *net, const struct ic_eval_options *options,
                      struct ic_scores *ret_scores, struct ic_error *error)
{
    const struct ic_loader_options loading = {
        .dataset = options->dataset,
        .samples = options->samples,
        .sample_count = options->sample_count,
        .batch = options->batch,
        .size = options->model->size,
        .presize = options->model->presize,
        .upright = options->model->upright,
        .fit = options->model->fit,
        .decode = options->decode,
        .labels_only = options->input != NULL,
        .random_views = options->random_views,
        .augment = IC_AUGMENT_FASTAI,
        .parts = ic_augment_fastai,
        .seed = options->seed,
        .epoch = options->view,
        .workers = options->workers,
        .on_unreadable = options->on_unreadable,
        .context = options->context,
    };
    const size_t classes = (size_t)options->model->class_count;
    struct ic_loader *loader = NULL;
    float *logits = calloc((size_t)options->batch, classes * sizeof *logits);
    ic_status status = ic_scores_init(ret_scores, (int)classes, error);

    if (status == IC_OK && logits == NULL)
        status = ic_fail_memory(error, "the outputs of a batch",
                                (size_t)options->batch * classes * sizeof *logits);
    if (status == IC_OK)
        status = ic_loader_open(&loading, &loader, error);
    if (status == IC_OK)
        status = evaluate_all(net, options, loader, logits, ret_scores, error);
    ic_loader_close(loader);
    free(logits);
    if (status != IC_OK)
        ic_scores_free(ret_scores);
    return status;
}
