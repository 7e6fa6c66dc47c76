/* SPDX-License-Identifier: MIT */
/*
 * Draws the curves of a run. See run_curves.h.
 *
 * Two plots beside each other, over the epochs counted from 1: the losses of training
 * and of validation, and the error rate with a ring around the best. A dashed line
 * marks the end of a phase, such as that of the frozen body.
 */
#include "report/run_curves.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "report/axis.h"
#include "report/svg.h"

enum { WIDTH = 860, HEIGHT = 330 };              /* the drawing */
enum { TOP = 52, BOTTOM = 270, PLOT = 350 };     /* a plot in it */
enum { LEFT_OF_LOSS = 60, LEFT_OF_ERROR = 490 }; /* where each begins */
enum { LETTERS = 13, TICK = 5, TICKS = 5, WIDEST = 24 /* points that have dots */ };

static const char *const ink = "#222222", *const grid = "#e4e4e4";
static const char *const train_colour = "#2b6ca3", *const valid_colour = "#b4420f";

/* The value of an epoch that a curve shows. */
typedef double pick(const struct ic_run_epoch *epoch);

static double pick_train(const struct ic_run_epoch *epoch)
{
    return epoch->train_loss;
}
static double pick_valid(const struct ic_run_epoch *epoch)
{
    return epoch->valid_loss;
}
static double pick_error(const struct ic_run_epoch *epoch)
{
    return 100 * epoch->error_rate;
}

struct plot {
    struct ic_svg *svg;
    const struct ic_run_epochs *epochs;
    struct ic_axis x, y;
    double (*points)[2]; /* room for one point per epoch */
};

/* An axis from zero to a little more than the largest value. */
static struct ic_axis value_axis(const struct ic_run_epochs *epochs, pick *one,
                                 pick *other)
{
    double most = 0;

    for (size_t i = 0; i < epochs->count; i++) {
        const double first = one(&epochs->items[i]), second = other(&epochs->items[i]);

        if (first > most)
            most = first;
        if (second > most)
            most = second;
    }
    return (struct ic_axis){0, most > 0 && isfinite(most) ? 1.06 * most : 1, BOTTOM,
                            TOP};
}

static void draw_values(const struct plot *plot, const char *title)
{
    int decimals;
    const double step = ic_axis_step(0, plot->y.high, TICKS, &decimals);

    for (double k = 0; k * step <= plot->y.high; k++) {
        const double y = ic_axis_place(&plot->y, k * step);
        char label[32];

        snprintf(label, sizeof label, "%.*f", decimals, k * step);
        ic_svg_line(plot->svg, plot->x.first, y, plot->x.last, y, grid, 1);
        ic_svg_text(plot->svg, plot->x.first - 8, y + 4.5, LETTERS, IC_SVG_END, ink,
                    label);
    }
    ic_svg_text(plot->svg, plot->x.first, TOP - 32, LETTERS, IC_SVG_START, ink, title);
}

/* Draws ticks at whole epochs, and a line where a phase ends. */
static void draw_epochs(const struct plot *plot)
{
    const size_t count = plot->epochs->count;
    int decimals;
    const double least =
        count > TICKS ? ic_axis_step(1, (double)count, TICKS, &decimals) : 1;
    const double step = least < 1 ? 1 : least;

    for (double k = step > 1 ? step : 1; k <= (double)count; k += step) {
        const double x = ic_axis_place(&plot->x, k);
        char label[32];

        snprintf(label, sizeof label, "%.0f", k);
        ic_svg_line(plot->svg, x, BOTTOM, x, BOTTOM + TICK, ink, 1);
        ic_svg_text(plot->svg, x, BOTTOM + 20, LETTERS, IC_SVG_MIDDLE, ink, label);
    }
    for (size_t i = 1; i < count; i++)
        if (strcmp(plot->epochs->items[i].phase, plot->epochs->items[i - 1].phase) !=
            0) {
            const double x = ic_axis_place(&plot->x, (double)i + 0.5);

            for (double y = TOP; y < BOTTOM; y += 8)
                ic_svg_line(plot->svg, x, y, x, y + 4, "#9aa3ac", 1);
        }
    ic_svg_line(plot->svg, plot->x.first, BOTTOM, plot->x.last, BOTTOM, ink, 1);
    ic_svg_text(plot->svg, (plot->x.first + plot->x.last) / 2, BOTTOM + 42, LETTERS,
                IC_SVG_MIDDLE, ink, "epoch");
}

static void draw_curve(const struct plot *plot, pick *value, const char *colour)
{
    size_t count = 0;

    for (size_t i = 0; i < plot->epochs->count; i++) {
        const double at = value(&plot->epochs->items[i]);

        if (!isfinite(at))
            continue;
        plot->points[count][0] = ic_axis_place(&plot->x, (double)i + 1);
        plot->points[count++][1] = ic_axis_place(&plot->y, at);
    }
    ic_svg_polyline(plot->svg, (const double(*)[2])plot->points, count, colour, 2);
    for (size_t i = 0; count <= WIDEST && i < count; i++)
        ic_svg_circle(plot->svg, plot->points[i][0], plot->points[i][1], 3, colour);
}

/* The axis of the epochs. A single epoch is in the middle. */
static struct ic_axis epoch_axis(size_t count, double left)
{
    return count > 1 ? (struct ic_axis){1, (double)count, left + 12, left + PLOT - 12}
                     : (struct ic_axis){0, 2, left + 12, left + PLOT - 12};
}

static void draw_losses(struct plot *plot)
{
    plot->x = epoch_axis(plot->epochs->count, LEFT_OF_LOSS);
    plot->y = value_axis(plot->epochs, pick_train, pick_valid);
    draw_values(plot, "loss");
    draw_epochs(plot);
    draw_curve(plot, pick_train, train_colour);
    draw_curve(plot, pick_valid, valid_colour);
    ic_svg_text(plot->svg, plot->x.first + 110, TOP - 32, LETTERS, IC_SVG_START,
                train_colour, "\xe2\x80\x94 training");
    ic_svg_text(plot->svg, plot->x.first + 210, TOP - 32, LETTERS, IC_SVG_START,
                valid_colour, "\xe2\x80\x94 validation");
}

static void draw_errors(struct plot *plot)
{
    const struct ic_run_epoch *const best = &plot->epochs->items[plot->epochs->best];
    double x, y;
    char label[60];

    plot->x = epoch_axis(plot->epochs->count, LEFT_OF_ERROR);
    plot->y = value_axis(plot->epochs, pick_error, pick_error);
    draw_values(plot, "misclassified validation pictures, %");
    draw_epochs(plot);
    draw_curve(plot, pick_error, valid_colour);
    x = ic_axis_place(&plot->x, (double)plot->epochs->best + 1);
    y = ic_axis_place(&plot->y, pick_error(best));
    ic_svg_circle(plot->svg, x, y, 6, valid_colour);
    snprintf(label, sizeof label, "best: %.2f %%", pick_error(best));
    ic_svg_text(plot->svg, plot->x.last, TOP - 10, LETTERS, IC_SVG_END, valid_colour,
                label);
}

ic_status ic_run_curves_draw(const struct ic_run_epochs *epochs, const char *path,
                             struct ic_error *error)
{
    struct ic_svg svg = {0};
    struct plot plot = {.svg = &svg, .epochs = epochs};
    ic_status status = ic_svg_open(&svg, path, WIDTH, HEIGHT, error);

    if (status != IC_OK)
        return status;
    plot.points = calloc(epochs->count + 1, sizeof *plot.points);
    if (plot.points == NULL) {
        ic_svg_abort(&svg);
        return ic_fail_memory(error, path, epochs->count * sizeof *plot.points);
    }
    draw_losses(&plot);
    draw_errors(&plot);
    status = ic_svg_commit(&svg, error);
    free(plot.points);
    return status;
}
