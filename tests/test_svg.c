/*
 * Drawings: what is written for each shape, and texts that are no XML by themselves.
 */
#include "base/file.h"
#include "check.h"
#include "folder.h"
#include "report/svg.h"

static struct ic_error error;
static char *path;

/* The drawing as it lies on disk; the caller frees it. */
static char *content(void)
{
    uint8_t *bytes = NULL;
    size_t size = 0;

    CHECK_OK(ic_file_read(path, 1 << 20, &bytes, &size, &error));
    return (char *)bytes;
}

/* The file of a drawing of one text. */
static char *drawing_of(const char *text)
{
    struct ic_svg svg = {0};

    CHECK_OK(ic_svg_open(&svg, path, 40, 30, &error));
    ic_svg_text(&svg, 1, 2, 12, IC_SVG_START, "black", text);
    CHECK_OK(ic_svg_commit(&svg, &error));
    return content();
}

static void check_text(const char *text, const char *written)
{
    char *svg = drawing_of(text), expected[200];

    snprintf(expected, sizeof expected, ">%s</text>\n</svg>\n", written);
    if (strstr(svg, expected) == NULL)
        CHECK_FAIL("\"%s\" is not in %s", expected, svg);
    free(svg);
}

static void shapes(void)
{
    const double points[3][2] = {{0, 1}, {2.5, 3}, {4, 5.125}};
    struct ic_svg svg = {0};
    char *text;

    CHECK_OK(ic_svg_open(&svg, path, 400, 300, &error));
    ic_svg_rect(&svg, 1, 2, 3, 4, "#102030");
    ic_svg_line(&svg, 5, 6, 7, 8, "red", 1.5);
    ic_svg_polyline(&svg, points, 3, "blue", 2);
    ic_svg_text(&svg, 9, 10, 11, IC_SVG_MIDDLE, "grey", "a");
    ic_svg_text(&svg, 9, 10, 11, IC_SVG_END, "grey", "b");
    CHECK(!ic_file_exists(path));
    CHECK_OK(ic_svg_commit(&svg, &error));
    text = content();
    CHECK_STRING(text,
                 "<svg xmlns=\"http://www.w3.org/2000/svg\" "
                 "xmlns:xlink=\"http://www.w3.org/1999/xlink\" width=\"400\" "
                 "height=\"300\" viewBox=\"0 0 400 300\" font-family=\"sans-serif\">\n"
                 "<rect x=\"0.00\" y=\"0.00\" width=\"400.00\" height=\"300.00\" "
                 "fill=\"white\"/>\n"
                 "<rect x=\"1.00\" y=\"2.00\" width=\"3.00\" height=\"4.00\" "
                 "fill=\"#102030\"/>\n"
                 "<line x1=\"5.00\" y1=\"6.00\" x2=\"7.00\" y2=\"8.00\" stroke=\"red\" "
                 "stroke-width=\"1.50\"/>\n"
                 "<polyline fill=\"none\" stroke=\"blue\" stroke-width=\"2.00\" "
                 "points=\"0.00,1.00 2.50,3.00 4.00,5.12\"/>\n"
                 "<text x=\"9.00\" y=\"10.00\" font-size=\"11.00\" "
                 "text-anchor=\"middle\" fill=\"grey\">a</text>\n"
                 "<text x=\"9.00\" y=\"10.00\" font-size=\"11.00\" text-anchor=\"end\" "
                 "fill=\"grey\">b</text>\n"
                 "</svg>\n");
    free(text);
    remove(path);
}

static void texts(void)
{
    check_text("a < b && c > \"d\"", "a &lt; b &amp;&amp; c &gt; \"d\"");
    check_text("h\xc3\xa9 \xe2\x82\xac \xf0\x9f\x90\x88", /* 2, 3 and 4 bytes */
               "h\xc3\xa9 \xe2\x82\xac \xf0\x9f\x90\x88");
    check_text("a\nb\x1b[31m\x7f", "a?b?[31m?");
    check_text("\xff\xc3", "??");                /* never a start; ends too early */
    check_text("\xc0\xaf\xe0\x80\x80", "?????"); /* longer than need be */
    check_text("\xed\xa0\x80", "???");           /* half of a pair */
    check_text("\xf4\x90\x80\x80", "????");      /* behind U+10FFFF */
    check_text("\xef\xbf\xbf", "???");           /* U+FFFF */
    check_text("", "");
}

static void failures(void)
{
    struct ic_svg svg = {0};

    CHECK_FAILS(ic_svg_open(&svg, "no/such/folder/a.svg", 1, 1, &error), IC_ERR_IO,
                "no/such/folder/a.svg");
    ic_svg_abort(&svg);
    CHECK_OK(ic_svg_open(&svg, path, 1, 1, &error));
    ic_svg_abort(&svg);
    ic_svg_abort(&svg);
    CHECK(!ic_file_exists(path));
}

int main(void)
{
    char *folder = folder_make();

    path = folder_path(folder, "a.svg");
    shapes();
    texts();
    remove(path);
    failures();
    free(path);
    folder_remove(folder);
    return check_result();
}
