/*
 * Before the first step: data set, network and weights. See trainer.h; the data is in
 * trainer_data.c, the run folder in trainer_folder.c, the loops that follow in run.c
 * and find_lr.c.
 */
#include "train/trainer.h"

#include <stdlib.h>
#include <string.h>

#include "base/word.h"
#include "model/init.h"
#include "model/pretrained.h"

bool ic_trainer_must_stop(struct ic_trainer *trainer)
{
    if (trainer->stop != NULL && *trainer->stop != 0)
        trainer->stopped = true;
    return trainer->stopped;
}

/* --- network ------------------------------------------------------------------- */

/* Batch norm takes the variance of a channel's values in what is computed at once: of a
 * single one there is none, and the running variance would become 0. */
static ic_status check_statistics(const struct ic_trainer *trainer,
                                  struct ic_error *error)
{
    const struct ic_graph *graph = &trainer->engine.graph;
    const struct ic_job *job = &trainer->job;
    const int pass = ic_job_pass(job);
    const bool lonely = pass == 1 || job->batch % pass == 1;
    char which[80];

    if (pass == job->batch)
        snprintf(which, sizeof which, "--batch %d", pass);
    else
        snprintf(which, sizeof which,
                 "the last micro-batch of --batch %d by --micro-batch %d", job->batch,
                 pass);
    for (int i = 0; i < graph->count; i++) {
        const struct ic_node *node = &graph->nodes[i];

        if (node->state_count > 0 && lonely && node->out.height == 1 &&
            node->out.width == 1)
            return ic_fail(error, IC_ERR_USAGE,
                           "%s with --size %d leaves %s one value a channel, which "
                           "has no variance: take a larger batch or size",
                           which, job->size, node->name);
    }
    return IC_OK;
}

/* The model and its network, with the memory of a training step. */
static ic_status open_network(struct ic_trainer *trainer, struct ic_error *error)
{
    const struct ic_job *job = &trainer->job;
    struct ic_engine_options options = {
        .compute = job->compute,
        .plan = {.batch = ic_job_pass(job),
                 .step = job->batch,
                 .training = true,
                 .mixing = job->mixup > 0,
                 .average = job->ema > 0},
    };
    const int fit = ic_word_index(ic_fit_names, job->resize);
    enum ic_optimizer_kind kind;
    ic_status status = ic_optimizer_find(job->optimizer, &kind, error);

    trainer->augment = ic_word_index(ic_augment_names, job->augment);
    trainer->decode = ic_word_index(ic_decode_names, job->decode);
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
        status = ic_optimizer_open(&trainer->optimizer, &trainer->engine.graph, kind,
                                   job->weight_decay, trainer->phase->freeze, error);
    if (status == IC_OK && job->mixup > 0)
        status = ic_mixup_open(&trainer->mixup, job->mixup, job->batch, error);
    trainer->losses = calloc((size_t)job->batch, sizeof *trainer->losses);
    if (status == IC_OK && trainer->losses == NULL)
        status = ic_fail_memory(error, "the losses of a batch", (size_t)job->batch * 4);
    return status;
}

ic_status ic_trainer_start_weights(struct ic_trainer *trainer, struct ic_error *error)
{
    const struct ic_job *job = &trainer->job;
    struct ic_net *net = trainer->engine.net;
    struct ic_pretrained_report report;
    ic_status status = ic_init_weights(net, job->seed, error);

    if (status != IC_OK || strcmp(job->pretrained, "none") == 0)
        return status;
    status =
        ic_weights_load_pretrained(net, job->arch, job->pretrained, &report, error);
    if (status == IC_OK && report.head_replaced)
        ic_trainer_note(trainer,
                        "%s has another head or other classes: the head is drawn anew",
                        job->pretrained);
    return status;
}

struct ic_stepper ic_trainer_stepper(struct ic_trainer *trainer)
{
    return (struct ic_stepper){
        .net = trainer->engine.net,
        .optimizer = &trainer->optimizer,
        .model = &trainer->model,
        .dataset = &trainer->dataset,
        .features = ic_trainer_features(trainer),
        .seed = trainer->job.seed,
        .label_smoothing = (float)trainer->job.label_smoothing,
        .clip_norm = trainer->job.clip_norm,
        .mixup = trainer->job.mixup > 0 ? &trainer->mixup : NULL,
        .losses = trainer->losses,
    };
}

/* --- all of it ----------------------------------------------------------------- */

static struct ic_recipe recipe_of(const struct ic_job *job)
{
    return strcmp(job->recipe, "fine-tune") == 0
               ? ic_recipe_fine_tune(job->freeze_epochs, job->epochs, job->lr,
                                     strcmp(job->freeze, "bn") == 0)
               : ic_recipe_one_cycle(job->epochs, job->lr);
}

ic_status ic_trainer_prepare(struct ic_trainer *trainer, const struct ic_job *job,
                             const struct ic_train_events *events,
                             const atomic_int *stop, struct ic_error *error)
{
    ic_status status;

    *trainer = (struct ic_trainer){.job = *job, .stop = stop};
    if (events != NULL)
        trainer->events = *events;
    trainer->recipe = recipe_of(job);
    trainer->phase = &trainer->recipe.phases[0];
    /* What can be refused without a long look at the data comes before it. */
    status = ic_trainer_open_data(trainer, error);
    if (status == IC_OK)
        status = open_network(trainer, error);
    if (status == IC_OK && !job->resume)
        status = ic_trainer_start_weights(trainer, error);
    if (status == IC_OK)
        status = ic_trainer_check_data(trainer, error);
    if (status != IC_OK)
        ic_trainer_close(trainer);
    return status;
}

void ic_trainer_close(struct ic_trainer *trainer)
{
    ic_runfolder_close(&trainer->folder);
    ic_optimizer_close(&trainer->optimizer);
    ic_features_free(&trainer->features);
    ic_mixup_close(&trainer->mixup);
    ic_engine_close(&trainer->engine);
    ic_model_free(&trainer->model);
    ic_split_free(&trainer->split);
    ic_dataset_close(&trainer->dataset);
    free(trainer->losses);
    free(trainer->defining);
    *trainer = (struct ic_trainer){0};
}
