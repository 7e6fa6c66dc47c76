/* SPDX-License-Identifier: MIT */
/*
 * Draws outlines, strokes and glows. See canvas.h.
 *
 * Everything first writes how much of each pixel it covers into the mask, then one loop
 * paints through the mask and clears it. A filled outline's coverage is exact: each
 * edge adds its signed area to the pixels it crosses, and a running sum along the row
 * gives the rest (Raph Levien's font-rs does it so for letters).
 */
#include "data/toy/canvas.h"

#include "base/size.h"

#include <assert.h>
#include <stdlib.h>

ic_status ic_toy_canvas_init(struct ic_toy_canvas *canvas, int width, int height,
                             struct ic_error *error)
{
    size_t pixels;

    *canvas = (struct ic_toy_canvas){.width = width, .height = height};
    assert(width > 0 && height > 0);
    if (!ic_size_mul((size_t)width + 2, (size_t)height, &pixels))
        return ic_fail(error, IC_ERR_LIMIT, "a canvas of %d x %d is too large", width,
                       height);
    canvas->pixels = calloc(pixels, sizeof *canvas->pixels);
    canvas->mask = calloc(pixels, sizeof *canvas->mask);
    if (canvas->pixels == NULL || canvas->mask == NULL) {
        ic_toy_canvas_free(canvas);
        return ic_fail_memory(error, "a canvas", pixels * sizeof *canvas->pixels);
    }
    return IC_OK;
}

void ic_toy_canvas_free(struct ic_toy_canvas *canvas)
{
    free(canvas->pixels);
    free(canvas->mask);
    *canvas = (struct ic_toy_canvas){0};
}

/* --- painting through the mask ------------------------------------------------- */

/* Pixels from (left, top) to (right, bottom), the latter excluded; and the outline's
 * real centre and half size, for the shading. */
struct box {
    int left, top, right, bottom;
    float x, y, half_width, half_height;
};

/* The box that holds all dots and `margin` pixels around them, cut by the canvas.
 * False when nothing of it is visible. */
static bool find_box(const struct ic_toy_canvas *canvas, const struct ic_toy_dot *dots,
                     int count, float margin, struct box *box)
{
    float left = dots[0].x, right = left, top = dots[0].y, bottom = top;

    for (int i = 1; i < count; i++) {
        left = dots[i].x < left ? dots[i].x : left;
        right = dots[i].x > right ? dots[i].x : right;
        top = dots[i].y < top ? dots[i].y : top;
        bottom = dots[i].y > bottom ? dots[i].y : bottom;
    }
    left -= margin, right += margin, top -= margin, bottom += margin;
    box->x = (left + right) / 2, box->half_width = (right - left) / 2 + 0.5f;
    box->y = (top + bottom) / 2, box->half_height = (bottom - top) / 2 + 0.5f;
    box->left = ic_toy_floor(ic_toy_clamp(left, 0, (float)canvas->width));
    box->top = ic_toy_floor(ic_toy_clamp(top, 0, (float)canvas->height));
    box->right = ic_toy_floor(ic_toy_clamp(right + 1, 0, (float)canvas->width));
    box->bottom = ic_toy_floor(ic_toy_clamp(bottom + 1, 0, (float)canvas->height));
    return box->left < box->right && box->top < box->bottom;
}

/* Brightness of a ball's surface that fills the box, lit from the canvas's light. */
static float shade(const struct ic_toy_light *light, const struct box *box, float x,
                   float y)
{
    const float u = 0.9f * (x - box->x) / box->half_width;
    const float v = 0.9f * (y - box->y) / box->half_height;
    const float w = sqrtf(ic_toy_clamp(1 - u * u - v * v, 0.04f, 1));
    const float cosine = u * light->from.x + v * light->from.y + w * light->from.z;

    return light->ambient + light->power * ic_toy_clamp(cosine, 0, 1);
}

static void paint_mask(struct ic_toy_canvas *canvas, const struct box *box,
                       const struct ic_toy_paint *paint)
{
    for (int y = box->top; y < box->bottom; y++) {
        struct ic_toy_colour *row = canvas->pixels + (size_t)y * (size_t)canvas->width;
        float *mask = canvas->mask + (size_t)y * ((size_t)canvas->width + 2);

        for (int x = box->left; x < box->right; x++) {
            const struct ic_toy_dot dot = {(float)x + 0.5f, (float)y + 0.5f};
            struct ic_toy_colour colour = paint->plain;
            const float cover = mask[x] * paint->alpha;

            mask[x] = 0;
            if (cover < 1.0f / 512)
                continue;
            if (paint->colour != NULL)
                colour = paint->colour(paint->context, dot);
            if (paint->round > 0) {
                const float s = shade(&canvas->light, box, dot.x, dot.y);
                colour = ic_toy_dim(colour, ic_toy_mix(1, s, paint->round));
            }
            row[x] = ic_toy_blend(row[x], colour, cover);
        }
    }
}

/* --- filled outlines ----------------------------------------------------------- */

/* Adds the area that lies to the right of the piece (x0 -> x1) of an edge, within one
 * row of pixels; `rise` is the signed height of the piece, at most 1. */
static void add_piece(float *row, float x0, float x1, float rise)
{
    const float left = x0 < x1 ? x0 : x1, right = x0 < x1 ? x1 : x0;
    const int32_t first = ic_toy_floor(left), last = ic_toy_floor(right);

    if (first == last) {
        const float inside = rise * ((float)first + 1 - (left + right) / 2);
        row[first] += inside;
        row[first + 1] += rise - inside;
        return;
    }
    /* The edge crosses several pixels: the area grows by a triangle, by trapezoids,
     * and is completed by a last triangle. */
    const float slope = rise / (right - left);
    float before = 0;
    for (int32_t i = first; i <= last; i++) {
        const float from = i == first ? left : (float)i;
        const float to = i == last ? right : (float)i + 1;
        const float height = slope * (to - from);
        const float inside = height * ((float)i + 1 - (from + to) / 2);

        row[i] += before + inside;
        before = height - inside;
    }
    row[last + 1] += before;
}

/* An edge between the canvas's left and right border. */
static void add_inner_edge(const struct ic_toy_canvas *canvas, struct ic_toy_dot a,
                           struct ic_toy_dot b)
{
    const float sign = a.y < b.y ? 1.0f : -1.0f, limit = (float)canvas->width;
    const struct ic_toy_dot top = a.y < b.y ? a : b, bottom = a.y < b.y ? b : a;
    const float end = ic_toy_clamp(bottom.y, 0, (float)canvas->height);
    float y = ic_toy_clamp(top.y, 0, (float)canvas->height), slope;

    if (y >= end)
        return;
    slope = (bottom.x - top.x) / (bottom.y - top.y);
    while (y < end) {
        const int32_t row = ic_toy_floor(y);
        const float next = (float)row + 1 < end ? (float)row + 1 : end;
        const float x0 = ic_toy_clamp(top.x + slope * (y - top.y), 0, limit);
        const float x1 = ic_toy_clamp(top.x + slope * (next - top.y), 0, limit);

        add_piece(canvas->mask + (size_t)row * ((size_t)canvas->width + 2), x0, x1,
                  sign * (next - y));
        y = next;
    }
}

/* Where, from 0 at `a` to 1 at `b`, a line crosses `wall`; 0 when it does not. */
static float crossing(float a, float b, float wall)
{
    return (a < wall) != (b < wall) ? (wall - a) / (b - a) : 0;
}

/* Cuts an edge at the borders; what is beyond them becomes a part of the border. */
static void add_edge(const struct ic_toy_canvas *canvas, struct ic_toy_dot a,
                     struct ic_toy_dot b)
{
    const float limit = (float)canvas->width;
    const float left = crossing(a.x, b.x, 0), right = crossing(a.x, b.x, limit);
    const float cuts[4] = {0, left < right ? left : right, left < right ? right : left,
                           1};

    for (int i = 0; i < 3; i++) {
        const struct ic_toy_dot from = {
            ic_toy_clamp(ic_toy_mix(a.x, b.x, cuts[i]), 0, limit),
            ic_toy_mix(a.y, b.y, cuts[i])};
        const struct ic_toy_dot to = {
            ic_toy_clamp(ic_toy_mix(a.x, b.x, cuts[i + 1]), 0, limit),
            ic_toy_mix(a.y, b.y, cuts[i + 1])};

        add_inner_edge(canvas, from, to);
    }
}

void ic_toy_fill(struct ic_toy_canvas *canvas, const struct ic_toy_path *path,
                 const struct ic_toy_paint *paint)
{
    struct box box;

    if (path->count < 3 || !find_box(canvas, path->dots, path->count, 0, &box))
        return;
    for (int i = 0; i < path->count; i++)
        add_edge(canvas, path->dots[i], path->dots[(i + 1) % path->count]);
    for (int y = box.top; y < box.bottom; y++) {
        float *row = canvas->mask + (size_t)y * ((size_t)canvas->width + 2), sum = 0;

        for (int x = box.left; x < box.right; x++) {
            sum += row[x];
            row[x] = ic_toy_clamp(fabsf(sum), 0, 1);
        }
        row[box.right] = row[box.right + 1] = 0;
    }
    paint_mask(canvas, &box, paint);
}

/* --- strokes ------------------------------------------------------------------- */

/* Covers a bar from a to b whose half thickness goes from ra to rb: a pixel is covered
 * by how far its middle is inside. */
static void cover_bar(struct ic_toy_canvas *canvas, struct ic_toy_dot a,
                      struct ic_toy_dot b, float ra, float rb)
{
    const struct ic_toy_dot ends[2] = {a, b};
    const float dx = b.x - a.x, dy = b.y - a.y, square = dx * dx + dy * dy;
    struct box box;

    if (!find_box(canvas, ends, 2, (ra > rb ? ra : rb) + 1, &box))
        return;
    for (int y = box.top; y < box.bottom; y++) {
        float *row = canvas->mask + (size_t)y * ((size_t)canvas->width + 2);

        for (int x = box.left; x < box.right; x++) {
            const float px = (float)x + 0.5f - a.x, py = (float)y + 0.5f - a.y;
            const float t =
                square > 0 ? ic_toy_clamp((px * dx + py * dy) / square, 0, 1) : 0;
            const float ex = px - t * dx, ey = py - t * dy;
            const float inside = ic_toy_mix(ra, rb, t) - sqrtf(ex * ex + ey * ey);
            const float cover = ic_toy_clamp(0.5f + inside, 0, 1);

            row[x] = cover > row[x] ? cover : row[x];
        }
    }
}

void ic_toy_stroke(struct ic_toy_canvas *canvas, const struct ic_toy_view *view,
                   const struct ic_toy_point *points, int count, float from, float to,
                   const struct ic_toy_paint *paint)
{
    enum { MOST = 12, STEPS = 10 };
    struct ic_toy_dot dots[(MOST - 1) * STEPS + 1], corners[MOST];
    const int last = (count - 1) * STEPS;
    struct ic_toy_paint thin = *paint;
    float r0 = from * view->scale, r1 = to * view->scale;
    struct box box;

    assert(count >= 2 && count <= MOST);
    for (int i = 0; i < count; i++)
        corners[i] = ic_toy_view_project(view, points[i]);
    for (int i = 0; i <= last; i++) {
        const int span = i == last ? count - 2 : i / STEPS;
        const float t = i == last ? 1 : (float)(i % STEPS) / STEPS;

        dots[i] = ic_toy_curve(corners[span > 0 ? span - 1 : 0], corners[span],
                               corners[span + 1],
                               corners[span + 2 < count ? span + 2 : count - 1], t);
    }
    /* A hair thinner than a pixel is drawn a pixel wide, but fainter. */
    if (r0 < 0.5f && r1 < 0.5f) {
        thin.alpha *= (r0 > r1 ? r0 : r1) * 2;
        r0 = r1 = 0.5f;
    }
    if (!find_box(canvas, dots, last + 1, (r0 > r1 ? r0 : r1) + 1, &box))
        return;
    for (int i = 0; i < last; i++)
        cover_bar(canvas, dots[i], dots[i + 1],
                  ic_toy_mix(r0, r1, (float)i / (float)last),
                  ic_toy_mix(r0, r1, (float)(i + 1) / (float)last));
    paint_mask(canvas, &box, &thin);
}

/* --- glows --------------------------------------------------------------------- */

void ic_toy_glow(struct ic_toy_canvas *canvas, const struct ic_toy_view *view,
                 const struct ic_toy_place *place, struct ic_toy_colour colour,
                 float alpha)
{
    const float width = place->width * view->scale;
    const float height = place->height * view->scale;
    const float s = ic_toy_sin(place->turn), c = ic_toy_cos(place->turn);
    const float reach = width > height ? width : height;
    struct ic_toy_point at = place->at;
    struct ic_toy_dot middle;
    struct box box;

    at.x *= place->side;
    middle = ic_toy_view_project(view, at);
    if (!find_box(canvas, &middle, 1, reach, &box))
        return;
    for (int y = box.top; y < box.bottom; y++) {
        struct ic_toy_colour *row = canvas->pixels + (size_t)y * (size_t)canvas->width;

        for (int x = box.left; x < box.right; x++) {
            const float dx = (float)x + 0.5f - middle.x;
            const float dy = (float)y + 0.5f - middle.y;
            const float u = (c * dx + s * dy) / width, v = (c * dy - s * dx) / height;
            const float fade = ic_toy_clamp(1 - u * u - v * v, 0, 1);

            row[x] = ic_toy_blend(row[x], colour, alpha * fade * fade);
        }
    }
}
