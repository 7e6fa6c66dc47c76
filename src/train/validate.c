/*
 * The end of an epoch: validation, its row, the model files, the checkpoint. See
 * trainer.h.
 *
 * The checkpoint comes last. A process that is killed before it does the same again
 * after a resume and writes the same files.
 */
#include "base/machine.h"
#include "score/eval.h"
#include "train/trainer.h"

struct validation {
    const struct ic_trainer *trainer;
    struct ic_step_report report;
    size_t images;
    double begin;
};

static void after_batch(void *context, const struct ic_batch *batch,
                        const float *logits)
{
    struct validation *v = context;

    (void)logits;
    v->images += (size_t)batch->count;
    v->report.batch++;
    v->report.pass_images = v->images;
    v->report.pass_seconds = ic_machine_seconds() - v->begin;
    ic_trainer_tell_step(v->trainer, &v->report);
}

static void input_features(const void *features, struct ic_net *net,
                           const struct ic_batch *batch)
{
    ic_features_input(features, net, batch->samples, batch->count);
}

static ic_status validate(struct ic_trainer *t, struct ic_scores *ret_scores,
                          double *ret_seconds, struct ic_error *error)
{
    const size_t count = t->split.valid_count;
    const int pass = ic_job_pass(&t->job);
    const struct ic_features *features = ic_trainer_features(t);
    struct validation v = {
        .trainer = t,
        .report = {.validating = true,
                   .batches = ic_loader_batches(count, pass, false)},
        .begin = ic_machine_seconds(),
    };
    const struct ic_eval_options options = {
        .model = &t->model,
        .dataset = &t->dataset,
        .input = features != NULL ? input_features : NULL,
        .source = features,
        .samples = t->split.valid,
        .sample_count = count,
        .decode = t->decode,
        .batch = pass,
        .workers = t->job.workers,
        .stop = t->stop,
        .on_batch = after_batch,
        .context = &v,
    };
    ic_status status;

    ic_net_select(t->engine.net, ic_trainer_judged(t));
    status = ic_evaluate(t->engine.net, &options, ret_scores, error);
    ic_net_select(t->engine.net, IC_NET_WEIGHTS);
    if (status == IC_ERR_NUMERIC && error != NULL)
        ic_fail(error, status, "%s after step %lld: a lower --lr may help",
                error->message, (long long)t->position.step);
    *ret_seconds = ic_machine_seconds() - v.begin;
    return status;
}

/* Writes what an epoch leaves behind, moves the position to the next epoch, saves. */
static ic_status finish_epoch(struct ic_trainer *t,
                              const struct ic_epoch_report *report,
                              struct ic_error *error)
{
    struct ic_position *position = &t->position;
    const struct ic_phase *const phase = t->phase;
    bool early;
    ic_status status = ic_trainer_save_model(t, "model.safetensors", error);

    if (status == IC_OK && report->best)
        status = ic_trainer_save_model(t, "best.safetensors", error);
    if (status == IC_OK)
        status = ic_runfolder_add_epoch(&t->folder, report, error);
    position->epoch++;
    position->batch = 0;
    position->train_seconds = 0;
    early = ic_trainer_ends_early(t, report);
    position->finished = position->step == t->steps;
    if (status == IC_OK)
        status = ic_trainer_next_phase(t, error);
    if (status == IC_OK)
        status = ic_trainer_save(t, error);
    if (status == IC_OK && t->events.on_epoch != NULL)
        t->events.on_epoch(t->events.context, report);
    if (status == IC_OK && early)
        ic_trainer_note_early_end(t, phase);
    return status;
}

ic_status ic_trainer_validate(struct ic_trainer *t, struct ic_error *error)
{
    struct ic_position *position = &t->position;
    struct ic_scores scores = {0};
    double seconds;
    ic_status status = validate(t, &scores, &seconds, error);

    if (status == IC_OK && scores.stopped)
        t->stopped = true;
    if (status == IC_OK && !t->stopped) {
        const double loss = ic_scores_loss(&scores);
        const double rate = ic_scores_error_rate(&scores);
        const double images = (double)position->batch * t->job.batch;
        const struct ic_epoch_report report = {
            .phase = t->phase->name,
            .epoch = (int)position->epoch,
            .epochs = t->epochs,
            .step = position->step,
            .train_loss = ic_smooth_loss_value(&position->smooth),
            .valid_loss = loss,
            .error_rate = rate,
            .seconds = position->train_seconds + seconds,
            .images_per_second = images / position->train_seconds,
            .best = ic_best_take(&position->best, rate, loss),
        };

        status = finish_epoch(t, &report, error);
    }
    ic_scores_free(&scores);
    return status;
}
