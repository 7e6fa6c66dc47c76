/* SPDX-License-Identifier: MIT */
/*
 * Causes in a single node that need no recomputation: a node that is skipped, a ReLU
 * or a bias that is missing. See cause.h.
 */
#include "report/cause.h"

bool ic_cause_skipped(struct ic_case *c)
{
    struct ic_values x;

    return c->node->input_count == 1 && ic_cause_input(c, 0, &x) &&
           x.count == c->a.count && ic_cause_agrees(c, x.v) &&
           ic_cause_say(c, "%s passes on the output of %s unchanged, without this node",
                        c->s, c->nodes->nodes[c->node->inputs[0]].name);
}

bool ic_cause_no_relu(struct ic_case *c)
{
    const bool relu = c->node->relu || c->node->op == IC_NODE_RELU;
    float *made;
    size_t negative = 0;

    if (!relu || !c->same_shape)
        return false;
    made = ic_cause_floats(c, c->a.count);
    for (size_t i = 0; made != NULL && i < c->a.count; i++) {
        made[i] = c->a.v[i] < 0 ? c->a.v[i] : c->b.v[i];
        negative += c->a.v[i] < 0;
    }
    return made != NULL && negative > 0 && ic_cause_agrees(c, made) &&
           ic_cause_say(c,
                        "%s has %zu negative values where %s has zeros: a missing ReLU",
                        c->s, negative, c->r);
}

bool ic_cause_bias(struct ic_case *c)
{
    struct ic_values bias;
    const struct ic_sizes s = ic_values_sizes(&c->b);
    float *made;

    if (c->node == NULL || c->node->op != IC_NODE_LINEAR || c->node->param_count < 2 ||
        !c->same_shape || !ic_cause_values(c, c->node->params[1], &bias) ||
        bias.count != s.c)
        return false;
    made = ic_cause_floats(c, c->a.count);
    for (size_t i = 0; made != NULL && i < c->a.count; i++)
        made[i] = c->b.v[i] - bias.v[i % s.c];
    return made != NULL && ic_cause_agrees(c, made) &&
           ic_cause_say(c, "%s does not add %s", c->s, c->node->params[1]);
}
