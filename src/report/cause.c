/* SPDX-License-Identifier: MIT */
/*
 * The table of causes, and what its rules share. See cause.h.
 */
#include "report/cause.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

/* Rounding makes no prediction better than this. */
static const double least_tolerance = 1e-5;

#define AT(stage)    (1u << IC_STAGE_##stage)
#define EVERYWHERE   (~0u)
#define PICTURES     (AT(PIXELS) | AT(INPUT))
#define OF_THE_BATCH (PICTURES | AT(ACTIVATION) | AT(LOGITS) | AT(GRADIENT))

/* The first rule that explains a departure is believed: special ones come first. */
static const struct {
    unsigned stages;
    ic_cause_rule *rule;
} rules[] = {
    {EVERYWHERE, ic_cause_not_finite},
    {AT(INPUT), ic_cause_normalisation},
    {AT(INPUT), ic_cause_channels},
    {AT(ACTIVATION), ic_cause_no_relu},
    {AT(ACTIVATION), ic_cause_skipped},
    {AT(ACTIVATION) | AT(LOGITS), ic_cause_bias},
    {AT(ACTIVATION), ic_cause_convolution},
    {AT(ACTIVATION), ic_cause_pooling},
    {AT(ACTIVATION), ic_cause_norm},
    {AT(STATISTICS), ic_cause_statistics},
    {AT(LOSSES) | AT(GRADIENT), ic_cause_smoothing},
    {AT(LOSS) | AT(GRADIENT) | AT(GRAD), ic_cause_sum},
    {AT(SLOT), ic_cause_state},
    {AT(UPDATED), ic_cause_update},
    {AT(UPDATED), ic_cause_rate},
    {EVERYWHERE & ~AT(UPDATED), ic_cause_permuted},
    {EVERYWHERE & ~AT(UPDATED), ic_cause_reversed},
    {OF_THE_BATCH, ic_cause_shifted},
    {EVERYWHERE & ~AT(UPDATED), ic_cause_zero},
    {EVERYWHERE & ~AT(UPDATED), ic_cause_factor},
    {EVERYWHERE & ~AT(UPDATED), ic_cause_offset},
    {EVERYWHERE & ~AT(UPDATED), ic_cause_one_slice},
    {OF_THE_BATCH, ic_cause_border},
};

const char *ic_cause_find(struct ic_case cases[2])
{
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++)
        for (int k = 0; k < 2 && (rules[i].stages & 1u << cases[k].at->stage) != 0; k++)
            if (rules[i].rule(&cases[k]) && !cases[k].no_memory)
                return cases[k].text;
    return NULL;
}

bool ic_cause_values(struct ic_case *c, const char *name, struct ic_values *ret_values)
{
    const struct ic_tensor *tensor =
        name != NULL ? ic_safetensors_find(c->reference, name) : NULL;
    struct ic_error error;

    if (tensor == NULL)
        return false;
    if (ic_values_read(ret_values, tensor, &c->arena, &error) != IC_OK)
        c->no_memory = true;
    return !c->no_memory;
}

bool ic_cause_input(struct ic_case *c, int i, struct ic_values *ret_values)
{
    const char *name;

    if (c->node == NULL || i >= c->node->input_count)
        return false;
    name = "input";
    if (c->node->inputs[i] > 0) {
        name = ic_arena_format(&c->arena, "activation.%s",
                               c->nodes->nodes[c->node->inputs[i]].name);
        c->no_memory |= name == NULL;
    }
    return ic_cause_values(c, name, ret_values);
}

const char *ic_cause_word(const struct ic_case *c, const char *key)
{
    const char *text = ic_safetensors_metadata(c->reference, key);

    return text != NULL ? text : ic_safetensors_metadata(c->subject, key);
}

bool ic_cause_number(const struct ic_case *c, const char *key, double *ret_number)
{
    const char *text = ic_cause_word(c, key);
    char *end;

    if (text == NULL || *text == '\0')
        return false;
    *ret_number = strtod(text, &end);
    return *end == '\0' && isfinite(*ret_number);
}

float *ic_cause_floats(struct ic_case *c, size_t count)
{
    float *floats = ic_arena_alloc(&c->arena, count + 1, sizeof *floats);

    c->no_memory |= floats == NULL;
    return floats;
}

bool ic_cause_agrees(const struct ic_case *c, const float *prediction)
{
    const size_t count = c->a.count;
    const double relative =
        c->before != NULL
            ? ic_difference_of_moves(c->a.v, prediction, c->before, count).relative
            : ic_difference_of(c->a.v, prediction, count).relative;

    return relative <= fmax(c->tolerance, least_tolerance) &&
           relative <= c->departure / 4;
}

bool ic_cause_say(struct ic_case *c, const char *format, ...)
{
    va_list list;

    va_start(list, format);
    vsnprintf(c->text, sizeof c->text, format, list);
    va_end(list);
    return true;
}
