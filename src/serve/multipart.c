/* SPDX-License-Identifier: MIT */
/*
 * Cuts a form into its parts. See multipart.h.
 *
 *     --boundary CRLF
 *     Content-Disposition: form-data; name="picture"; filename="cat.jpg" CRLF
 *     CRLF
 *     bytes CRLF
 *     --boundary-- CRLF
 *
 * The whole body is in memory, so a part is a stretch of it and nothing is copied.
 * White space may follow a boundary on its line, as RFC 2046 allows. Bytes before the
 * first boundary and after the last are skipped.
 */
#include "serve/multipart.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

enum { BOUNDARY = 70 }; /* bytes at most, by RFC 2046 */

/* A stretch of the body. */
struct span {
    const uint8_t *at, *end;
};

/* --- the boundary -------------------------------------------------------------- */

/* Finds `key`= after a semicolon in a header's value, in any case and outside of
 * quotes. Returns its value without quotes; an empty span when there is none. */
static struct span parameter(struct span text, const char *key)
{
    const size_t length = strlen(key);
    bool quoted = false;

    for (const uint8_t *c = text.at; c < text.end; c++) {
        if (*c == '"')
            quoted = !quoted;
        if (quoted || *c != ';')
            continue;
        do
            c++;
        while (c < text.end && (*c == ' ' || *c == '\t'));
        if ((size_t)(text.end - c) > length && c[length] == '=' &&
            strncasecmp((const char *)c, key, length) == 0) {
            const uint8_t *begin = c + length + 1, *end = begin;

            if (begin < text.end && *begin == '"') {
                for (end = ++begin; end < text.end && *end != '"'; end++)
                    end += *end == '\\' && end + 1 < text.end;
            } else {
                while (end < text.end && !strchr("; \t\r\n", *end))
                    end++;
            }
            return (struct span){begin, end};
        }
        c--;
    }
    return (struct span){text.end, text.end};
}

/* Writes CRLF--boundary, which ends a part. Returns its length, or 0 when there is no
 * boundary. */
static size_t find_boundary(const char *type, char *delimiter)
{
    const struct span text = {(const uint8_t *)type,
                              (const uint8_t *)type + strlen(type)};
    const struct span boundary = parameter(text, "boundary");
    const size_t length = (size_t)(boundary.end - boundary.at);

    if (length == 0 || length > BOUNDARY)
        return 0;
    memcpy(delimiter, "\r\n--", 4);
    memcpy(delimiter + 4, boundary.at, length);
    return length + 4;
}

/* --- parts --------------------------------------------------------------------- */

static const uint8_t *find(struct span span, const void *text, size_t length)
{
    return memmem(span.at, (size_t)(span.end - span.at), text, length);
}

/* Whether `rest` begins with the text, which is then skipped. */
static bool take(struct span *rest, const char *text)
{
    const size_t length = strlen(text);

    if ((size_t)(rest->end - rest->at) < length || memcmp(rest->at, text, length) != 0)
        return false;
    rest->at += length;
    return true;
}

/* The name of the part's file, from the header line that has one. */
static struct span file_name(struct span head)
{
    static const char field[] = "Content-Disposition:";

    while (head.at < head.end) {
        const uint8_t *end = find(head, "\r\n", 2);
        const struct span line = {head.at, end != NULL ? end : head.end};

        if ((size_t)(line.end - line.at) >= strlen(field) &&
            strncasecmp((const char *)line.at, field, strlen(field)) == 0)
            return parameter(line, "filename");
        head.at = end != NULL ? end + 2 : head.end;
    }
    return (struct span){head.end, head.end};
}

/* Adds the part between the line of its boundary and the next boundary. */
static ic_status add_part(struct ic_uploads *uploads, struct span part,
                          struct ic_error *error)
{
    const uint8_t *empty_line;
    struct span head = part, name;
    struct ic_upload upload;

    if (take(&part, "\r\n")) { /* no header at all */
        head.end = head.at;
    } else {
        empty_line = find(part, "\r\n\r\n", 4);
        if (empty_line == NULL)
            return ic_fail(error, IC_ERR_FORMAT,
                           "part %zu of the form has no empty line between its head "
                           "and its content",
                           uploads->count + 1);
        head.end = empty_line;
        part.at = empty_line + 4;
    }
    name = file_name(head);
    upload = (struct ic_upload){.bytes = part.at,
                                .size = (size_t)(part.end - part.at),
                                .name = (const char *)name.at,
                                .name_length = (size_t)(name.end - name.at)};
    if (memchr(name.at, 0, upload.name_length) != NULL)
        return ic_fail(error, IC_ERR_FORMAT,
                       "part %zu of the form has a file name with a zero byte",
                       uploads->count + 1);
    return ic_uploads_add(uploads, &upload, error);
}

ic_status ic_multipart_read(struct ic_uploads *uploads, const uint8_t *bytes,
                            size_t size, const char *type, struct ic_error *error)
{
    char delimiter[BOUNDARY + 4];
    const size_t length = find_boundary(type, delimiter);
    struct span rest = {bytes, bytes + size};
    ic_status status = IC_OK;

    if (length == 0)
        return ic_fail(error, IC_ERR_FORMAT,
                       "the form's Content-Type has no boundary of 1 to %d bytes",
                       (int)BOUNDARY);
    /* The first boundary may begin the body, without a line before it. */
    if (size >= length - 2 && memcmp(bytes, delimiter + 2, length - 2) == 0) {
        rest.at += length - 2;
    } else {
        rest.at = find(rest, delimiter, length);
        if (rest.at == NULL)
            return ic_fail(error, IC_ERR_FORMAT,
                           "the form does not begin with its boundary");
        rest.at += length;
    }
    while (status == IC_OK && !take(&rest, "--")) {
        struct span part;

        while (rest.at < rest.end && (*rest.at == ' ' || *rest.at == '\t'))
            rest.at++;
        part = rest;
        part.end = find(rest, delimiter, length);
        if (part.end == NULL || !take(&part, "\r\n"))
            return ic_fail(
                error, IC_ERR_FORMAT,
                "the form ends within part %zu: its last boundary is missing",
                uploads->count + 1);
        rest.at = part.end + length;
        status = add_part(uploads, part, error);
    }
    if (status == IC_OK && uploads->count == 0)
        return ic_fail(error, IC_ERR_FORMAT, "the form has no parts");
    return status;
}
