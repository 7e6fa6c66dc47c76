/* SPDX-License-Identifier: MIT */
/*
 * Writes pages. See page.h.
 *
 * Drawings are light, so in dark mode they lie on a sheet of paper. An element that is
 * wider than the reader's window scrolls on its own, with the keys too (tabindex).
 */
#include "report/page.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "report/markup.h"

#define DRAWING_MOST ((size_t)1 << 28) /* bytes of an SVG file */

static const char head[] =
    "<meta charset=\"utf-8\">\n"
    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
    "<style>\n"
    ":root { color-scheme: light dark; --ink: #222; --paper: #fff; --soft: #f2f4f6;\n"
    "  --line: #d5dae0; --link: #1d5c96; }\n"
    "@media (prefers-color-scheme: dark) { :root { --ink: #e4e7ea; --paper: #16191c;\n"
    "  --soft: #22272c; --line: #3b424a; --link: #8cc0f0; } }\n"
    "body { margin: 0 auto; max-width: 62rem; padding: 1rem; background: "
    "var(--paper);\n"
    "  color: var(--ink); font: 1rem/1.5 system-ui, sans-serif; }\n"
    "h1 { font-size: 1.6rem; line-height: 1.25; } h2 { font-size: 1.2rem;\n"
    "  margin-top: 2rem; }\n"
    "a { color: var(--link); }\n"
    "dl { display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1.2rem;\n"
    "  margin: 0; } dt { font-weight: 600; } dd { margin: 0; overflow-wrap: anywhere; "
    "}\n"
    ".wide { overflow-x: auto; }\n"
    "table { border-collapse: collapse; font-variant-numeric: tabular-nums; }\n"
    "caption { text-align: left; padding-bottom: .4rem; }\n"
    "th, td { padding: .25rem .8rem; border-bottom: 1px solid var(--line);\n"
    "  text-align: right; } th:first-child, td:first-child { text-align: left; }\n"
    "thead th { background: var(--soft); } tbody th { font-weight: 400; }\n"
    "pre { background: var(--soft); padding: .6rem .8rem; white-space: pre-wrap;\n"
    "  overflow-wrap: anywhere; }\n"
    "figure { margin: 0 0 1rem; padding: .5rem; background: #fff; border: 1px solid\n"
    "  var(--line); } figure svg { display: block; max-width: 100%; height: auto; }\n"
    "@media (max-width: 40rem) { th, td { padding: .25rem .45rem; } figure {\n"
    "  overflow-x: auto; } figure svg { max-width: max(100%, 34rem); } }\n"
    "@media print { body { max-width: none; font-size: 10pt; } h2 { break-after:\n"
    "  avoid; } figure, tr { break-inside: avoid; } }\n"
    "</style>\n";

ic_status ic_page_open(struct ic_page *page, const char *path, const char *title,
                       struct ic_error *error)
{
    const ic_status status = ic_file_writer_open(&page->writer, path, error);
    FILE *const stream = page->writer.stream;

    if (status != IC_OK)
        return status;
    fprintf(stream, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n%s<title>", head);
    ic_markup_text(stream, title);
    fputs("</title>\n</head>\n<body>\n<main>\n<h1>", stream);
    ic_markup_text(stream, title);
    fputs("</h1>\n", stream);
    return IC_OK;
}

ic_status ic_page_commit(struct ic_page *page, struct ic_error *error)
{
    fputs("</main>\n</body>\n</html>\n", page->writer.stream);
    return ic_file_writer_commit(&page->writer, error);
}

void ic_page_abort(struct ic_page *page)
{
    ic_file_writer_abort(&page->writer);
}

/* Writes an element that holds a text. */
static void write_element(struct ic_page *page, const char *before, const char *text,
                          const char *after)
{
    fputs(before, page->writer.stream);
    ic_markup_text(page->writer.stream, text);
    fputs(after, page->writer.stream);
}

void ic_page_heading(struct ic_page *page, const char *text)
{
    write_element(page, "<h2>", text, "</h2>\n");
}

void ic_page_paragraph(struct ic_page *page, const char *text)
{
    write_element(page, "<p>", text, "</p>\n");
}

void ic_page_command(struct ic_page *page, const char *format, ...)
{
    char *text = NULL;
    va_list values;

    va_start(values, format);
    if (vasprintf(&text, format, values) < 0)
        text = NULL;
    va_end(values);
    if (text != NULL)
        write_element(page, "<pre><code>", text, "</code></pre>\n");
    free(text);
}

void ic_page_facts_open(struct ic_page *page)
{
    fputs("<dl>\n", page->writer.stream);
}

void ic_page_fact(struct ic_page *page, const char *term, const char *value)
{
    write_element(page, "<dt>", term, "</dt>");
    write_element(page, "<dd>", value, "</dd>\n");
}

void ic_page_facts_close(struct ic_page *page)
{
    fputs("</dl>\n", page->writer.stream);
}

void ic_page_table_open(struct ic_page *page, const char *caption,
                        const char *const *columns)
{
    write_element(page,
                  "<div class=\"wide\" role=\"region\" tabindex=\"0\" aria-label=\"",
                  caption, "\">\n<table>\n");
    write_element(page, "<caption>", caption, "</caption>\n<thead><tr>");
    for (; *columns != NULL; columns++)
        write_element(page, "<th scope=\"col\">", *columns, "</th>");
    fputs("</tr></thead>\n<tbody>\n", page->writer.stream);
}

void ic_page_row_open(struct ic_page *page, const char *heading)
{
    write_element(page, "<tr><th scope=\"row\">", heading, "</th>");
}

void ic_page_cell(struct ic_page *page, const char *format, ...)
{
    char text[200];
    va_list values;

    va_start(values, format);
    vsnprintf(text, sizeof text, format, values);
    va_end(values);
    write_element(page, "<td>", text, "</td>");
}

void ic_page_row_close(struct ic_page *page)
{
    fputs("</tr>\n", page->writer.stream);
}

void ic_page_table_close(struct ic_page *page)
{
    fputs("</tbody>\n</table>\n</div>\n", page->writer.stream);
}

ic_status ic_page_drawing(struct ic_page *page, const char *path,
                          const char *description, struct ic_error *error)
{
    static const char tag[] = "<svg ";
    uint8_t *bytes;
    size_t size;
    const ic_status status = ic_file_read(path, DRAWING_MOST, &bytes, &size, error);

    if (status != IC_OK)
        return status;
    if (strncmp((const char *)bytes, tag, sizeof tag - 1) != 0) {
        free(bytes);
        return ic_fail(error, IC_ERR_FORMAT, "%s is not a drawing of im2cat", path);
    }
    write_element(page, "<figure tabindex=\"0\">\n<svg role=\"img\" aria-label=\"", description,
                  "\" ");
    fwrite(bytes + sizeof tag - 1, 1, size - (sizeof tag - 1), page->writer.stream);
    fputs("</figure>\n", page->writer.stream);
    free(bytes);
    return IC_OK;
}

void ic_page_files(struct ic_page *page, const char *folder, const char *const *names)
{
    fputs("<ul>\n", page->writer.stream);
    for (; *names != NULL; names++) {
        char *path = ic_file_join(folder, *names);

        if (path != NULL && ic_file_exists(path)) {
            write_element(page, "<li><a href=\"", *names, "\">");
            write_element(page, "", *names, "</a></li>\n");
        }
        free(path);
    }
    fputs("</ul>\n", page->writer.stream);
}
