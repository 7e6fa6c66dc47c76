/* SPDX-License-Identifier: MIT */
/*
 * The validation of a training. See validate.h.
 *
 * Ranks that train together share the work: each takes its stretch of the batches. They
 * gather one verdict per picture, not sums, so the sums are those of a single rank, in
 * the order of the pictures.
 */
#include "train/validate.h"

#include <stdlib.h>

#include "base/machine.h"
#include "score/eval.h"
#include "score/logits.h"

/* The network's verdict on a picture. */
struct verdict {
    double loss;
    int64_t predicted;
};

struct validation {
    const struct ic_listener *listener;
    const struct ic_training_data *data;
    struct ic_step_report report;
    size_t valid_left;        /* before the first batch */
    struct ic_stretch own;    /* of the pictures that validate, on this rank */
    struct verdict *verdicts; /* of all of them; owned */
    struct verdict *next;     /* of the next batch's first picture */
    int classes;
    double begin;
};

/* Reports a batch. This rank's progress stands for that of all ranks. */
static void report_batch(struct validation *validation)
{
    const size_t all = validation->data->split.valid_count;
    const size_t own = validation->own.end - validation->own.first;
    const size_t done =
        (size_t)(validation->next - validation->verdicts) - validation->own.first;
    struct ic_step_report *report = &validation->report;

    report->batch++;
    report->epoch_images = done * all / own;
    report->epoch_seconds = ic_machine_seconds() - validation->begin;
    report->valid_left = validation->valid_left - report->epoch_images;
    ic_listener_step(validation->listener, report);
}

static void take_batch(void *context, const struct ic_batch *batch, const float *logits)
{
    struct validation *validation = context;
    const int classes = validation->classes;

    for (int i = 0; i < batch->count; i++, logits += classes)
        *validation->next++ = (struct verdict){
            .loss = ic_cross_entropy_of(logits, classes, batch->labels[i]),
            .predicted = ic_argmax(logits, classes),
        };
    report_batch(validation);
}

static void input_features(const void *features, struct ic_net *net,
                           const struct ic_batch *batch)
{
    ic_features_input(features, net, batch->samples, batch->count);
}

/* The report before the first batch. */
static struct ic_step_report start_report(const struct ic_step_report *now,
                                          size_t batches)
{
    struct ic_step_report report = *now;

    report.validating = true;
    report.batch = 0;
    report.batches = batches;
    report.epoch_images = 0;
    return report;
}

/* Computes this rank's verdicts. */
static ic_status judge(struct ic_learner *learner, struct validation *validation,
                       bool *ret_stopped, struct ic_error *error)
{
    const struct ic_training_data *data = validation->data;
    const struct ic_features *features = ic_learner_features(learner);
    const struct ic_eval_options options = {
        .model = &learner->model,
        .dataset = &data->dataset,
        .input = features != NULL ? input_features : NULL,
        .source = features,
        .samples = data->split.valid + validation->own.first,
        .sample_count = validation->own.end - validation->own.first,
        .decode = data->decode,
        .batch = ic_job_micro_batch(learner->job),
        .workers = data->job->workers,
        .stop = validation->listener->stop,
        .on_batch = take_batch,
        .context = validation,
    };
    struct ic_scores scores = {0};
    struct ic_error failure;
    ic_status status;

    ic_net_select(learner->engine.net, ic_learner_ema_or_weights(learner));
    status = ic_evaluate(learner->engine.net, &options, &scores, &failure);
    ic_net_select(learner->engine.net, IC_NET_WEIGHTS);
    if (status == IC_ERR_NUMERIC)
        ic_fail(error, status, "%s after step %lld: a lower --lr may help",
                failure.message, (long long)validation->report.step);
    else if (status != IC_OK)
        ic_fail(error, status, "%s", failure.message);
    *ret_stopped = scores.stopped;
    ic_scores_free(&scores);
    return status;
}

/* Adds up the verdicts of all ranks. */
static ic_status add_up(const struct validation *validation,
                        struct ic_validation *ret_validation, struct ic_error *error)
{
    const struct ic_training_data *data = validation->data;
    struct ic_scores scores;
    const ic_status status = ic_scores_init(&scores, validation->classes, error);

    if (status != IC_OK)
        return status;
    for (size_t i = 0; i < data->split.valid_count; i++) {
        const struct verdict *verdict = &validation->verdicts[i];

        ic_scores_count(&scores, data->dataset.samples[data->split.valid[i]].label,
                        (int)verdict->predicted, verdict->loss);
    }
    *ret_validation = (struct ic_validation){
        .loss = ic_scores_loss(&scores),
        .error_rate = ic_scores_error_rate(&scores),
        .seconds = ic_machine_seconds() - validation->begin,
    };
    ic_scores_free(&scores);
    return IC_OK;
}

ic_status ic_validate(struct ic_learner *learner, const struct ic_training_data *data,
                      const struct ic_step_report *now, struct ic_listener *listener,
                      struct ic_validation *ret_validation, struct ic_error *error)
{
    const size_t count = data->split.valid_count;
    const int batch = ic_job_micro_batch(learner->job);
    struct verdict *const verdicts = calloc(count, sizeof *verdicts);
    const struct ic_stretch own =
        ic_stretch_of_batches(count, (size_t)batch, ic_comm_rank(listener->comm),
                              ic_comm_size(listener->comm));
    struct validation validation = {
        .listener = listener,
        .data = data,
        .report =
            start_report(now, ic_loader_batches(own.end - own.first, batch, false)),
        .valid_left = now->valid_left,
        .own = own,
        .verdicts = verdicts,
        .next = verdicts + own.first,
        .classes = learner->model.class_count,
        .begin = ic_machine_seconds(),
    };
    ic_status status = IC_OK;

    if (verdicts == NULL)
        status = ic_fail_memory(error, "the verdicts of a validation",
                                count * sizeof *verdicts);
    if (status == IC_OK)
        status = judge(learner, &validation, &listener->stopped, error);
    status = ic_comm_agree(listener->comm, status, &listener->stopped, error);
    if (status == IC_OK && !listener->stopped)
        status = ic_comm_gather(listener->comm, verdicts, count * sizeof *verdicts,
                                (size_t)batch * sizeof *verdicts, error);
    if (status == IC_OK && !listener->stopped)
        status = add_up(&validation, ret_validation, error);
    free(verdicts);
    return status;
}
