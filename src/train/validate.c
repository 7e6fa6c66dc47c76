/*
 * The validation of a training. See validate.h.
 */
#include "train/validate.h"

#include "base/machine.h"
#include "score/eval.h"

struct progress {
    const struct ic_listener *listener;
    struct ic_step_report report;
    size_t valid_left; /* before the first batch */
    double begin;
};

static void after_batch(void *context, const struct ic_batch *batch,
                        const float *logits)
{
    struct progress *progress = context;
    struct ic_step_report *report = &progress->report;

    (void)logits;
    report->batch++;
    report->epoch_images += (size_t)batch->count;
    report->epoch_seconds = ic_machine_seconds() - progress->begin;
    report->valid_left = progress->valid_left - report->epoch_images;
    ic_listener_step(progress->listener, report);
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

ic_status ic_validate(struct ic_learner *learner, const struct ic_training_data *data,
                      const struct ic_step_report *now, struct ic_listener *listener,
                      struct ic_validation *ret_validation, struct ic_error *error)
{
    const size_t count = data->split.valid_count;
    const int batch = ic_job_micro_batch(learner->job);
    const struct ic_features *features = ic_learner_features(learner);
    struct ic_net *net = learner->engine.net;
    struct progress progress = {
        .listener = listener,
        .report = start_report(now, ic_loader_batches(count, batch, false)),
        .valid_left = now->valid_left,
        .begin = ic_machine_seconds(),
    };
    const struct ic_eval_options options = {
        .model = &learner->model,
        .dataset = &data->dataset,
        .input = features != NULL ? input_features : NULL,
        .source = features,
        .samples = data->split.valid,
        .sample_count = count,
        .decode = data->decode,
        .batch = batch,
        .workers = data->job->workers,
        .stop = listener->stop,
        .on_batch = after_batch,
        .context = &progress,
    };
    struct ic_scores scores = {0};
    struct ic_error failure;
    ic_status status;

    ic_net_select(net, ic_learner_ema_or_weights(learner));
    status = ic_evaluate(net, &options, &scores, &failure);
    ic_net_select(net, IC_NET_WEIGHTS);
    if (status == IC_ERR_NUMERIC)
        ic_fail(error, status, "%s after step %lld: a lower --lr may help",
                failure.message, (long long)now->step);
    else if (status != IC_OK)
        ic_fail(error, status, "%s", failure.message);
    listener->stopped |= scores.stopped;
    if (status == IC_OK)
        *ret_validation = (struct ic_validation){
            .loss = ic_scores_loss(&scores),
            .error_rate = ic_scores_error_rate(&scores),
            .seconds = ic_machine_seconds() - progress.begin,
        };
    ic_scores_free(&scores);
    return status;
}
