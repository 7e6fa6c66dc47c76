/*
 * The loop of evaluation. See eval.h.
 */
#include "train/eval.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/size.h"
#include "train/metrics.h"

void ic_scores_free(struct ic_scores *scores)
{
    free(scores->confusion);
    memset(scores, 0, sizeof *scores);
}

double ic_scores_loss(const struct ic_scores *scores)
{
    return scores->images > 0 ? scores->loss_sum / (double)scores->images : 0;
}

double ic_scores_error_rate(const struct ic_scores *scores)
{
    return scores->images > 0 ? (double)scores->wrong / (double)scores->images : 0;
}

ic_status ic_scores_init(struct ic_scores *ret_scores, int classes,
                         struct ic_error *error)
{
    const size_t count = (size_t)classes;
    size_t cells;

    *ret_scores = (struct ic_scores){.classes = classes};
    if (ic_size_mul(count, count, &cells))
        ret_scores->confusion = calloc(cells, sizeof *ret_scores->confusion);
    if (ret_scores->confusion == NULL)
        return ic_fail_memory(error, "the counts of an evaluation",
                              count * count * sizeof *ret_scores->confusion);
    return IC_OK;
}

bool ic_scores_add(struct ic_scores *scores, const float *logits, int label)
{
    const int classes = scores->classes;

    for (int c = 0; c < classes; c++)
        if (!isfinite(logits[c]))
            return false;
    if (label >= 0) {
        const int predicted = ic_argmax(logits, classes);

        scores->images++;
        scores->wrong += predicted != label;
        scores->loss_sum += ic_cross_entropy_of(logits, classes, label);
        scores->confusion[(size_t)label * (size_t)classes + (size_t)predicted]++;
    }
    return true;
}

static ic_status evaluate_batch(struct ic_net *net,
                                const struct ic_eval_options *options,
                                const struct ic_batch *batch, float *logits,
                                struct ic_scores *scores, struct ic_error *error)
{
    const struct ic_model *model = options->model;
    ic_status status;

    if (options->features != NULL)
        ic_features_input(options->features, net, batch->samples, batch->count);
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
        .fit = options->model->fit,
        .decode = options->decode,
        .labels_only = options->features != NULL,
        .draw = options->draw,
        .augment = IC_AUGMENT_FASTAI,
        .seed = options->seed,
        .epoch = options->view,
        .workers = options->workers,
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
