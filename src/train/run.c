/*
 * The training loop.
 *
 *   for each epoch
 *       for each batch: one step (step.c), a row in steps.csv
 *       validate, a row in metrics.csv, model files, checkpoint (validate.c)
 *
 * What an epoch or a step computes depends on the job and on `position` alone. So the
 * loop can be left after any step and entered there again, and gives the same bits.
 */
#include "train/run.h"

#include <assert.h>
#include <string.h>

#include "base/machine.h"
#include "train/trainer.h"

/* --- one step ------------------------------------------------------------------ */

/* The step that the position stands at. Fills the report's loss and rates. */
static ic_status train_step(struct ic_trainer *t, const struct ic_batch *batch,
                            struct ic_step_report *report, struct ic_error *error)
{
    const double phase_steps = (double)t->epoch_batches * t->phase->epochs;
    const struct ic_rates rates =
        ic_phase_rates(t->phase, (double)ic_trainer_phase_steps(t) / phase_steps);
    const struct ic_stepper stepper = ic_trainer_stepper(t);
    double loss;
    const ic_status status =
        ic_step(&stepper, batch, t->position.step, &rates, &loss, error);

    if (status != IC_OK)
        return status;
    t->position.step++;
    if (t->job.ema > 0) /* it begins with the weights that the first step left */
        ic_net_average(t->engine.net, t->position.step == 1 ? 0 : t->job.ema);
    t->position.batch++;
    ic_smooth_loss_add(&t->position.smooth, loss);
    report->loss = loss;
    report->lr = rates.lr[IC_GROUP_HEAD];
    report->momentum = rates.momentum;
    return IC_OK;
}

/* --- an epoch's training ------------------------------------------------------- */

/* After a step: the row, the report, and a checkpoint when it is time. */
static ic_status record_step(struct ic_trainer *t, struct ic_step_report *report,
                             struct ic_error *error)
{
    const int64_t every = t->job.checkpoint_every;
    ic_status status;

    report->batch = (size_t)t->position.batch;
    report->batches = (size_t)ic_trainer_batches(t);
    ic_trainer_tell_step(t, report);
    status = ic_runfolder_add_step(&t->folder, report, error);
    if (status != IC_OK)
        return status;
    if (every > 0 && t->position.step % every == 0)
        status = ic_trainer_save(t, error);
    return status;
}

/* A loss that is not finite: all names, since the error has room for few. */
static void note_pictures(const struct ic_trainer *t, const struct ic_batch *batch)
{
    for (int i = 0; i < batch->count; i++)
        ic_trainer_note(t, "picture %d of the batch: %s", i + 1,
                        t->dataset.samples[batch->samples[i]].name);
}

/* Trains from where the position stands to the end of the epoch, or until stopped. */
static ic_status train_epoch(struct ic_trainer *t, struct ic_error *error)
{
    const int64_t batches = ic_trainer_batches(t);
    struct ic_step_report report = {0};
    struct ic_loader *loader = NULL;
    size_t images = 0;
    double begin = ic_machine_seconds(), before = t->position.train_seconds;
    ic_status status = ic_trainer_find_features(t, error);

    if (status == IC_OK)
        status = ic_trainer_open_loader(t, t->position.epoch, t->position.batch,
                                        ic_trainer_features(t) != NULL, &loader, error);
    while (status == IC_OK && t->position.batch < batches && !ic_trainer_must_stop(t)) {
        const struct ic_batch *batch;
        double seconds;

        status = ic_loader_next(loader, &batch, error);
        if (status != IC_OK)
            break;
        assert(batch->count == t->job.batch);
        status = train_step(t, batch, &report, error);
        if (status == IC_ERR_NUMERIC)
            note_pictures(t, batch);
        if (status != IC_OK)
            break;
        images += (size_t)batch->count;
        seconds = ic_machine_seconds() - begin;
        t->position.train_seconds = before + seconds;
        report.pass_images = images;
        report.pass_seconds = seconds;
        status = record_step(t, &report, error);
    }
    ic_loader_close(loader);
    return status;
}

/* Before the first step of all: the batch that it takes, by a loader of its own. */
static ic_status tell_first_batch(const struct ic_trainer *t, struct ic_error *error)
{
    const struct ic_batch *batch;
    struct ic_loader *loader = NULL;
    ic_status status;

    if (t->position.step > 0 || t->position.finished ||
        t->events.on_first_batch == NULL)
        return IC_OK;
    status = ic_trainer_open_loader(t, t->position.epoch, t->position.batch, false,
                                    &loader, error);
    if (status == IC_OK)
        status = ic_loader_next(loader, &batch, error);
    if (status == IC_OK)
        status = ic_trainer_tell_batch(t, batch, error);
    ic_loader_close(loader);
    return status;
}

/* --- the run ------------------------------------------------------------------- */

ic_status ic_train_run(const struct ic_job *job, const struct ic_train_events *events,
                       const atomic_int *stop, enum ic_run_end *ret_end,
                       struct ic_error *error)
{
    struct ic_trainer trainer;
    ic_status status = ic_trainer_open(&trainer, job, events, stop, error);

    if (status != IC_OK)
        return status;
    if (trainer.folder.path == NULL) {
        *ret_end = IC_RUN_NOT_BEGUN;
        ic_trainer_close(&trainer);
        return IC_OK;
    }
    status = tell_first_batch(&trainer, error);
    while (status == IC_OK && !trainer.position.finished && !trainer.stopped) {
        status = train_epoch(&trainer, error);
        if (status == IC_OK && !trainer.stopped)
            status = ic_trainer_validate(&trainer, error);
    }
    if (status == IC_OK && trainer.stopped)
        status = ic_trainer_save(&trainer, error);
    *ret_end = trainer.stopped ? IC_RUN_STOPPED : IC_RUN_DONE;
    ic_trainer_close(&trainer);
    return status;
}
