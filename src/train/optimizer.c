/* SPDX-License-Identifier: MIT */
/*
 * Decides which stretch of the parameter block takes which step. See optimizer.h.
 */
#include "train/optimizer.h"

#include <math.h>
#include <stdlib.h>

#include "base/word.h"
#include "train/job_words.h"

ic_status ic_optimizer_find(const char *word, enum ic_optimizer_kind *ret_kind,
                            struct ic_error *error)
{
    int index = 0;
    const ic_status status =
        ic_word_find("optimizer", word, ic_words_optimizer, &index, error);

    *ret_kind = (enum ic_optimizer_kind)index;
    return status;
}

int ic_optimizer_slots(enum ic_optimizer_kind kind)
{
    return kind == IC_OPTIMIZER_ADAM ? 2 : 1;
}

const char *ic_optimizer_slot_name(enum ic_optimizer_kind kind, int slot)
{
    if (kind == IC_OPTIMIZER_SGD)
        return "velocity";
    return slot == 0 ? "mean" : "square";
}

/* Adds an array to the last span when it directly follows that span and is updated
 * alike, else begins a new span. */
static void append_array(struct ic_optimizer *optimizer, const struct ic_array *array)
{
    const size_t last = optimizer->span_count - 1; /* unused while there is none */

    if (optimizer->span_count > 0) {
        const struct ic_optimizer_rule *rule = &optimizer->rules[last];
        struct ic_update_span *span = &optimizer->spans[last];

        if (rule->group == array->group && rule->decays == ic_array_decays(array) &&
            span->offset + span->count == array->offset) {
            span->count += array->count;
            return;
        }
    }
    optimizer->rules[optimizer->span_count] = (struct ic_optimizer_rule){
        .group = array->group,
        .decays = ic_array_decays(array),
    };
    optimizer->spans[optimizer->span_count] = (struct ic_update_span){
        .offset = array->offset,
        .count = array->count,
    };
    optimizer->span_count++;
}

ic_status ic_optimizer_open(struct ic_optimizer *optimizer,
                            const struct ic_graph *graph, enum ic_optimizer_kind kind,
                            double weight_decay, struct ic_freeze freeze,
                            struct ic_error *error)
{
    const size_t most = (size_t)graph->param_count;

    *optimizer = (struct ic_optimizer){.kind = kind, .weight_decay = weight_decay};
    optimizer->rules = calloc(most, sizeof *optimizer->rules);
    optimizer->spans = calloc(most, sizeof *optimizer->spans);
    if (optimizer->rules == NULL || optimizer->spans == NULL) {
        ic_optimizer_close(optimizer);
        return ic_fail_memory(error, "the optimiser", most * sizeof *optimizer->spans);
    }
    for (int i = 0; i < graph->param_count; i++) {
        const struct ic_array *array = &graph->params[i];

        if (!ic_array_frozen(array, freeze))
            append_array(optimizer, array);
    }
    return IC_OK;
}

void ic_optimizer_close(struct ic_optimizer *optimizer)
{
    free(optimizer->rules);
    free(optimizer->spans);
    *optimizer = (struct ic_optimizer){0};
}

double ic_optimizer_clip(double norm, double most)
{
    return most == 0 ? 1 : fmin(most / (norm + 1e-6), 1);
}

static void adam_step(const struct ic_optimizer *optimizer, struct ic_net *net,
                      double beta1, double factor)
{
    /* As fastai: the power of the current momentum, though it was different before. */
    const double t = (double)optimizer->step;
    const struct ic_adam adam = {
        .beta1 = beta1,
        .beta2 = IC_ADAM_BETA2,
        .epsilon = (float)IC_ADAM_EPSILON,
        .correction1 = (float)(1 - pow(beta1, t)),
        .correction2 = (float)(1 - pow(IC_ADAM_BETA2, t)),
        .factor = (float)factor,
    };

    ic_net_backend(net)->adam_step(ic_net_device(net), ic_net_params(net),
                                   ic_net_slot(net, 0), ic_net_slot(net, 1),
                                   ic_net_grads(net), optimizer->spans,
                                   optimizer->span_count, &adam);
}

static void sgd_step(const struct ic_optimizer *optimizer, struct ic_net *net,
                     double momentum, double factor)
{
    const struct ic_sgd sgd = {.momentum = (float)momentum, .factor = (float)factor};

    ic_net_backend(net)->sgd_step(ic_net_device(net), ic_net_params(net),
                                  ic_net_slot(net, 0), ic_net_grads(net),
                                  optimizer->spans, optimizer->span_count, &sgd);
}

void ic_optimizer_step(struct ic_optimizer *optimizer, struct ic_net *net,
                       const struct ic_rates *rates, double factor)
{
    for (size_t i = 0; i < optimizer->span_count; i++) {
        const struct ic_optimizer_rule *rule = &optimizer->rules[i];

        optimizer->spans[i].rate = (float)rates->lr[rule->group];
        optimizer->spans[i].weight_decay =
            rule->decays ? (float)optimizer->weight_decay : 0;
    }
    optimizer->step++;
    if (optimizer->kind == IC_OPTIMIZER_ADAM)
        adam_step(optimizer, net, rates->momentum, factor);
    else
        sgd_step(optimizer, net, rates->momentum, factor);
}
