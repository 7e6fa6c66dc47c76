/* SPDX-License-Identifier: MIT */
/*
 * Causes that lie in the order of a tensor's axes, or of the values along an axis. See
 * cause.h.
 */
#include "report/cause.h"

enum { AXES = 4 };

/* made[i] = b[j] for each index i of the subject's shape, where j takes axis k of the
 * reference from axis order[k] of the subject, backwards where `reversed` has bit k. */
static void rearrange(const struct ic_case *c, const int *order, unsigned reversed,
                      float *made)
{
    const struct ic_values *a = &c->a, *b = &c->b;

    for (size_t i = 0; i < a->count; i++) {
        size_t index[AXES], rest = i, from = 0;

        for (int axis = a->rank - 1; axis >= 0; axis--) {
            index[axis] = rest % (size_t)a->shape[axis];
            rest /= (size_t)a->shape[axis];
        }
        for (int k = 0; k < b->rank; k++) {
            const size_t size = (size_t)b->shape[k], at = index[order[k]];

            from = from * size + (reversed & 1u << k ? size - 1 - at : at);
        }
        made[i] = b->v[from];
    }
}

static bool is_permutation(const struct ic_case *c, const int *order)
{
    unsigned seen = 0;
    bool moved = false;

    for (int k = 0; k < c->b.rank; k++) {
        if (c->a.shape[order[k]] != c->b.shape[k])
            return false;
        seen |= 1u << order[k];
        moved |= order[k] != k;
    }
    return moved && seen == (1u << c->b.rank) - 1;
}

/* The layouts that have a name. order[k] is the place of the reference's axis k. */
static const char *layout_name(const struct ic_case *c, const int *order)
{
    const bool array = c->at->stage == IC_STAGE_ARRAY || c->at->stage == IC_STAGE_GRAD;
    const int code = c->b.rank == AXES
                         ? order[0] * 1000 + order[1] * 100 + order[2] * 10 + order[3]
                         : order[0] * 10 + order[1];

    if (c->b.rank == 2)
        return " (transposed)";
    switch (code) {
    case 312: /* N first, H and W to 1 and 2, C last */
        return array ? " (OHWI)" : " (NHWC)";
    case 3201:
        return array ? " (HWIO)" : "";
    case 132:
        return " (rows and columns exchanged)";
    default:
        return "";
    }
}

bool ic_cause_permuted(struct ic_case *c)
{
    float *made;
    int choices = 1;

    if (c->a.rank != c->b.rank || c->b.rank < 2 || c->b.rank > AXES ||
        c->a.count != c->b.count)
        return false;
    made = ic_cause_floats(c, c->a.count);
    for (int k = 0; k < c->b.rank; k++)
        choices *= c->b.rank;
    for (int choice = 0; made != NULL && choice < choices; choice++) {
        int order[AXES] = {0}, rest = choice, axes[AXES] = {0};
        char text[32] = "";
        size_t used = 0;

        for (int k = 0; k < c->b.rank; k++, rest /= c->b.rank)
            order[k] = rest % c->b.rank;
        if (!is_permutation(c, order))
            continue;
        rearrange(c, order, 0, made);
        if (!ic_cause_agrees(c, made))
            continue;
        for (int k = 0; k < c->b.rank; k++)
            axes[order[k]] = k;
        for (int k = 0; k < c->b.rank; k++)
            used += (size_t)snprintf(text + used, sizeof text - used, "%s%d",
                                     k > 0 ? ", " : "", axes[k]);
        return ic_cause_say(c, "%s holds %s's axes in the order %s%s", c->s, c->r, text,
                            layout_name(c, order));
    }
    return false;
}

bool ic_cause_reversed(struct ic_case *c)
{
    static const struct {
        unsigned axes; /* bit k: axis k */
        const char *picture, *array;
    } ways[] = {
        {2, "channels are in reverse order (BGR for RGB)",
         "input channels are in reverse order (BGR for RGB)"},
        {8, "pictures are mirrored left to right", "kernels are mirrored"},
        {4, "pictures are upside down", "kernels are upside down"},
        {12, "pictures are turned by 180 degrees",
         "kernels are turned by 180 degrees (convolution for correlation)"},
    };
    const bool array = c->at->stage == IC_STAGE_ARRAY || c->at->stage == IC_STAGE_GRAD;
    const int order[AXES] = {0, 1, 2, 3};
    float *made;

    if (!c->same_shape || c->a.rank != AXES || c->b.rank != AXES)
        return false;
    made = ic_cause_floats(c, c->a.count);
    for (size_t i = 0; made != NULL && i < sizeof ways / sizeof *ways; i++) {
        rearrange(c, order, ways[i].axes, made);
        if (ic_cause_agrees(c, made))
            return ic_cause_say(c, "%s's %s", c->s,
                                array ? ways[i].array : ways[i].picture);
    }
    return false;
}
