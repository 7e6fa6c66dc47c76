/* SPDX-License-Identifier: MIT */
/*
 * A network that learns. See learner.h.
 */
#include "train/learner.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/word.h"
#include "train/class_weights.h"
#include "train/host_memory.h"

/* Batch norm takes the variance of a channel's values in a micro-batch. A single value
 * has no variance, and the running variance would become 0. */
static ic_status check_statistics(const struct ic_learner *learner,
                                  struct ic_error *error)
{
    const struct ic_graph *graph = &learner->engine.graph;
    const struct ic_job *job = learner->job;
    const int micro = ic_job_micro_batch(job);
    const bool lonely = micro == 1 || job->batch % micro == 1;
    char which[80];

    if (micro == job->batch)
        snprintf(which, sizeof which, "--batch %d", micro);
    else
        snprintf(which, sizeof which,
                 "the last micro-batch of --batch %d with --micro-batch %d", job->batch,
                 micro);
    for (int i = 0; i < graph->count; i++) {
        const struct ic_node *node = &graph->nodes[i];

        if (node->state_count > 0 && lonely && node->out.height == 1 &&
            node->out.width == 1)
            return ic_fail(error, IC_ERR_USAGE,
                           "%s with --size %d gives batch norm %s a single value per "
                           "channel, which has no variance: use a larger batch or size",
                           which, job->size, node->name);
    }
    return IC_OK;
}

static ic_status open_model(struct ic_learner *learner,
                            const struct ic_dataset *dataset, struct ic_error *error)
{
    const struct ic_job *job = learner->job;
    const int fit = ic_word_index(ic_fit_names, job->resize);
    const ic_status status = ic_model_init(
        &learner->model, job->arch, job->head, dataset->classes, dataset->class_count,
        ic_labels_names[ic_labels_kind(job->labels)], job->size, fit, error);

    learner->model.presize = job->presize;
    learner->model.upright = strcmp(job->exif_orientation, "apply") == 0;
    return status;
}

/* Bytes of a picture as the network sees it. */
static size_t picture_bytes(const struct ic_job *job)
{
    return 3 * (size_t)job->size * (size_t)job->size;
}

static bool mixes(const struct ic_job *job)
{
    return job->mixup > 0 || job->cutmix > 0;
}

/* Whether mixup may take a partner from another rank's pictures. */
static bool gathers_pictures(const struct ic_job *job, const struct ic_comm *comm)
{
    return mixes(job) && ic_comm_size(comm) > 1;
}

static struct ic_mixup_options mixup_options(const struct ic_job *job)
{
    return (struct ic_mixup_options){.alpha =
                                         job->cutmix > 0 ? job->cutmix : job->mixup,
                                     .cutmix = job->cutmix > 0,
                                     .batch = job->batch,
                                     .micro = ic_job_micro_batch(job),
                                     .size = job->size};
}

static bool weighs_classes(const struct ic_job *job)
{
    return strcmp(job->class_weights, "balanced") == 0;
}

static ic_status open_engine(struct ic_learner *learner, enum ic_optimizer_kind kind,
                             struct ic_comm *comm, struct ic_error *error)
{
    const struct ic_job *job = learner->job;
    const struct ic_mixup_options mixup = mixup_options(job);
    ic_status status;
    struct ic_engine_options options = {
        .compute = job->compute,
        .plan = {.batch = ic_job_micro_batch(job),
                 .step = job->batch,
                 .training = true,
                 .slots = ic_optimizer_slots(kind),
                 .mixing = mixes(job),
                 .weighted = weighs_classes(job),
                 .average = job->ema > 0,
                 .resume = job->resume && ic_comm_rank(comm) == 0,
                 .rank = ic_comm_rank(comm),
                 .ranks = ic_comm_size(comm),
                 .ranks_here = ic_comm_local_size(comm)},
    };

    ic_host_memory_add(&options.plan, job->size, job->compute.threads + job->workers);
    if (mixes(job))
        options.plan.beside += ic_mixup_picture_bytes(&mixup);
    if (gathers_pictures(job, comm))
        options.plan.beside += (size_t)job->batch * picture_bytes(job);
    status = ic_engine_open(&learner->engine, &learner->model, &options, error);
    if (status == IC_OK)
        status = ic_net_join(learner->engine.net, comm, error);
    return status;
}

/* Opens everything that a step needs besides model and engine. */
static ic_status open_step(struct ic_learner *learner, enum ic_optimizer_kind kind,
                           struct ic_comm *comm, const struct ic_dataset *dataset,
                           struct ic_error *error)
{
    const struct ic_job *job = learner->job;
    const size_t pictures = (size_t)job->batch * picture_bytes(job);
    const struct ic_mixup_options mixup = mixup_options(job);
    const struct ic_freeze nothing = {0};
    ic_status status = ic_optimizer_open(&learner->optimizer, &learner->engine.graph,
                                         kind, job->weight_decay, nothing, error);

    if (status == IC_OK && mixes(job))
        status = ic_mixup_open(&learner->mixup, &mixup, error);
    learner->losses = calloc((size_t)job->batch, sizeof *learner->losses);
    if (status == IC_OK && learner->losses == NULL)
        status = ic_fail_memory(error, "the losses of a batch",
                                (size_t)job->batch * sizeof *learner->losses);
    if (gathers_pictures(job, comm))
        learner->pictures = malloc(pictures);
    if (status == IC_OK && gathers_pictures(job, comm) && learner->pictures == NULL)
        status = ic_fail_memory(error, "the pictures of a batch", pictures);
    learner->stepper = (struct ic_stepper){
        .net = learner->engine.net,
        .optimizer = &learner->optimizer,
        .model = &learner->model,
        .dataset = dataset,
        .seed = job->seed,
        .label_smoothing = (float)job->label_smoothing,
        .clip_norm = job->clip_norm,
        .mixup = mixes(job) ? &learner->mixup : NULL,
        .losses = learner->losses,
        .comm = comm,
        .pictures = learner->pictures,
    };
    return status;
}

ic_status ic_learner_open(struct ic_learner *learner, const struct ic_job *job,
                          struct ic_comm *comm, const struct ic_dataset *dataset,
                          struct ic_error *error)
{
    enum ic_optimizer_kind kind;
    ic_status status = ic_optimizer_find(job->optimizer, &kind, error);

    *learner = (struct ic_learner){.job = job};
    if (status == IC_OK)
        status = open_model(learner, dataset, error);
    if (status == IC_OK)
        status = open_engine(learner, kind, comm, error);
    if (status == IC_OK)
        status = check_statistics(learner, error);
    if (status == IC_OK)
        status = open_step(learner, kind, comm, dataset, error);
    if (status != IC_OK)
        ic_learner_close(learner);
    return status;
}

void ic_learner_close(struct ic_learner *learner)
{
    ic_optimizer_close(&learner->optimizer);
    ic_features_free(&learner->features);
    ic_mixup_close(&learner->mixup);
    ic_engine_close(&learner->engine);
    ic_model_free(&learner->model);
    free(learner->losses);
    free(learner->pictures);
    *learner = (struct ic_learner){0};
}

/* Whether neither trainable weights nor random choices precede the head, so that a
 * picture has the same features in all epochs. */
static bool has_features(const struct ic_learner *learner, struct ic_freeze freeze,
                         const struct ic_training_data *data)
{
    return freeze.norms && !mixes(learner->job) &&
           ic_augment_is_fixed(data->augment, &learner->job->parts, learner->model.fit);
}

/* Bytes of the features of all pictures, where a phase's steps begin behind a body that
 * is frozen with its norms: the input of the first node that is trained. Otherwise 0.
 */
static size_t feature_bytes(const struct ic_learner *learner, struct ic_freeze freeze,
                            const struct ic_training_data *data)
{
    const struct ic_graph *graph = &learner->engine.graph;

    if (!has_features(learner, freeze, data))
        return 0;
    for (int i = 1; i < graph->count; i++) {
        const struct ic_node *node = &graph->nodes[i];

        if (node->param_count > 0 &&
            !ic_array_frozen(&graph->params[node->params[0]], freeze))
            return ic_shape_count(graph->nodes[node->inputs[0]].out) * sizeof(float) *
                   data->dataset.count;
    }
    return 0;
}

ic_status ic_learner_check_memory(struct ic_learner *learner,
                                  const struct ic_training_data *data,
                                  const struct ic_recipe *recipe,
                                  struct ic_error *error)
{
    const struct ic_job *job = learner->job;
    const struct ic_engine *engine = &learner->engine;
    struct ic_plan plan = *ic_net_plan(engine->net);
    size_t features = 0;

    for (int i = 0; i < recipe->count; i++) {
        const size_t bytes = feature_bytes(learner, recipe->phases[i].freeze, data);

        features = bytes > features ? bytes : features;
    }
    plan.options.beside +=
        features +
        ic_host_memory_decoding(job->workers, data->dataset.decode_bytes, job->presize);
    learner->memory_bytes = ic_plan_needs(&plan, engine->backend);
    return ic_plan_check(&plan, &engine->graph, engine->backend, engine->device, error);
}

ic_status ic_learner_weigh_classes(struct ic_learner *learner,
                                   const struct ic_training_data *data,
                                   struct ic_error *error)
{
    const size_t classes = (size_t)learner->model.class_count;
    float *weights;

    if (!weighs_classes(learner->job))
        return IC_OK;
    weights = calloc(classes, sizeof *weights);
    if (weights == NULL)
        return ic_fail_memory(error, "the weights of the classes",
                              classes * sizeof *weights);
    ic_class_weights_balanced(&data->counts, weights);
    ic_net_weigh_classes(learner->engine.net, weights);
    free(weights);
    return IC_OK;
}

/* --- phases -------------------------------------------------------------------- */

ic_status ic_learner_enter_phase(struct ic_learner *learner, struct ic_freeze freeze,
                                 int64_t steps, struct ic_error *error)
{
    const enum ic_optimizer_kind kind = learner->optimizer.kind;
    const struct ic_engine *engine = &learner->engine;
    const double weight_decay = learner->optimizer.weight_decay;
    ic_status status;

    ic_optimizer_close(&learner->optimizer);
    status = ic_optimizer_open(&learner->optimizer, &engine->graph, kind, weight_decay,
                               freeze, error);
    if (status != IC_OK)
        return status;
    learner->optimizer.step = steps;
    ic_net_freeze(engine->net, freeze);
    if (steps > 0)
        return IC_OK;
    ic_features_free(&learner->features);
    learner->stepper.features = NULL;
    for (int slot = 0; slot < ic_optimizer_slots(kind); slot++)
        engine->backend->fill(engine->device, ic_net_slot(engine->net, slot), 0,
                              engine->graph.param_floats);
    return IC_OK;
}

ic_status ic_learner_find_features(struct ic_learner *learner, struct ic_freeze freeze,
                                   const struct ic_training_data *data,
                                   struct ic_listener *listener, struct ic_error *error)
{
    const struct ic_features_options options = {
        .net = learner->engine.net,
        .model = &learner->model,
        .dataset = &data->dataset,
        .decode = data->decode,
        .batch = ic_job_micro_batch(learner->job),
        .workers = learner->job->workers,
        .stop = listener->stop,
        .comm = listener->comm,
    };
    bool stopped;
    ic_status status;

    if (!has_features(learner, freeze, data) || learner->features.values != NULL)
        return IC_OK;
    status = ic_features_compute(&learner->features, &options, &stopped, error);
    listener->stopped |= stopped;
    learner->stepper.features = ic_learner_features(learner);
    return status;
}

const struct ic_features *ic_learner_features(const struct ic_learner *learner)
{
    return learner->features.values != NULL ? &learner->features : NULL;
}

struct ic_stretch ic_learner_part(const struct ic_learner *learner)
{
    if (ic_learner_features(learner) != NULL)
        return (struct ic_stretch){0};
    return ic_plan_own_pictures(&ic_net_plan(learner->engine.net)->options,
                                learner->job->batch);
}
