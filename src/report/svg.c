/*
 * Writes SVG, an element a line. See svg.h.
 */
#include "report/svg.h"

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

/* The bytes of a UTF-8 sequence at `text`, or 0 where it is none that XML allows. */
static int sequence_length(const unsigned char *text)
{
    const unsigned char first = text[0];
    const int length = first < 0x80                    ? 1
                       : first >= 0xc2 && first < 0xe0 ? 2
                       : first >= 0xe0 && first < 0xf0 ? 3
                       : first >= 0xf0 && first < 0xf5 ? 4
                                                       : 0;

    for (int i = 1; i < length; i++)
        if ((text[i] & 0xc0) != 0x80)
            return 0;
    if (length == 1 && (first < 0x20 || first == 0x7f))
        return 0;
    if ((first == 0xe0 && text[1] < 0xa0) || (first == 0xf0 && text[1] < 0x90))
        return 0; /* a longer form of a shorter sequence */
    if ((first == 0xed && text[1] >= 0xa0) || (first == 0xf4 && text[1] >= 0x90))
        return 0; /* half of a pair, or behind the last character */
    if (first == 0xef && text[1] == 0xbf && text[2] >= 0xbe)
        return 0; /* no character */
    return length;
}

/* A file's name may hold anything: what is no text becomes a question mark. */
static void write_text(FILE *stream, const char *text)
{
    const unsigned char *at = (const unsigned char *)text;

    while (*at != '\0') {
        const int length = sequence_length(at);

        if (length == 0)
            fputc('?', stream);
        else if (*at == '&')
            fputs("&amp;", stream);
        else if (*at == '<')
            fputs("&lt;", stream);
        else if (*at == '>')
            fputs("&gt;", stream);
        else
            fwrite(at, 1, (size_t)length, stream);
        at += length > 0 ? length : 1;
    }
}

void ic_svg_text(struct ic_svg *svg, double x, double y, double size,
                 enum ic_svg_anchor anchor, const char *fill, const char *text)
{
    static const char *const anchors[] = {"start", "middle", "end"};

    fprintf(svg->writer.stream,
            "<text x=\"%.2f\" y=\"%.2f\" font-size=\"%.2f\" text-anchor=\"%s\" "
            "fill=\"%s\">",
            x, y, size, anchors[anchor], fill);
    write_text(svg->writer.stream, text);
    fputs("</text>\n", svg->writer.stream);
}
