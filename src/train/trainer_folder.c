/*
 * A run's folder: made or resumed before the first step, saved to after others. See
 * trainer.h.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "train/save.h"
#include "train/trainer.h"

int64_t ic_trainer_batches(const struct ic_trainer *trainer)
{
    const int64_t left =
        trainer->steps - trainer->position.epoch * trainer->epoch_batches;

    if (left <= 0)
        return 0; /* all is done */
    return left < trainer->epoch_batches ? left : trainer->epoch_batches;
}

/* --- run folder ---------------------------------------------------------------- */

static ic_status use_checkpoint(struct ic_trainer *trainer, bool load,
                                struct ic_error *error)
{
    const struct ic_checkpoint checkpoint = {
        .job = trainer->defining,
        .data = trainer->fingerprint,
        .net = trainer->engine.net,
        .kind = trainer->optimizer.kind,
        .position = &trainer->position,
    };
    char *path = ic_runfolder_file(&trainer->folder, "checkpoint.safetensors");
    ic_status status;

    if (path == NULL)
        return ic_fail_memory(error, "a path", strlen(trainer->folder.path));
    if (load)
        status = ic_checkpoint_load(&checkpoint, path, error);
    else
        status = ic_checkpoint_save(&checkpoint, path, error);
    free(path);
    return status;
}

ic_status ic_trainer_save(struct ic_trainer *trainer, struct ic_error *error)
{
    ic_status status = ic_runfolder_sync(&trainer->folder, error);

    if (status == IC_OK)
        status = use_checkpoint(trainer, false, error);
    return status;
}

enum ic_net_set ic_trainer_judged(const struct ic_trainer *trainer)
{
    return trainer->job.ema > 0 ? IC_NET_AVERAGE : IC_NET_WEIGHTS;
}

ic_status ic_trainer_save_model(struct ic_trainer *trainer, const char *name,
                                struct ic_error *error)
{
    const int pass = ic_job_pass(&trainer->job);
    const int64_t parts = (trainer->job.batch + pass - 1) / pass; /* of a step */
    char *path = ic_runfolder_file(&trainer->folder, name);
    ic_status status;

    if (path == NULL)
        return ic_fail_memory(error, "a path", strlen(trainer->folder.path));
    ic_net_select(trainer->engine.net, ic_trainer_judged(trainer));
    status = ic_save_model(path, &trainer->model, trainer->engine.net,
                           trainer->position.step * parts, error);
    ic_net_select(trainer->engine.net, IC_NET_WEIGHTS);
    free(path);
    return status;
}

/* Whether a loaded position can be one of this job. */
static bool position_is_possible(const struct ic_trainer *trainer)
{
    const struct ic_position *p = &trainer->position;
    int64_t begun;

    if (p->epoch > trainer->epochs || p->batch > ic_trainer_batches(trainer))
        return false;
    begun = p->epoch * trainer->epoch_batches;
    if (begun > trainer->steps)
        begun = trainer->steps; /* max_steps cut the last epoch */
    return p->step == begun + p->batch &&
           p->smooth.count == ic_trainer_phase_steps(trainer) &&
           isfinite(p->smooth.average) && isfinite(p->train_seconds) &&
           p->finished == (p->epoch == trainer->epochs);
}

/* Where a resumed run goes on, or that it does not, and why. */
static void tell_resume(const struct ic_trainer *trainer)
{
    const struct ic_position *position = &trainer->position;
    const int last = trainer->recipe.count - 1;
    const struct ic_phase *phase = &trainer->recipe.phases[last];

    if (!position->finished)
        ic_trainer_note(trainer, "goes on in %s after step %lld of %lld",
                        trainer->job.out, (long long)position->step,
                        (long long)trainer->steps);
    else
        ic_trainer_note(trainer, "the run in %s is finished: %lld steps are done",
                        trainer->job.out, (long long)position->step);
    if (position->finished && position->cut[last] > 0)
        ic_trainer_note_early_end(trainer, phase);
}

/* A new run, or the one that the folder's checkpoint holds. */
static ic_status open_folder(struct ic_trainer *trainer, struct ic_error *error)
{
    const struct ic_job *job = &trainer->job;
    struct ic_position *position = &trainer->position;
    bool resume = false;
    ic_status status =
        ic_runfolder_open(&trainer->folder, job->out, job->resume, &resume, error);

    if (status != IC_OK)
        return status;
    if (!resume) {
        *position = ic_position_start();
        if (job->resume) {
            ic_trainer_note(trainer, "%s holds no checkpoint: the run begins anew",
                            job->out);
            status = ic_trainer_start_weights(trainer, error);
        }
        return status == IC_OK ? ic_trainer_enter_phase(trainer, error) : status;
    }
    status = use_checkpoint(trainer, true, error);
    if (status != IC_OK)
        return status;
    ic_trainer_plan_steps(trainer);
    status = ic_trainer_enter_phase(trainer, error);
    if (status != IC_OK)
        return status;
    if (!position_is_possible(trainer))
        return ic_fail(error, IC_ERR_FORMAT,
                       "%s/checkpoint.safetensors is damaged: epoch %lld, batch %lld "
                       "and step %lld do not belong together",
                       job->out, (long long)position->epoch, (long long)position->batch,
                       (long long)position->step);
    if (!ic_trainer_cuts_are_possible(trainer))
        return ic_fail(error, IC_ERR_FORMAT,
                       "%s/checkpoint.safetensors is damaged: its figures of early "
                       "stopping do not belong together",
                       job->out);
    tell_resume(trainer);
    return IC_OK;
}

/* Writes what stands in the folder from the first moment on. */
static ic_status begin_folder(struct ic_trainer *trainer, struct ic_error *error)
{
    char *text = ic_job_to_text(&trainer->job, false);
    ic_status status;

    if (text == NULL)
        return ic_fail_memory(error, "the job's text", 0);
    status =
        ic_runfolder_begin(&trainer->folder, text, &trainer->dataset, &trainer->split,
                           trainer->position.step, trainer->position.epoch, error);
    free(text);
    if (status == IC_OK)
        status = ic_trainer_save(trainer, error);
    return status;
}

/* --- all of it ----------------------------------------------------------------- */

/* The folder, from its first moment on, and what is left to do in it. */
static ic_status begin(struct ic_trainer *trainer, struct ic_error *error)
{
    ic_status status;

    ic_trainer_plan_steps(trainer);
    trainer->defining = ic_job_to_text(&trainer->job, true);
    if (trainer->defining == NULL)
        return ic_fail_memory(error, "the job's text", 0);
    status = open_folder(trainer, error);
    if (status == IC_OK)
        status = begin_folder(trainer, error);
    if (status == IC_OK)
        ic_trainer_tell_start(trainer);
    return status;
}

ic_status ic_trainer_open(struct ic_trainer *trainer, const struct ic_job *job,
                          const struct ic_train_events *events, const atomic_int *stop,
                          struct ic_error *error)
{
    struct ic_job checked = *job;
    ic_status status = ic_job_check(&checked, error);

    *trainer = (struct ic_trainer){0};
    if (status == IC_OK)
        status = ic_runfolder_check(checked.out, checked.resume, error);
    if (status == IC_OK)
        status = ic_trainer_prepare(trainer, &checked, events, stop, error);
    if (status != IC_OK || ic_trainer_must_stop(trainer))
        return status;
    status = begin(trainer, error);
    if (status != IC_OK)
        ic_trainer_close(trainer);
    return status;
}
