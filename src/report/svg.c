/* SPDX-License-Identifier: MIT */
/*
 * Writes SVG, one element per line. See svg.h.
 */
#include "report/svg.h"

#include <assert.h>
#include <string.h>

#include "report/markup.h"

ic_status ic_svg_open(struct ic_svg *svg, const char *path, int width, int height,
                      struct ic_error *error)
{
    const ic_status status = ic_file_writer_open(&svg->writer, path, error);

    if (status != IC_OK)
        return status;
    fprintf(svg->writer.stream,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" "
            "xmlns:xlink=\"http://www.w3.org/1999/xlink\" width=\"%d\" height=\"%d\" "
            "viewBox=\"0 0 %d %d\" font-family=\"sans-serif\">\n",
            width, height, width, height);
    ic_svg_rect(svg, 0, 0, width, height, "white");
    return IC_OK;
}

ic_status ic_svg_commit(struct ic_svg *svg, struct ic_error *error)
{
    fputs("</svg>\n", svg->writer.stream);
    return ic_file_writer_commit(&svg->writer, error);
}

void ic_svg_abort(struct ic_svg *svg)
{
    ic_file_writer_abort(&svg->writer);
}

void ic_svg_rect(struct ic_svg *svg, double x, double y, double width, double height,
                 const char *fill)
{
    fprintf(svg->writer.stream,
            "<rect x=\"%.2f\" y=\"%.2f\" width=\"%.2f\" height=\"%.2f\" "
            "fill=\"%s\"/>\n",
            x, y, width, height, fill);
}

void ic_svg_line(struct ic_svg *svg, double x1, double y1, double x2, double y2,
                 const char *stroke, double width)
{
    fprintf(svg->writer.stream,
            "<line x1=\"%.2f\" y1=\"%.2f\" x2=\"%.2f\" y2=\"%.2f\" stroke=\"%s\" "
            "stroke-width=\"%.2f\"/>\n",
            x1, y1, x2, y2, stroke, width);
}

void ic_svg_circle(struct ic_svg *svg, double x, double y, double radius,
                   const char *fill)
{
    fprintf(svg->writer.stream,
            "<circle cx=\"%.2f\" cy=\"%.2f\" r=\"%.2f\" fill=\"%s\"/>\n", x, y, radius,
            fill);
}

void ic_svg_polyline(struct ic_svg *svg, const double (*points)[2], size_t count,
                     const char *stroke, double width)
{
    FILE *stream = svg->writer.stream;

    fprintf(stream,
            "<polyline fill=\"none\" stroke=\"%s\" stroke-width=\"%.2f\" points=\"",
            stroke, width);
    for (size_t i = 0; i < count; i++)
        fprintf(stream, "%s%.2f,%.2f", i > 0 ? " " : "", points[i][0], points[i][1]);
    fputs("\"/>\n", stream);
}

static void open_text(FILE *stream, double x, double y, double size,
                      enum ic_svg_anchor anchor, const char *fill)
{
    static const char *const anchors[] = {"start", "middle", "end"};

    fprintf(stream,
            "<text x=\"%.2f\" y=\"%.2f\" font-size=\"%.2f\" text-anchor=\"%s\" "
            "fill=\"%s\"",
            x, y, size, anchors[anchor], fill);
}

static void close_text(FILE *stream, const char *text)
{
    fputc('>', stream);
    ic_markup_text(stream, text);
    fputs("</text>\n", stream);
}

void ic_svg_text(struct ic_svg *svg, double x, double y, double size,
                 enum ic_svg_anchor anchor, const char *fill, const char *text)
{
    open_text(svg->writer.stream, x, y, size, anchor, fill);
    close_text(svg->writer.stream, text);
}

void ic_svg_text_upwards(struct ic_svg *svg, double x, double y, double size,
                         enum ic_svg_anchor anchor, const char *fill, const char *text)
{
    open_text(svg->writer.stream, x, y, size, anchor, fill);
    fprintf(svg->writer.stream, " transform=\"rotate(-90 %.2f %.2f)\"", x, y);
    close_text(svg->writer.stream, text);
}

/* Writes Base64 by RFC 4648, section 4: three bytes are four letters of six bits; '='
 * fills up. */
static void write_base64(FILE *stream, const uint8_t *bytes, size_t size)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                  "abcdefghijklmnopqrstuvwxyz0123456789+/";

    for (size_t i = 0; i < size; i += 3) {
        const size_t left = size - i;
        const uint32_t bits = (uint32_t)bytes[i] << 16 |
                              (left > 1 ? (uint32_t)bytes[i + 1] << 8 : 0) |
                              (left > 2 ? bytes[i + 2] : 0);

        fputc(letters[bits >> 18], stream);
        fputc(letters[bits >> 12 & 63], stream);
        fputc(left > 1 ? letters[bits >> 6 & 63] : '=', stream);
        fputc(left > 2 ? letters[bits & 63] : '=', stream);
    }
}

void ic_svg_image(struct ic_svg *svg, double x, double y, double width, double height,
                  enum ic_image_format format, const uint8_t *bytes, size_t size)
{
    FILE *stream = svg->writer.stream;

    assert(format == IC_IMAGE_JPEG || format == IC_IMAGE_PNG);
    fprintf(stream,
            "<image x=\"%.2f\" y=\"%.2f\" width=\"%.2f\" height=\"%.2f\" "
            "xlink:href=\"data:image/%s;base64,",
            x, y, width, height, format == IC_IMAGE_JPEG ? "jpeg" : "png");
    write_base64(stream, bytes, size);
    fputs("\"/>\n", stream);
}
