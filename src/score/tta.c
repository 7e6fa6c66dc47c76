/* SPDX-License-Identifier: MIT */
/*
 * Averages random views of each picture. See tta.h.
 */
#include "score/tta.h"

#include <math.h>
#include <stdlib.h>

#include "base/size.h"
#include "score/logits.h"

#define PLAIN_PART 0.25 /* fastai's beta */

struct views {
    const struct ic_eval_options *options;
    void (*on_view)(void *context, const struct ic_batch *batch);
    double *mean;  /* pictures x classes: means of the views' probabilities */
    float *logits; /* batch x classes: the answer's */
    size_t done;   /* pictures done in this pass */
    struct ic_scores *scores;
};

/* mean += share * (softmax(logits) - keep * mean): a sum, or a blend. */
static void mix(double *mean, const float *logits, size_t classes, double share,
                double keep, double *scratch)
{
    ic_softmax(scratch, logits, (int)classes);
    for (size_t c = 0; c < classes; c++)
        mean[c] += share * (scratch[c] - keep * mean[c]);
}

static size_t class_count(const struct views *v)
{
    return (size_t)v->options->model->class_count;
}

static void add_view(void *context, const struct ic_batch *batch, const float *logits)
{
    struct views *v = context;
    const size_t classes = class_count(v), count = (size_t)batch->count;
    double *scratch = v->mean + v->options->sample_count * classes;

    for (size_t i = 0; i < count; i++, v->done++)
        mix(v->mean + v->done * classes, logits + i * classes, classes,
            1.0 / IC_TTA_VIEWS, 0, scratch);
    if (v->on_view != NULL)
        v->on_view(v->options->context, batch);
}

/* Adds the plain pictures in the last pass and computes the answer. A class of
 * probability 0 gets a finite logarithm. */
static void add_plain(void *context, const struct ic_batch *batch, const float *logits)
{
    struct views *v = context;
    const size_t classes = class_count(v), count = (size_t)batch->count;
    double *scratch = v->mean + v->options->sample_count * classes;

    for (size_t i = 0; i < count; i++, v->done++) {
        double *mean = v->mean + v->done * classes;
        float *answer = v->logits + i * classes;

        mix(mean, logits + i * classes, classes, PLAIN_PART, 1, scratch);
        for (size_t c = 0; c < classes; c++)
            answer[c] = (float)log(fmax(mean[c], 1e-300));
        ic_scores_add(v->scores, answer, batch->labels[i]);
    }
    if (v->options->on_batch != NULL)
        v->options->on_batch(v->options->context, batch, v->logits);
}

/* Runs all passes; stops between two batches where the caller's flag asks for it. */
static ic_status run_passes(struct ic_net *net, struct views *v, struct ic_error *error)
{
    struct ic_model drawn = *v->options->model;
    struct ic_eval_options pass = *v->options;
    ic_status status = IC_OK;

    if (drawn.presize == 0)
        drawn.presize = ic_augment_presize(drawn.size);
    pass.context = v;
    pass.on_unreadable = NULL;
    for (uint32_t view = 0; view <= IC_TTA_VIEWS; view++) {
        struct ic_scores unused = {0};

        pass.random_views = view < IC_TTA_VIEWS;
        pass.view = view;
        pass.model = pass.random_views ? &drawn : v->options->model;
        pass.on_batch = pass.random_views ? add_view : add_plain;
        v->done = 0;
        status = ic_evaluate(net, &pass, &unused, error);
        v->scores->stopped = unused.stopped;
        ic_scores_free(&unused);
        if (status != IC_OK || v->scores->stopped)
            break;
    }
    return status;
}

ic_status ic_evaluate_tta(struct ic_net *net, const struct ic_eval_options *options,
                          void (*on_view)(void *context, const struct ic_batch *batch),
                          struct ic_scores *ret_scores, struct ic_error *error)
{
    const size_t classes = (size_t)options->model->class_count;
    struct views v = {.options = options, .on_view = on_view, .scores = ret_scores};
    size_t cells = 0;
    ic_status status = ic_scores_init(ret_scores, (int)classes, error);

    if (status != IC_OK)
        return status;
    if (ic_size_mul(options->sample_count + 1, classes, &cells))
        v.mean = calloc(cells, sizeof *v.mean); /* the last row is scratch */
    v.logits = calloc((size_t)options->batch, classes * sizeof *v.logits);
    if (v.mean == NULL || v.logits == NULL)
        status = ic_fail_memory(error, "the answers to all pictures",
                                cells * sizeof *v.mean);
    if (status == IC_OK)
        status = run_passes(net, &v, error);
    free(v.logits);
    free(v.mean);
    if (status != IC_OK)
        ic_scores_free(ret_scores);
    return status;
}
