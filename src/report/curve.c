/* SPDX-License-Identifier: MIT */
/*
 * Writes and draws the curve of a range test. See curve.h.
 *
 * The picture has decades of the learning rate at the bottom, round losses on the left,
 * light grid lines at both, the curve, and the suggestion as a point with its value
 * above it.
 */
#include "report/curve.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "report/axis.h"
#include "report/svg.h"

enum { WIDTH = 640, HEIGHT = 400 };                      /* the drawing */
enum { LEFT = 64, RIGHT = 616, TOP = 48, BOTTOM = 336 }; /* the plot in it */
enum { LETTERS = 13, TICK = 5 };
enum { LOWEST_DECADE = -7, HIGHEST_DECADE = 1 };

static const char *const ink = "#222222", *const grid = "#e4e4e4";
static const char *const line_colour = "#2b6ca3", *const mark_colour = "#c8501e";

/* --- the table ----------------------------------------------------------------- */

ic_status ic_curve_write_csv(const struct ic_lr_curve *curve, const char *path,
                             struct ic_error *error)
{
    struct ic_file_writer writer = {0};
    const ic_status status = ic_file_writer_open(&writer, path, error);

    if (status != IC_OK)
        return status;
    fputs("step,lr,loss,smooth_loss\n", writer.stream);
    for (int i = 0; i < curve->count; i++) {
        const struct ic_lr_point *point = &curve->points[i];

        fprintf(writer.stream, "%d,%.9g,%.9g,%.9g\n", i + 1, point->lr, point->loss,
                point->smooth_loss);
    }
    return ic_file_writer_commit(&writer, error);
}

/* --- the picture --------------------------------------------------------------- */

struct plot {
    struct ic_svg svg;
    struct ic_axis x, y; /* of the rate's decimal logarithm, and of the loss */
};

/* From the lowest to the highest loss with a small margin. The last points do not count
 * for the highest: where the test diverged, they would flatten the valley. (With fmin
 * and fmax in the loop GCC 12.2 for arm64 fails at -O3.) */
static struct ic_axis loss_axis(const struct ic_lr_curve *curve)
{
    double low = INFINITY, high = 0, air;

    for (int i = 0; i < curve->count; i++) {
        const double loss = curve->points[i].smooth_loss;

        if (loss < low)
            low = loss;
        if (loss > high && i < curve->count - IC_LR_LAST_POINTS)
            high = loss;
    }
    air = high > 0 ? fmax(0.06 * (high - low), 1e-3 * high) : 1;
    return (struct ic_axis){low - air, high + air, BOTTOM, TOP};
}

/* Draws "10" with its exponent, a tick and a light line for each decade. */
static void draw_decades(struct plot *plot)
{
    for (int decade = LOWEST_DECADE; decade <= HIGHEST_DECADE; decade++) {
        const double x = ic_axis_place(&plot->x, decade);
        char exponent[16];

        snprintf(exponent, sizeof exponent, "%s%d", decade < 0 ? "\xe2\x88\x92" : "",
                 abs(decade)); /* U+2212, minus */
        ic_svg_line(&plot->svg, x, TOP, x, BOTTOM, grid, 1);
        ic_svg_line(&plot->svg, x, BOTTOM, x, BOTTOM + TICK, ink, 1);
        ic_svg_text(&plot->svg, x + 3, BOTTOM + 21, LETTERS, IC_SVG_END, ink, "10");
        ic_svg_text(&plot->svg, x + 4, BOTTOM + 15, 0.75 * LETTERS, IC_SVG_START, ink,
                    exponent);
    }
}

static void draw_losses(struct plot *plot)
{
    int decimals;
    const double step = ic_axis_step(plot->y.low, plot->y.high, 5, &decimals);

    for (double k = ceil(plot->y.low / step); k * step <= plot->y.high; k++) {
        const double y = ic_axis_place(&plot->y, k * step);
        char label[32];

        if (decimals <= 4 && plot->y.high < 1e5)
            snprintf(label, sizeof label, "%.*f", decimals, k * step);
        else
            snprintf(label, sizeof label, "%.4g", k * step);
        ic_svg_line(&plot->svg, LEFT, y, RIGHT, y, grid, 1);
        ic_svg_line(&plot->svg, LEFT - TICK, y, LEFT, y, ink, 1);
        ic_svg_text(&plot->svg, LEFT - 9, y + 4.5, LETTERS, IC_SVG_END, ink, label);
    }
}

static void draw_axes(struct plot *plot)
{
    draw_decades(plot);
    draw_losses(plot);
    ic_svg_line(&plot->svg, LEFT, TOP, LEFT, BOTTOM, ink, 1);
    ic_svg_line(&plot->svg, LEFT, BOTTOM, RIGHT, BOTTOM, ink, 1);
    ic_svg_text(&plot->svg, LEFT - TICK, TOP - 28, LETTERS, IC_SVG_START, ink,
                "smoothed loss");
    ic_svg_text(&plot->svg, (LEFT + RIGHT) / 2.0, BOTTOM + 46, LETTERS, IC_SVG_MIDDLE,
                ink, "learning rate");
}

/* The curve, up to where it leaves the plot at the top; `points` has room for it. */
static void draw_curve(struct plot *plot, const struct ic_lr_curve *curve,
                       double (*points)[2])
{
    int count = 0;
    bool inside = true;

    for (; count < curve->count && inside; count++) {
        const struct ic_lr_point *point = &curve->points[count];
        double rate = log10(point->lr), loss = point->smooth_loss;

        inside = loss <= plot->y.high;
        if (!inside) { /* ends where the line to this point crosses the edge */
            const double before = log10(point[-1].lr), from = point[-1].smooth_loss;

            rate = before + (plot->y.high - from) / (loss - from) * (rate - before);
            loss = plot->y.high;
        }
        points[count][0] = ic_axis_place(&plot->x, rate);
        points[count][1] = ic_axis_place(&plot->y, loss);
    }
    ic_svg_polyline(&plot->svg, (const double(*)[2])points, (size_t)count, line_colour,
                    2);
}

/* Draws a line through the plot, a point on the curve, and the rate above the line. */
static void draw_suggestion(struct plot *plot, const struct ic_lr_curve *curve)
{
    const struct ic_lr_point *point = &curve->points[curve->suggested];
    const double x = ic_axis_place(&plot->x, log10(point->lr));
    const double y = ic_axis_place(&plot->y, point->smooth_loss);
    const bool at_left = x<LEFT + 60, at_right = x> RIGHT - 60;
    char label[60];

    snprintf(label, sizeof label, "suggested %.3g", point->lr);
    ic_svg_line(&plot->svg, x, TOP, x, BOTTOM, mark_colour, 1);
    ic_svg_circle(&plot->svg, x, y, 5, mark_colour);
    ic_svg_text(&plot->svg, x, TOP - 7, LETTERS,
                at_left    ? IC_SVG_START
                : at_right ? IC_SVG_END
                           : IC_SVG_MIDDLE,
                mark_colour, label);
}

ic_status ic_curve_write_svg(const struct ic_lr_curve *curve, const char *path,
                             struct ic_error *error)
{
    const size_t count = (size_t)curve->count;
    double(*points)[2] = calloc(count, sizeof *points);
    struct plot plot = {.x = {LOWEST_DECADE, HIGHEST_DECADE, LEFT, RIGHT},
                        .y = loss_axis(curve)};
    ic_status status;

    if (points == NULL)
        return ic_fail_memory(error, path, count * sizeof *points);
    status = ic_svg_open(&plot.svg, path, WIDTH, HEIGHT, error);
    if (status == IC_OK) {
        draw_axes(&plot);
        draw_curve(&plot, curve, points);
        if (curve->fall >= IC_LR_FALL_MIN)
            draw_suggestion(&plot, curve);
        status = ic_svg_commit(&plot.svg, error);
    }
    free(points);
    return status;
}
