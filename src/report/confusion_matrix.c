/* SPDX-License-Identifier: MIT */
/*
 * Draws a confusion matrix. See confusion_matrix.h.
 *
 * The side of a cell falls with the number of classes, and the size of the letters
 * falls with it, so that two classes and forty fill about the same page. More classes
 * make a larger page.
 */
#include "report/confusion_matrix.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "report/short_name.h"
#include "report/svg.h"
#include "score/confusion.h"

#define MATRIX_SIDE  780 /* about; in pixels */
#define SMALL_CELL   12
#define LARGE_CELL   96
#define NAME_LIMIT   30 /* characters */
#define MARGIN       16
#define HEADING_SIZE 15
#define TITLE_SIZE   13

static const char ink[] = "#222222", faint[] = "#d8d8d8";

struct matrix {
    struct ic_svg svg;
    const struct ic_scores *scores;
    const char *const *classes;
    double cell;      /* side */
    double name_size; /* of letters */
    double name_room; /* for the longest name */
    double number_size;
    double left, top; /* of the cells */
    bool upwards;     /* the columns' names */
};

static double text_width(const char *text, double size)
{
    return ic_short_name_length(text) * size * IC_SVG_LETTER;
}

/* One size for all numbers, so that the longest one fits its cell. */
static double number_size(const struct matrix *m)
{
    const double size = fmin(20, 0.5 * m->cell);
    uint64_t largest = 0;
    char text[24];

    for (int label = 0; label < m->scores->classes; label++)
        for (int predicted = 0; predicted < m->scores->classes; predicted++) {
            const uint64_t count = ic_confusion_cell(m->scores, label, predicted);
            largest = count > largest ? count : largest;
        }
    snprintf(text, sizeof text, "%" PRIu64, largest);
    return size * fmin(1, 0.9 * m->cell / text_width(text, size));
}

static void measure(struct matrix *m)
{
    const int count = m->scores->classes;

    m->cell = fmax(SMALL_CELL, fmin(LARGE_CELL, (double)MATRIX_SIDE / count));
    m->name_size = fmin(TITLE_SIZE, 0.6 * m->cell);
    for (int i = 0; i < count; i++) {
        char name[IC_SHORT_NAME_SIZE];

        ic_short_name(name, m->classes[i], NAME_LIMIT);
        m->name_room = fmax(m->name_room, text_width(name, m->name_size));
    }
    m->number_size = number_size(m);
    m->upwards = m->name_room > 0.95 * m->cell;
    m->left = MARGIN + 2 * TITLE_SIZE + m->name_room + 8;
    m->top = MARGIN + 2 * HEADING_SIZE;
}

/* Room below the cells, for names and title. */
static double foot(const struct matrix *m)
{
    return (m->upwards ? m->name_room : m->name_size) + 3 * TITLE_SIZE + MARGIN;
}

/* White for none, blue for right, red for wrong. Even a single picture of many is
 * visible. */
static void shade(char colour[8], double share, bool right)
{
    static const int blue[] = {0x1f, 0x4e, 0x8c}, red[] = {0xb0, 0x3a, 0x2e};
    const int *full = right ? blue : red;
    const double part = share > 0 ? 0.1 + 0.9 * share : 0;
    int mixed[3];

    for (int c = 0; c < 3; c++)
        mixed[c] = (int)lround(255 + part * (full[c] - 255));
    snprintf(colour, 8, "#%02x%02x%02x", mixed[0], mixed[1], mixed[2]);
}

static void draw_cell(struct matrix *m, int label, int predicted, uint64_t row_sum)
{
    const uint64_t count = ic_confusion_cell(m->scores, label, predicted);
    const double x = m->left + predicted * m->cell, y = m->top + label * m->cell;
    const double size = m->number_size;
    char colour[8], text[24];
    double share;

    if (count == 0)
        return;
    share = (double)count / (double)row_sum;
    shade(colour, share, label == predicted);
    ic_svg_rect(&m->svg, x, y, m->cell, m->cell, colour);
    snprintf(text, sizeof text, "%" PRIu64, count);
    ic_svg_text(&m->svg, x + m->cell / 2, y + m->cell / 2 + 0.36 * size, size,
                IC_SVG_MIDDLE, share > 0.5 ? "white" : ink, text);
}

static void draw_cells(struct matrix *m)
{
    const int count = m->scores->classes;
    const double side = count * m->cell;

    for (int label = 0; label < count; label++) {
        const uint64_t sum = ic_confusion_counts(m->scores, label).images;

        for (int predicted = 0; predicted < count; predicted++)
            draw_cell(m, label, predicted, sum);
    }
    for (int i = 0; i <= count; i++) {
        const double at = i * m->cell;

        ic_svg_line(&m->svg, m->left, m->top + at, m->left + side, m->top + at, faint,
                    0.75);
        ic_svg_line(&m->svg, m->left + at, m->top, m->left + at, m->top + side, faint,
                    0.75);
    }
}

static void draw_names(struct matrix *m)
{
    const double side = m->scores->classes * m->cell, size = m->name_size;
    const double below = m->top + side + 8;

    for (int i = 0; i < m->scores->classes; i++) {
        const double middle = (i + 0.5) * m->cell;
        char name[IC_SHORT_NAME_SIZE];

        ic_short_name(name, m->classes[i], NAME_LIMIT);
        ic_svg_text(&m->svg, m->left - 8, m->top + middle + 0.36 * size, size,
                    IC_SVG_END, ink, name);
        if (m->upwards)
            ic_svg_text_upwards(&m->svg, m->left + middle + 0.36 * size, below, size,
                                IC_SVG_END, ink, name);
        else
            ic_svg_text(&m->svg, m->left + middle, below + 0.8 * size, size,
                        IC_SVG_MIDDLE, ink, name);
    }
}

static void draw_titles(struct matrix *m, const char *heading, double height)
{
    const double middle = m->scores->classes * m->cell / 2;

    ic_svg_text(&m->svg, MARGIN, MARGIN + HEADING_SIZE, HEADING_SIZE, IC_SVG_START, ink,
                heading);
    ic_svg_text_upwards(&m->svg, MARGIN + TITLE_SIZE, m->top + middle, TITLE_SIZE,
                        IC_SVG_MIDDLE, ink, "actual");
    ic_svg_text(&m->svg, m->left + middle, height - MARGIN, TITLE_SIZE, IC_SVG_MIDDLE,
                ink, "predicted");
}

ic_status ic_confusion_matrix_draw(const char *path, const struct ic_scores *scores,
                                   const char *const *classes, struct ic_error *error)
{
    struct matrix m = {.scores = scores, .classes = classes};
    char heading[80];
    double width, height;
    ic_status status;

    snprintf(heading, sizeof heading, "%zu picture%s, error rate %.4f", scores->images,
             scores->images == 1 ? "" : "s", ic_scores_error_rate(scores));
    measure(&m);
    width = fmax(m.left + scores->classes * m.cell,
                 MARGIN + text_width(heading, HEADING_SIZE)) +
            MARGIN;
    height = m.top + scores->classes * m.cell + foot(&m);
    status = ic_svg_open(&m.svg, path, (int)ceil(width), (int)ceil(height), error);
    if (status != IC_OK)
        return status;
    draw_cells(&m);
    draw_names(&m);
    draw_titles(&m, heading, height);
    return ic_svg_commit(&m.svg, error);
}
