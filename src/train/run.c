/* SPDX-License-Identifier: MIT */
/*
 * The training loop.
 *
 *   open the pictures, the network and the run folder; a checkpoint there may say how
 *   far the run has come
 *   for each epoch
 *       for each batch: one step (step.c), a row in steps.csv, sometimes a checkpoint
 *       validate: model files, a row in metrics.csv, the next epoch's phase, a
 *       checkpoint
 *
 * What an epoch or a step computes depends only on the job and on the position. So the
 * loop can be left after any step and entered there again, and gives the same bits. An
 * epoch's checkpoint is its last file: a process that is killed before the checkpoint
 * does the same work again after a resume, and writes the same files.
 */
#include "train/run.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/machine.h"
#include "train/ranks.h"
#include "train/run_report.h"
#include "train/run_state.h"
#include "train/validate.h"

/* --- an epoch's training ------------------------------------------------------- */

/* Reports the batch of the very first step. A loader of labels or of a rank's part has
 * not read all of the batch's pictures, so they are loaded here. */
static ic_status tell_first_batch(const struct ic_run *run,
                                  const struct ic_batch *batch, struct ic_error *error)
{
    const struct ic_train_events *events = &run->listener.events;
    const struct ic_model *model = &run->trainer.learner.model;
    const struct ic_stretch part = ic_learner_part(&run->trainer.learner);
    struct ic_first_batch_report report = {
        .folder = run->store.folder.path,
        .batch = batch,
        .size = model->size,
        .classes = (const char *const *)model->classes,
    };
    struct ic_loader *loader = NULL;
    ic_status status = IC_OK;

    if (events->on_first_batch == NULL || run->position.step > 0)
        return IC_OK;
    if (part.end - part.first < (size_t)batch->count) {
        status = ic_training_data_load_pictures(&run->trainer.data, model, batch,
                                                &loader, error);
        if (status == IC_OK)
            status = ic_loader_next(loader, &report.batch, error);
    }
    if (status == IC_OK)
        status = events->on_first_batch(events->context, &report, error);
    ic_loader_close(loader);
    return status;
}

/* Takes the step at the position; `batch` is NULL where it could not be loaded. */
static ic_status train_step(struct ic_run *run, const struct ic_rates *rates,
                            const struct ic_batch *batch, double *ret_loss,
                            struct ic_error *error)
{
    struct ic_learner *learner = &run->trainer.learner;
    struct ic_run_position *position = &run->position;
    const double ema = run->job->ema;
    bool stop =
        ic_comm_size(run->listener.comm) > 1 && ic_listener_asked(&run->listener);
    const ic_status status = ic_step(&learner->stepper, batch, position->step, rates,
                                     ret_loss, &stop, error);

    if (status != IC_OK)
        return status;
    run->listener.stopped |= stop;
    position->step++;
    position->batch++;
    ic_smooth_loss_add(&position->smooth, *ret_loss);
    if (ema > 0) /* the average begins with the weights that the first step left */
        ic_net_average(learner->engine.net, position->step == 1 ? 0 : ema);
    return IC_OK;
}

/* After a step: reports it, adds its row, and writes a checkpoint when one is due. */
static ic_status record_step(struct ic_run *run, const struct ic_step_report *report,
                             struct ic_error *error)
{
    const int64_t every = run->job->checkpoint_every;
    ic_status status;

    ic_listener_step(&run->listener, report);
    status = ic_runfolder_add_step(&run->store.folder, report, error);
    if (status == IC_OK && every > 0 && report->step % every == 0)
        status = ic_run_store_save(&run->store, error);
    return status;
}

/* Measures the pace of an epoch. */
struct pace {
    double begin, before; /* seconds: clock at the start; trained before it */
    size_t images;        /* trained since */
};

/* Takes a step with one batch, and reports and records it. */
static ic_status train_batch(struct ic_run *run, struct ic_loader *loader,
                             struct pace *pace, struct ic_error *error)
{
    const struct ic_course *course = &run->trainer.course;
    struct ic_run_position *position = &run->position;
    const struct ic_rates rates = ic_course_rates(course, position);
    const struct ic_batch *batch;
    struct ic_step_report report;
    double loss;
    ic_status status = ic_loader_next(loader, &batch, error);

    if (status == IC_OK && ic_run_writes(run))
        status = tell_first_batch(run, batch, error);
    status = train_step(run, &rates, status == IC_OK ? batch : NULL, &loss, error);
    if (status == IC_ERR_NUMERIC)
        ic_run_report_pictures(&run->listener, &run->trainer.data.dataset, batch);
    if (status != IC_OK)
        return status;
    pace->images += (size_t)batch->count;
    position->train_seconds = pace->before + ic_machine_seconds() - pace->begin;
    report = ic_run_report_position(course, position, run->job->batch,
                                    run->trainer.data.split.valid_count);
    report.loss = loss;
    report.lr = rates.lr[IC_GROUP_HEAD];
    report.momentum = rates.momentum;
    report.epoch_images = pace->images;
    report.epoch_seconds = position->train_seconds - pace->before;
    return ic_run_writes(run) ? record_step(run, &report, error) : IC_OK;
}

/* Trains from the position to the end of the epoch, or until stopped. */
static ic_status train_epoch(struct ic_run *run, struct ic_error *error)
{
    struct ic_learner *learner = &run->trainer.learner;
    const struct ic_training_data *data = &run->trainer.data;
    const struct ic_course *course = &run->trainer.course;
    struct ic_run_position *position = &run->position;
    const int64_t batches = ic_course_batches(course, position);
    struct pace pace = {ic_machine_seconds(), position->train_seconds, 0};
    struct ic_loader *loader = NULL;
    ic_status status = ic_learner_find_features(
        learner, ic_course_phase(course)->freeze, data, &run->listener, error);

    if (status == IC_OK)
        status = ic_training_data_load(data, &learner->model, position->epoch,
                                       position->batch, ic_learner_part(learner),
                                       &loader, error);
    status = ic_comm_agree(run->listener.comm, status, NULL, error);
    while (status == IC_OK && position->batch < batches &&
           !ic_listener_must_stop(&run->listener))
        status = train_batch(run, loader, &pace, error);
    ic_loader_close(loader);
    return status;
}

/* --- the end of an epoch ------------------------------------------------------- */

static ic_status save_model(struct ic_run *run, const char *name,
                            struct ic_error *error)
{
    char *path = ic_runfolder_file(&run->store.folder, name);
    ic_status status;

    if (path == NULL)
        return ic_fail_memory(error, "a path", 0);
    status =
        ic_learner_save_model(&run->trainer.learner, path, run->position.step, error);
    free(path);
    return status;
}

/* Writes an epoch's files and its row, without the checkpoint. */
static ic_status write_epoch(struct ic_run *run, const struct ic_epoch_report *report,
                             struct ic_error *error)
{
    ic_status status = save_model(run, "model.safetensors", error);

    if (status == IC_OK && report->best)
        status = save_model(run, "best.safetensors", error);
    if (status == IC_OK)
        status = ic_runfolder_add_epoch(&run->store.folder, report, error);
    return status;
}

/* Writes an epoch's files, moves the position to the next epoch, and ends with a
 * checkpoint. */
static ic_status finish_epoch(struct ic_run *run, const struct ic_epoch_report *report,
                              struct ic_error *error)
{
    struct ic_course *course = &run->trainer.course;
    const int phase = course->phase;
    struct ic_epoch_end end = {0};
    ic_status status = ic_run_writes(run) ? write_epoch(run, report, error) : IC_OK;

    if (status == IC_OK)
        end = ic_course_end_epoch(course, &run->position, report->error_rate,
                                  report->valid_loss);
    if (status == IC_OK && end.new_phase)
        status = ic_learner_enter_phase(&run->trainer.learner,
                                        ic_course_phase(course)->freeze, 0, error);
    if (status == IC_OK && ic_run_writes(run))
        status = ic_run_store_save(&run->store, error);
    if (status == IC_OK)
        ic_listener_epoch(&run->listener, report);
    if (status == IC_OK && end.early)
        ic_run_report_early_end(&run->listener, course, phase);
    return ic_comm_agree(run->listener.comm, status, NULL, error);
}

/* Validates after an epoch's last step. Nothing is written when stopped meanwhile. */
static ic_status validate_epoch(struct ic_run *run, struct ic_error *error)
{
    const struct ic_course *course = &run->trainer.course;
    struct ic_run_position *position = &run->position;
    const struct ic_step_report now = ic_run_report_position(
        course, position, run->job->batch, run->trainer.data.split.valid_count);
    struct ic_validation result;
    struct ic_epoch_report report;
    ic_status status = ic_validate(&run->trainer.learner, &run->trainer.data, &now,
                                   &run->listener, &result, error);

    if (status != IC_OK || run->listener.stopped)
        return status;
    report = (struct ic_epoch_report){
        .phase = now.phase,
        .epoch = now.epoch,
        .epochs = now.epochs,
        .step = now.step,
        .train_loss = now.smooth_loss,
        .valid_loss = result.loss,
        .error_rate = result.error_rate,
        .seconds = position->train_seconds + result.seconds,
        .images_per_second =
            (double)position->batch * run->job->batch / position->train_seconds,
        .best = ic_best_take(&position->best, result.error_rate, result.loss),
    };
    return finish_epoch(run, &report, error);
}

/* --- the run ------------------------------------------------------------------- */

static ic_status train(struct ic_run *run, enum ic_run_end *ret_end,
                       struct ic_error *error)
{
    const struct ic_listener *listener = &run->listener;
    ic_status status = ic_run_begin(run, error);

    if (status == IC_OK)
        ic_run_report_start(listener, &run->trainer.data, &run->trainer.learner,
                            &run->trainer.course, &run->position);
    while (status == IC_OK && !run->position.finished && !listener->stopped) {
        status = train_epoch(run, error);
        if (status == IC_OK && !listener->stopped)
            status = validate_epoch(run, error);
    }
    if (status == IC_OK && listener->stopped && ic_run_writes(run))
        status = ic_run_store_save(&run->store, error);
    *ret_end = listener->stopped ? IC_RUN_STOPPED : IC_RUN_DONE;
    return status;
}

ic_status ic_train_run(struct ic_job *job, struct ic_comm *comm,
                       const struct ic_train_events *events, const atomic_int *stop,
                       enum ic_run_end *ret_end, struct ic_error *error)
{
    struct ic_run run = {
        .job = job,
        .listener = {.stop = stop, .comm = comm},
        .position = ic_run_position_start(),
    };
    ic_status status;

    if (events != NULL)
        run.listener.events = *events;
    status = ic_ranks_settle(job, &run.listener, error);
    if (status == IC_OK && ic_run_writes(&run))
        status = ic_runfolder_check(job->out, job->resume, error);
    status = ic_ranks_check_folder(comm, job->out, status, error);
    if (status == IC_OK)
        status = ic_trainer_open(&run.trainer, job, !job->resume, &run.listener, error);
    if (status != IC_OK)
        return status;
    if (run.listener.stopped)
        *ret_end = IC_RUN_NOT_BEGUN;
    else
        status = train(&run, ret_end, error);
    /* A failure of one rank since the last meeting becomes a failure of all. */
    status = ic_comm_agree(comm, status, NULL, error);
    ic_run_store_close(&run.store);
    ic_trainer_close(&run.trainer);
    return status;
}
