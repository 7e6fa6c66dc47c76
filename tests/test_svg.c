/* SPDX-License-Identifier: MIT */
/*
 * Drawings: the text of each shape, strings that need escaping in XML, and pictures
 * that read back unchanged.
 */
#include "base/file.h"
#include "check.h"
#include "drawing.h"
#include "folder.h"
#include "pictures.h"
#include "report/svg.h"

static struct ic_error error;
static char *path;

/* The file of a drawing of a single text. */
static char *drawing_of(const char *text)
{
    struct ic_svg svg = {0};

    CHECK_OK(ic_svg_open(&svg, path, 40, 30, &error));
    ic_svg_text(&svg, 1, 2, 12, IC_SVG_START, "black", text);
    CHECK_OK(ic_svg_commit(&svg, &error));
    return drawing_read(path);
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
    ic_svg_circle(&svg, 9, 10, 2.5, "green");
    ic_svg_polyline(&svg, points, 3, "blue", 2);
    ic_svg_text(&svg, 9, 10, 11, IC_SVG_MIDDLE, "grey", "a");
    ic_svg_text(&svg, 9, 10, 11, IC_SVG_END, "grey", "b");
    CHECK(!ic_file_exists(path));
    CHECK_OK(ic_svg_commit(&svg, &error));
    text = drawing_read(path);
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
                 "<circle cx=\"9.00\" cy=\"10.00\" r=\"2.50\" fill=\"green\"/>\n"
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
    check_text("a < b && c > \"d\"", "a &lt; b &amp;&amp; c &gt; &quot;d&quot;");
    check_text("h\xc3\xa9 \xe2\x82\xac \xf0\x9f\x90\x88", /* 2, 3 and 4 bytes */
               "h\xc3\xa9 \xe2\x82\xac \xf0\x9f\x90\x88");
    check_text("a\nb\x1b[31m\x7f", "a?b?[31m?");
    check_text("\xff\xc3", "??");                /* never a start; ends too early */
    check_text("\xc0\xaf\xe0\x80\x80", "?????"); /* overlong */
    check_text("\xed\xa0\x80", "???");           /* a lone surrogate */
    check_text("\xf4\x90\x80\x80", "????");      /* above U+10FFFF */
    check_text("\xef\xbf\xbf", "?");             /* U+FFFF */
    check_text("\xef\xbf\xbe", "?");             /* U+FFFE */
    check_text("\xef\xbf\xbd", "\xef\xbf\xbd");  /* U+FFFD is a character */
    check_text("\xe2\x80\xae", "?");             /* U+202E reverses the text after it */
    check_text("", "");
}

static void upwards(void)
{
    struct ic_svg svg = {0};
    char *text;

    CHECK_OK(ic_svg_open(&svg, path, 40, 30, &error));
    ic_svg_text_upwards(&svg, 1, 2.5, 12, IC_SVG_END, "black", "a & b");
    CHECK_OK(ic_svg_commit(&svg, &error));
    text = drawing_read(path);
    CHECK(strstr(text, "<text x=\"1.00\" y=\"2.50\" font-size=\"12.00\" "
                       "text-anchor=\"end\" fill=\"black\" "
                       "transform=\"rotate(-90 1.00 2.50)\">a &amp; b</text>\n"));
    free(text);
}

/* --- pictures --------------------------------------------------------------------- */

/* The drawing of one picture; the caller frees it. */
static char *embed(const uint8_t *bytes, size_t size, enum ic_image_format format)
{
    struct ic_svg svg = {0};

    CHECK_OK(ic_svg_open(&svg, path, 400, 300, &error));
    ic_svg_image(&svg, 1, 2, 30, 40, format, bytes, size);
    CHECK_OK(ic_svg_commit(&svg, &error));
    return drawing_read(path);
}

/* Every remainder modulo three, and every byte value. */
static void all_bytes(void)
{
    uint8_t bytes[256];

    for (int i = 0; i < 256; i++)
        bytes[i] = (uint8_t)(255 - i);
    for (size_t size = 250; size <= 256; size++) {
        char *text = embed(bytes, size, IC_IMAGE_JPEG);
        size_t found = 0;
        uint8_t *back = drawing_picture_bytes(text, 0, "jpeg", &found);

        CHECK_INT(found, size);
        CHECK(found == size && memcmp(back, bytes, size) == 0);
        CHECK(strstr(text, "<image x=\"1.00\" y=\"2.00\" width=\"30.00\" "
                           "height=\"40.00\" xlink:href="));
        CHECK(strstr(text, "\"/>\n</svg>\n"));
        free(back);
        free(text);
    }
}

static void known_letters(void) /* RFC 4648, section 10 */
{
    static const char *const pairs[][2] = {
        {"f", "Zg=="},        {"fo", "Zm8="},        {"foo", "Zm9v"},
        {"foob", "Zm9vYg=="}, {"fooba", "Zm9vYmE="}, {"foobar", "Zm9vYmFy"}};

    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        char expected[40];
        char *text =
            embed((const uint8_t *)pairs[i][0], strlen(pairs[i][0]), IC_IMAGE_PNG);

        snprintf(expected, sizeof expected, "image/png;base64,%s\"/>", pairs[i][1]);
        CHECK(strstr(text, expected));
        free(text);
    }
}

static void a_picture(void)
{
    struct ic_image image = picture_draw(23, 17, 5);
    uint8_t *bytes = NULL;
    size_t size = 0;
    char *text;

    CHECK_OK(ic_image_encode(&image, IC_IMAGE_PNG, 0, &bytes, &size, &error));
    text = embed(bytes, size, IC_IMAGE_PNG);
    drawing_check_picture(text, 0, "png", image.rgb, 23, 17);
    ic_image_free(&image);
    free(bytes);
    free(text);
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
    upwards();
    all_bytes();
    known_letters();
    a_picture();
    remove(path);
    failures();
    free(path);
    folder_remove(folder);
    return check_result();
}
