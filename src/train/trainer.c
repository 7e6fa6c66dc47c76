/*
 * Before the first step: network and run folder. See trainer.h; the data is in
 * trainer_data.c, the loop that follows in run.c.
 */
#include "train/trainer.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/init.h"
#include "model/pretrained.h"
#include "train/save.h"
#include "train/words.h"

bool ic_trainer_must_stop(struct ic_trainer *trainer)
{
    if (trainer->stop != NULL && *trainer->stop != 0)
        trainer->stopped = true;
    return trainer->stopped;
}

int64_t ic_trainer_batches(const struct ic_trainer *trainer)
{
    const int64_t left =
        trainer->steps - trainer->position.epoch * trainer->epoch_batches;

    if (left <= 0)
        return 0; /* all is done */
    return left < trainer->epoch_batches ? left : trainer->epoch_batches;
}

/* --- network ------------------------------------------------------------------- */

/* Batch norm takes the variance of a channel's values in the batch: of a single one
 * there is none, and the running variance would become 0. */
static ic_status check_statistics(const struct ic_trainer *trainer,
                                  struct ic_error *error)
{
    const struct ic_graph *graph = &trainer->engine.graph;

    for (int i = 0; i < graph->count; i++) {
        const struct ic_node *node = &graph->nodes[i];

        if (node->state_count > 0 && trainer->job.batch == 1 && node->out.height == 1 &&
            node->out.width == 1)
            return ic_fail(error, IC_ERR_USAGE,
                           "--batch 1 with --size %d leaves %s one value a channel, "
                           "which has no variance: take a larger batch or size",
                           trainer->job.size, node->name);
    }
    return IC_OK;
}

/* The model and its network, with the memory of a training step. */
static ic_status open_network(struct ic_trainer *trainer, struct ic_error *error)
{
    const struct ic_job *job = &trainer->job;
    struct ic_engine_options options = {
        .device = job->device,
        .conv = job->conv,
        .threads = job->threads,
        .plan = {.batch = job->batch, .training = true},
    };
    enum ic_optimizer_kind kind;
    enum ic_fit fit;
    ic_status status = ic_word_fit(job->resize, &fit, error);

    if (status == IC_OK)
        status = ic_word_augment(job->augment, &trainer->augment, error);
    if (status == IC_OK)
        status = ic_optimizer_find(job->optimizer, &kind, error);
    if (status == IC_OK)
        status = ic_model_init(&trainer->model, job->arch, job->head,
                               trainer->dataset.classes, trainer->dataset.class_count,
                               job->labels, job->size, fit, error);
    if (status != IC_OK)
        return status;
    trainer->model.presize = job->presize;
    options.plan.slots = ic_optimizer_slots(kind);
    status = ic_engine_open(&trainer->engine, &trainer->model, &options, error);
    if (status == IC_OK)
        status = check_statistics(trainer, error);
    if (status == IC_OK)
        status =
            ic_optimizer_open(&trainer->optimizer, &trainer->engine.graph, kind,
                              job->weight_decay, trainer->phase->frozen_groups, error);
    trainer->losses = calloc((size_t)job->batch, sizeof *trainer->losses);
    if (status == IC_OK && trainer->losses == NULL)
        status = ic_fail_memory(error, "the losses of a batch", (size_t)job->batch * 4);
    return status;
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

ic_status ic_trainer_save_model(struct ic_trainer *trainer, const char *name,
                                struct ic_error *error)
{
    char *path = ic_runfolder_file(&trainer->folder, name);
    ic_status status;

    if (path == NULL)
        return ic_fail_memory(error, "a path", strlen(trainer->folder.path));
    status = ic_save_model(path, &trainer->model, trainer->engine.net,
                           trainer->position.step, error);
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

/* Fresh weights, and over them those of --pretrained. A resume takes the checkpoint's,
 * so the file may be gone by then. */
static ic_status start_weights(struct ic_trainer *trainer, struct ic_error *error)
{
    const struct ic_job *job = &trainer->job;
    struct ic_net *net = trainer->engine.net;
    struct ic_pretrained_report report;
    ic_status status = ic_init_weights(net, job->seed, error);

    if (status != IC_OK || strcmp(job->pretrained, "none") == 0)
        return status;
    status = ic_weights_load_pretrained(net, job->pretrained, &report, error);
    if (status == IC_OK && report.head_replaced)
        ic_trainer_note(trainer,
                        "%s has another head or other classes: the head is drawn anew",
                        job->pretrained);
    return status;
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
        *position = (struct ic_position){.best_error = INFINITY, .best_loss = INFINITY};
        if (job->resume) {
            ic_trainer_note(trainer, "%s holds no checkpoint: the run begins anew",
                            job->out);
            status = start_weights(trainer, error);
        }
        return status == IC_OK ? ic_trainer_enter_phase(trainer, error) : status;
    }
    status = use_checkpoint(trainer, true, error);
    if (status != IC_OK)
        return status;
    status = ic_trainer_enter_phase(trainer, error);
    if (status != IC_OK)
        return status;
    if (!position_is_possible(trainer))
        return ic_fail(error, IC_ERR_FORMAT,
                       "%s/checkpoint.safetensors is damaged: epoch %lld, batch %lld "
                       "and step %lld do not belong together",
                       job->out, (long long)position->epoch, (long long)position->batch,
                       (long long)position->step);
    if (position->finished)
        ic_trainer_note(trainer, "the run in %s is finished: %lld steps are done",
                        job->out, (long long)position->step);
    else
        ic_trainer_note(trainer, "goes on in %s after step %lld of %lld", job->out,
                        (long long)position->step, (long long)trainer->steps);
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

static void plan_steps(struct ic_trainer *trainer)
{
    const struct ic_job *job = &trainer->job;
    const int64_t batches =
        (int64_t)ic_loader_batches(trainer->split.train_count, job->batch, true);

    trainer->epoch_batches = batches;
    trainer->steps = batches * ic_recipe_epochs(&trainer->recipe);
    if (job->max_steps > 0 && job->max_steps < trainer->steps)
        trainer->steps = job->max_steps;
    trainer->epochs = (int)((trainer->steps + batches - 1) / batches);
}

/* The folder, from its first moment on, and what is left to do in it. */
static ic_status begin(struct ic_trainer *trainer, struct ic_error *error)
{
    ic_status status;

    plan_steps(trainer);
    status = open_folder(trainer, error);
    if (status == IC_OK)
        status = begin_folder(trainer, error);
    if (status == IC_OK)
        ic_trainer_tell_start(trainer);
    return status;
}

static struct ic_recipe recipe_of(const struct ic_job *job)
{
    return strcmp(job->recipe, "fine-tune") == 0
               ? ic_recipe_fine_tune(job->freeze_epochs, job->epochs, job->lr)
               : ic_recipe_one_cycle(job->epochs, job->lr);
}

ic_status ic_trainer_open(struct ic_trainer *trainer, const struct ic_job *job,
                          const struct ic_train_events *events,
                          const volatile sig_atomic_t *stop, struct ic_error *error)
{
    ic_status status;

    *trainer = (struct ic_trainer){.job = *job, .stop = stop};
    if (events != NULL)
        trainer->events = *events;
    status = ic_job_check(&trainer->job, error);
    if (status == IC_OK)
        status = ic_runfolder_check(job->out, job->resume, error);
    if (status == IC_OK)
        status = ic_trainer_open_data(trainer, error);
    if (status != IC_OK)
        goto out;
    trainer->recipe = recipe_of(&trainer->job);
    trainer->phase = &trainer->recipe.phases[0];
    trainer->defining = ic_job_to_text(&trainer->job, true);
    if (trainer->defining == NULL)
        status = ic_fail_memory(error, "the job's text", 0);
    /* What can be refused without a long look at the data comes before it. */
    if (status == IC_OK)
        status = open_network(trainer, error);
    if (status == IC_OK && !job->resume)
        status = start_weights(trainer, error);
    if (status == IC_OK)
        status = ic_trainer_check_data(trainer, error);
    if (status == IC_OK && !ic_trainer_must_stop(trainer))
        status = begin(trainer, error);
out:
    if (status != IC_OK)
        ic_trainer_close(trainer);
    return status;
}

void ic_trainer_close(struct ic_trainer *trainer)
{
    ic_runfolder_close(&trainer->folder);
    ic_optimizer_close(&trainer->optimizer);
    ic_engine_close(&trainer->engine);
    ic_model_free(&trainer->model);
    ic_split_free(&trainer->split);
    ic_dataset_close(&trainer->dataset);
    free(trainer->losses);
    free(trainer->defining);
    *trainer = (struct ic_trainer){0};
}
