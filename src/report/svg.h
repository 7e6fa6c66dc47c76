/* SPDX-License-Identifier: MIT */
/*
 * Drawings as SVG files (W3C, "Scalable Vector Graphics 1.1"), which a browser shows
 * and a paper can print. They are text and need no library.
 *
 *     ic_svg_open, shapes from the back to the front, ic_svg_commit
 *
 * Lengths are in pixels, from the left and from the top. Colours are CSS words such as
 * "black" or "#4878a8". Writing errors stick to the file and show at the commit.
 */
#ifndef IC_REPORT_SVG_H
#define IC_REPORT_SVG_H

#include <stddef.h>

#include "base/file.h"
#include "image/signature.h"

/* Average width of a letter as a part of its size, which few texts exceed: the font is
 * the reader's. */
#define IC_SVG_LETTER 0.55

enum ic_svg_anchor { IC_SVG_START, IC_SVG_MIDDLE, IC_SVG_END };

/* All zero is closed. */
struct ic_svg {
    struct ic_file_writer writer;
};

/* Begins a drawing on white. The file appears with the commit. */
ic_status ic_svg_open(struct ic_svg *svg, const char *path, int width, int height,
                      struct ic_error *error);

/* Ends the drawing and puts the file in its place, atomically. Closes it in any case.
 */
ic_status ic_svg_commit(struct ic_svg *svg, struct ic_error *error);

/* Discards the drawing; does nothing when it is closed. */
void ic_svg_abort(struct ic_svg *svg);

void ic_svg_rect(struct ic_svg *svg, double x, double y, double width, double height,
                 const char *fill);
void ic_svg_line(struct ic_svg *svg, double x1, double y1, double x2, double y2,
                 const char *stroke, double width);

void ic_svg_circle(struct ic_svg *svg, double x, double y, double radius,
                   const char *fill);

/* A line through `count` points. */
void ic_svg_polyline(struct ic_svg *svg, const double (*points)[2], size_t count,
                     const char *stroke, double width);

/* Writes any text, in UTF-8 or not. Its baseline is at y, and x is its start, middle or
 * end. `size` is the size of the letters. */
void ic_svg_text(struct ic_svg *svg, double x, double y, double size,
                 enum ic_svg_anchor anchor, const char *fill, const char *text);

/* Writes a text turned to read from below. */
void ic_svg_text_upwards(struct ic_svg *svg, double x, double y, double size,
                         enum ic_svg_anchor anchor, const char *fill, const char *text);

/* Puts a picture into the file: `size` bytes of a JPEG or PNG, fitted into the
 * rectangle in its own proportions. */
void ic_svg_image(struct ic_svg *svg, double x, double y, double width, double height,
                  enum ic_image_format format, const uint8_t *bytes, size_t size);

#endif
