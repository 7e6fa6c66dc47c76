/* SPDX-License-Identifier: MIT */
/*
 * Outlines in pixels. Filling them is left to canvas.c.
 *
 * Curves are Catmull and Rom's ("A class of local interpolating splines", 1974): they
 * pass through their corners, so an outline is a table of points.
 */
#include "data/toy/path.h"

#include <assert.h>

struct ic_toy_dot ic_toy_curve(struct ic_toy_dot a, struct ic_toy_dot b,
                               struct ic_toy_dot c, struct ic_toy_dot d, float t)
{
    const float t2 = t * t, t3 = t2 * t;
    const float wa = (2 * t2 - t3 - t) / 2, wb = (3 * t3 - 5 * t2 + 2) / 2;
    const float wc = (4 * t2 - 3 * t3 + t) / 2, wd = (t3 - t2) / 2;
    const struct ic_toy_dot dot = {wa * a.x + wb * b.x + wc * c.x + wd * d.x,
                                   wa * a.y + wb * b.y + wc * c.y + wd * d.y};

    return dot;
}

/* The pixel of the point (u, v) of a place. */
static struct ic_toy_dot put(const struct ic_toy_view *view,
                             const struct ic_toy_place *place, float turn_sin,
                             float turn_cos, float u, float v)
{
    const float x = u * place->width, y = v * place->height;
    const struct ic_toy_point point = {
        place->side * (place->at.x + x * turn_cos - y * turn_sin),
        place->at.y + x * turn_sin + y * turn_cos, place->at.z};

    return ic_toy_view_project(view, point);
}

void ic_toy_path_shape(struct ic_toy_path *path, const struct ic_toy_view *view,
                       const struct ic_toy_place *place, const float (*corners)[2],
                       int count)
{
    enum { STEPS = 6, MOST = 60 };
    const float s = ic_toy_sin(place->turn), c = ic_toy_cos(place->turn);
    struct ic_toy_dot dots[MOST];

    assert(count >= 3 && count <= MOST && MOST * STEPS <= IC_TOY_PATH_DOTS);
    for (int i = 0; i < count; i++)
        dots[i] = put(view, place, s, c, corners[i][0], corners[i][1]);
    path->count = count * STEPS;
    for (int i = 0; i < path->count; i++) {
        const int k = i / STEPS;
        const struct ic_toy_dot from = dots[k], to = dots[(k + 1) % count];
        const bool corner = from.x == to.x && from.y == to.y;

        path->dots[i] =
            corner ? from
                   : ic_toy_curve(dots[(k + count - 1) % count], from, to,
                                  dots[(k + 2) % count], (float)(i % STEPS) / STEPS);
    }
}

void ic_toy_path_oval(struct ic_toy_path *path, const struct ic_toy_view *view,
                      const struct ic_toy_place *place)
{
    const float s = ic_toy_sin(place->turn), c = ic_toy_cos(place->turn);

    path->count = 32;
    for (int i = 0; i < path->count; i++) {
        const float angle = (float)i / (float)path->count;

        path->dots[i] = put(view, place, s, c, ic_toy_cos(angle), ic_toy_sin(angle));
    }
}

/* Twice the area inside, positive when the outline turns clockwise on the screen. */
static float signed_area(const struct ic_toy_path *path)
{
    float area = 0;

    for (int i = 0; i < path->count; i++) {
        const struct ic_toy_dot a = path->dots[i];
        const struct ic_toy_dot b = path->dots[(i + 1) % path->count];

        area += a.x * b.y - b.x * a.y;
    }
    return area;
}

void ic_toy_path_ruffle(struct ic_toy_path *path, float length, uint32_t seed)
{
    struct ic_toy_path old = *path;
    const float outward = signed_area(&old) > 0 ? 1.0f : -1.0f;
    const float spacing = length > 1 ? length : 1; /* a tuft is as wide as it is long */
    bool tip = false;

    path->count = 0;
    for (int i = 0; i < old.count; i++) {
        const struct ic_toy_dot a = old.dots[i], b = old.dots[(i + 1) % old.count];
        const float dx = b.x - a.x, dy = b.y - a.y;
        const float size = sqrtf(dx * dx + dy * dy);
        int pieces = 1 + ic_toy_floor(2 * size / spacing);
        const int room = IC_TOY_PATH_DOTS - path->count - (old.count - i - 1);

        pieces = pieces < room ? pieces : room;
        for (int k = 0; k < pieces; k++) {
            const float t = (float)k / (float)pieces;
            const uint32_t random = ic_toy_hash(seed, i, k) >> 8;
            const float reach =
                tip && size > 0 ? length * (float)random / 16777216.0f / size : 0;
            const struct ic_toy_dot dot = {
                a.x + dx * t + reach * (dy * outward + dx * 0.3f),
                a.y + dy * t + reach * (dy * 0.3f - dx * outward)};

            path->dots[path->count++] = dot;
            tip = !tip;
        }
    }
}
