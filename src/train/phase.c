/*
 * The phases of the recipe: how long they are, from one to the next, and what lasts for
 * one. See trainer.h.
 *
 * As in fastai, each phase is a training of its own: the optimiser's averages and its
 * count of steps begin anew (unfreezing makes a new optimiser there), and so does the
 * average of the train loss.
 */
#include "train/trainer.h"

void ic_trainer_plan_steps(struct ic_trainer *t)
{
    const int64_t batches = t->epoch_batches;

    for (int i = 0; i < t->recipe.count; i++) {
        const int64_t cut = t->position.cut[i];

        if (cut > 0 && cut < t->recipe.phases[i].epochs)
            t->recipe.phases[i].epochs = (int)cut;
    }
    t->steps = batches * ic_recipe_epochs(&t->recipe);
    if (t->job.max_steps > 0 && t->job.max_steps < t->steps)
        t->steps = t->job.max_steps;
    t->epochs = (int)((t->steps + batches - 1) / batches);
}

int64_t ic_trainer_phase_steps(const struct ic_trainer *t)
{
    return t->position.step - t->phase_epoch * t->epoch_batches;
}

ic_status ic_trainer_enter_phase(struct ic_trainer *t, struct ic_error *error)
{
    const enum ic_optimizer_kind kind = t->optimizer.kind;
    const int phase =
        ic_recipe_phase_at(&t->recipe, t->position.epoch, &t->phase_epoch);
    ic_status status;

    t->phase = &t->recipe.phases[phase];
    ic_optimizer_close(&t->optimizer);
    status = ic_optimizer_open(&t->optimizer, &t->engine.graph, kind,
                               t->job.weight_decay, t->phase->freeze, error);
    t->optimizer.step = ic_trainer_phase_steps(t);
    ic_net_freeze(t->engine.net, t->phase->freeze);
    return status;
}

ic_status ic_trainer_next_phase(struct ic_trainer *t, struct ic_error *error)
{
    const struct ic_phase *const before = t->phase;
    struct ic_net *const net = t->engine.net;
    const ic_status status = ic_trainer_enter_phase(t, error);

    if (status != IC_OK || t->phase == before)
        return status;
    ic_features_free(&t->features);
    for (int slot = 0; slot < ic_optimizer_slots(t->optimizer.kind); slot++)
        t->engine.backend->fill(t->engine.device, ic_net_slot(net, slot), 0,
                                t->engine.graph.param_floats);
    t->position.smooth = (struct ic_smooth_loss){0};
    t->position.phase_best = ic_best_none();
    t->position.waited = 0;
    return IC_OK;
}

/* Whether nothing that learns, and no random choice, stands before the head. */
static bool has_features(const struct ic_trainer *t)
{
    return t->phase->freeze.norms && t->job.mixup == 0 &&
           ic_augment_is_fixed(t->augment, t->model.fit);
}

ic_status ic_trainer_find_features(struct ic_trainer *t, struct ic_error *error)
{
    const struct ic_features_options options = {
        .net = t->engine.net,
        .model = &t->model,
        .dataset = &t->dataset,
        .decode = t->decode,
        .batch = ic_job_pass(&t->job),
        .workers = t->job.workers,
        .stop = t->stop,
    };

    if (!has_features(t) || t->features.values != NULL)
        return IC_OK;
    return ic_features_compute(&t->features, &options, error);
}

const struct ic_features *ic_trainer_features(const struct ic_trainer *t)
{
    return t->features.values != NULL ? &t->features : NULL;
}
