/* SPDX-License-Identifier: MIT */
/*
 * The small functions that all parts of animals are drawn with. See animal.h.
 */
#include "data/toy/animal.h"

struct ic_toy_paint ic_toy_paint_skin(const struct ic_toy_skin *skin, float round)
{
    const struct ic_toy_paint paint = {
        .colour = ic_toy_skin_colour, .context = skin, .alpha = 1, .round = round};

    return paint;
}

struct ic_toy_paint ic_toy_paint_plain(struct ic_toy_colour colour, float alpha,
                                       float round)
{
    const struct ic_toy_paint paint = {.plain = colour, .alpha = alpha, .round = round};

    return paint;
}

void ic_toy_draw_shape(struct ic_toy_canvas *canvas, const struct ic_toy_view *view,
                       const struct ic_toy_place *place, const float (*corners)[2],
                       int count, float fur, uint32_t seed,
                       const struct ic_toy_paint *paint)
{
    struct ic_toy_path path;

    ic_toy_path_shape(&path, view, place, corners, count);
    if (fur > 0)
        ic_toy_path_ruffle(&path, fur * view->scale, seed);
    ic_toy_fill(canvas, &path, paint);
}

void ic_toy_draw_oval(struct ic_toy_canvas *canvas, const struct ic_toy_view *view,
                      const struct ic_toy_place *place,
                      const struct ic_toy_paint *paint)
{
    struct ic_toy_path path;

    ic_toy_path_oval(&path, view, place);
    ic_toy_fill(canvas, &path, paint);
}
