/* SPDX-License-Identifier: MIT */
/*
 * Causes that show in the values of any tensor: a factor, a constant, one slice alone,
 * zeros, values that are not finite. See cause.h.
 */
#include <math.h>
#include <string.h>

#include "report/cause.h"

/* A factor or a constant that is fitted to fewer values proves little. */
enum { FEW = 8 };

bool ic_cause_not_finite(struct ic_case *c)
{
    size_t wrong = 0;

    for (size_t i = 0; i < c->a.count; i++)
        wrong += !isfinite(c->a.v[i]);
    for (size_t i = 0; i < c->b.count; i++)
        if (!isfinite(c->b.v[i]))
            return false;
    return wrong > 0 && ic_cause_say(c, "%zu of %s's %zu values are not finite", wrong,
                                     c->s, c->a.count);
}

bool ic_cause_zero(struct ic_case *c)
{
    for (size_t i = 0; i < c->a.count; i++)
        if (c->a.v[i] != 0)
            return false;
    return c->same_shape && ic_cause_say(c, "all of %s's values are 0", c->s);
}

/* k with the smallest ||a - k b||. */
bool ic_cause_factor(struct ic_case *c)
{
    double product = 0, square = 0, factor;
    float *made = ic_cause_floats(c, c->a.count);

    if (!c->same_shape || made == NULL || c->a.count < FEW)
        return false;
    for (size_t i = 0; i < c->a.count; i++) {
        product += (double)c->a.v[i] * c->b.v[i];
        square += (double)c->b.v[i] * c->b.v[i];
    }
    factor = square > 0 ? product / square : 0;
    for (size_t i = 0; i < c->a.count; i++)
        made[i] = (float)(factor * c->b.v[i]);
    return factor != 0 && ic_cause_agrees(c, made) &&
           ic_cause_say(c, "%s's values are %.6g times those of %s", c->s, factor,
                        c->r);
}

/* The channel of value i: the second axis, or of an array the first. */
static size_t channel_of(const struct ic_case *c, size_t i, size_t *ret_channels)
{
    const struct ic_sizes sizes = ic_values_sizes(&c->b);

    *ret_channels = sizes.c;
    return i / (sizes.h * sizes.w) % sizes.c;
}

/* a = b + a constant: one for all values, or one for each channel. */
bool ic_cause_offset(struct ic_case *c)
{
    double all = 0, *sums;
    size_t channels = 1;
    float *made = ic_cause_floats(c, c->a.count);

    if (!c->same_shape || made == NULL || c->a.count < FEW || c->a.rank > 4)
        return false;
    channel_of(c, 0, &channels);
    sums = ic_arena_alloc(&c->arena, channels, sizeof *sums);
    if (sums == NULL)
        return !(c->no_memory = true);
    for (size_t i = 0; i < c->a.count; i++) {
        const double d = (double)c->a.v[i] - c->b.v[i];

        all += d;
        sums[channel_of(c, i, &channels)] += d;
    }
    all /= (double)c->a.count;
    for (size_t i = 0; i < c->a.count; i++)
        made[i] = (float)(c->b.v[i] + all);
    if (ic_cause_agrees(c, made))
        return ic_cause_say(c, "%s's values are those of %s plus %.6g", c->s, c->r,
                            all);
    if (c->a.count < FEW * channels)
        return false;
    for (size_t i = 0; i < c->a.count; i++)
        made[i] = (float)(c->b.v[i] + sums[channel_of(c, i, &channels)] /
                                          (double)(c->a.count / channels));
    return ic_cause_agrees(c, made) &&
           ic_cause_say(c,
                        "each channel of %s is that of %s plus a constant of its own, "
                        "as a bias gives it",
                        c->s, c->r);
}

/* --- one slice along an axis ------------------------------------------------------ */

/* What the slices of a tensor's first or second axis are. */
static const char *slice_name(enum ic_stage stage, int axis)
{
    switch (stage) {
    case IC_STAGE_ARRAY:
    case IC_STAGE_GRAD:
    case IC_STAGE_SLOT:
        return axis == 0 ? "output channel" : "input channel";
    case IC_STAGE_STATISTICS:
        return "channel";
    case IC_STAGE_LOGITS:
        return axis == 0 ? "picture" : "class";
    default:
        return axis == 0 ? "picture" : "channel";
    }
}

/* Whether slice number `slice` alone differs; then *ret_zero says whether it is zero in
 * the subject. `inner` values follow each other in a slice. */
static bool differs_alone(struct ic_case *c, size_t slice, size_t slices, size_t inner,
                          float *made, bool *ret_zero)
{
    memcpy(made, c->b.v, c->a.count * sizeof *made);
    *ret_zero = true;
    for (size_t i = 0; i < c->a.count; i++) {
        if (i / inner % slices != slice)
            continue;
        made[i] = c->a.v[i];
        *ret_zero &= c->a.v[i] == 0;
    }
    return ic_cause_agrees(c, made);
}

/* The slice with the largest difference. */
static size_t worst_slice(const struct ic_case *c, size_t slices, size_t inner)
{
    double largest = -1;
    size_t worst = 0;

    for (size_t i = 0; i < c->a.count; i++) {
        const double d = fabs((double)c->a.v[i] - c->b.v[i]);

        if (d > largest) {
            largest = d;
            worst = i / inner % slices;
        }
    }
    return worst;
}

bool ic_cause_one_slice(struct ic_case *c)
{
    float *made = ic_cause_floats(c, c->a.count);
    size_t inner = c->b.count;

    for (int axis = 0; axis < c->b.rank && axis < 2 && c->same_shape && made != NULL;
         axis++) {
        const size_t slices = (size_t)c->b.shape[axis];
        size_t slice;
        bool zero;

        inner /= slices > 0 ? slices : 1;
        if (slices < 2 || inner == 0)
            continue;
        slice = worst_slice(c, slices, inner);
        if (differs_alone(c, slice, slices, inner, made, &zero))
            return ic_cause_say(c, "only %s %zu of %zu, counted from 0, differs%s%s%s",
                                slice_name(c->at->stage, axis), slice, slices,
                                zero ? ", which is zero in " : "", zero ? c->s : "",
                                "");
    }
    return false;
}
