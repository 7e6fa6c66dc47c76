/* SPDX-License-Identifier: MIT */
/*
 * Causes that move a picture or touch its border alone: a shift by pixels or by a part
 * of one, as between the conventions of resizing, and other padding. See cause.h.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "report/cause.h"

enum { FARTHEST = 2 }; /* pixels */

#define LEAST 0.01 /* pixels: less is no shift */

static double at(const struct ic_values *b, struct ic_sizes s, size_t plane, size_t y,
                 size_t x)
{
    return b->v[(plane * s.h + y) * s.w + x];
}

/* Whether (y, x) is at least `margin` away from the border. */
static bool inside(struct ic_sizes s, size_t y, size_t x, size_t margin)
{
    return y >= margin && x >= margin && y + margin < s.h && x + margin < s.w;
}

/* The reference, moved by (dy, dx) and interpolated linearly between pixels; a margin
 * keeps the subject's values, so that it agrees by itself. */
static void move(const struct ic_case *c, double dy, double dx, float *made)
{
    const struct ic_sizes s = ic_values_sizes(&c->b);
    const double fy = dy - floor(dy), fx = dx - floor(dx);
    const int oy = (int)floor(dy), ox = (int)floor(dx);

    memcpy(made, c->a.v, c->a.count * sizeof *made);
    for (size_t plane = 0; plane < s.n * s.c; plane++)
        for (size_t y = 0; y < s.h; y++)
            for (size_t x = 0; x < s.w; x++) {
                const size_t v = y + (size_t)oy, u = x + (size_t)ox;
                const size_t v1 = fy > 0 ? v + 1 : v, u1 = fx > 0 ? u + 1 : u;

                if (!inside(s, y, x, FARTHEST + 1))
                    continue;
                made[(plane * s.h + y) * s.w + x] =
                    (float)((1 - fy) * ((1 - fx) * at(&c->b, s, plane, v, u) +
                                        fx * at(&c->b, s, plane, v, u1)) +
                            fy * ((1 - fx) * at(&c->b, s, plane, v1, u) +
                                  fx * at(&c->b, s, plane, v1, u1)));
            }
}

/* The part of a pixel, along one axis, that explains the difference best: a = b + f
 * (next - b) in least squares. */
static double fit_part(const struct ic_case *c, int down, int right)
{
    const struct ic_sizes s = ic_values_sizes(&c->b);
    double product = 0, square = 0;

    for (size_t plane = 0; plane < s.n * s.c; plane++)
        for (size_t y = 1; y + 1 < s.h; y++)
            for (size_t x = 1; x + 1 < s.w; x++) {
                const double b = at(&c->b, s, plane, y, x);
                const double step =
                    at(&c->b, s, plane, y + (size_t)down, x + (size_t)right) - b;

                product += step * (at(&c->a, s, plane, y, x) - b);
                square += step * step;
            }
    return square > 0 ? product / square : 0;
}

static bool say_shift(struct ic_case *c, double dy, double dx)
{
    return ic_cause_say(c,
                        "the pixel of %s at row y, column x is that of %s at y %+.4g, "
                        "x %+.4g%s",
                        c->s, c->r, dy, dx,
                        dy == floor(dy) && dx == floor(dx)
                            ? ""
                            : " (pixel centres at another place in resizing)");
}

static bool try_shift(struct ic_case *c, double dy, double dx, float *made)
{
    if (fabs(dy) + fabs(dx) < LEAST)
        return false;
    move(c, dy, dx, made);
    return ic_cause_agrees(c, made) && say_shift(c, dy, dx);
}

bool ic_cause_shifted(struct ic_case *c)
{
    const struct ic_sizes s = ic_values_sizes(&c->b);
    float *made;

    if (!c->same_shape || c->a.rank != 4 || c->b.rank != 4 || s.h < 4 * FARTHEST ||
        s.w < 4 * FARTHEST)
        return false;
    made = ic_cause_floats(c, c->a.count);
    if (made == NULL)
        return false;
    for (int dy = -FARTHEST; dy <= FARTHEST; dy++)
        for (int dx = -FARTHEST; dx <= FARTHEST; dx++)
            if (try_shift(c, dy, dx, made))
                return true;
    for (int way = -1; way <= 1; way += 2) {
        const double part_y = way * fit_part(c, way, 0),
                     part_x = way * fit_part(c, 0, way);

        if (fabs(part_y) < 1 && fabs(part_x) < 1 &&
            (try_shift(c, part_y, 0, made) || try_shift(c, 0, part_x, made)))
            return true;
        for (int sixteenths = 1; sixteenths < 16; sixteenths++)
            if (try_shift(c, way * sixteenths / 16., way * sixteenths / 16., made))
                return true;
    }
    return false;
}

/* Whether the values differ within `margin` of the border alone. */
bool ic_cause_border(struct ic_case *c)
{
    const struct ic_sizes s = ic_values_sizes(&c->b);
    float *made;

    if (!c->same_shape || c->a.rank != 4 || c->b.rank != 4)
        return false;
    made = ic_cause_floats(c, c->a.count);
    for (size_t margin = 1; made != NULL && margin <= 3; margin++) {
        if (s.h < 2 * margin + 2 || s.w < 2 * margin + 2)
            return false;
        memcpy(made, c->b.v, c->a.count * sizeof *made);
        for (size_t i = 0; i < c->a.count; i++)
            if (!inside(s, i / s.w % s.h, i % s.w, margin))
                made[i] = c->a.v[i];
        if (ic_cause_agrees(c, made))
            return ic_cause_say(c,
                                "only pixels within %zu of the border differ, as with "
                                "another padding",
                                margin);
    }
    return false;
}
