/* SPDX-License-Identifier: MIT */
/*
 * Formats the messages of failing functions. See error.h for the rules.
 */
#include "base/error.h"

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

static bool is_inside_character(char c)
{
    return ((unsigned char)c & 0xc0) == 0x80; /* of UTF-8 */
}

/* Copies `text`, or both ends of a text that is too long: a path of thousands of bytes
 * must not push out the words after it. */
static void copy_shortened(char *out, size_t size, const char *text)
{
    static const char gap[] = " ... ";
    const size_t length = strlen(text), room = size - sizeof gap;
    size_t head = room / 2, tail = length - (room - room / 2);

    if (length < size) {
        memcpy(out, text, length + 1);
        return;
    }
    while (head > 0 && is_inside_character(text[head]))
        head--;
    while (is_inside_character(text[tail]))
        tail++;
    snprintf(out, size, "%.*s%s%s", (int)head, text, gap, text + tail);
}

/* Fills the error; `cause` is the system's message, or NULL. */
static void fill(struct ic_error *error, ic_status status, const char *cause,
                 const char *format, va_list args)
{
    char whole[2 * PATH_MAX + 1024]; /* two paths and a sentence */
    const size_t room_for_cause = 256;
    size_t used;

    error->status = status;
    vsnprintf(whole, sizeof whole - room_for_cause, format, args);
    used = strlen(whole);
    if (cause != NULL)
        snprintf(whole + used, sizeof whole - used, ": %s", cause);
    ic_text_clean(whole); /* one line for a terminal, whatever names hold */
    copy_shortened(error->message, sizeof error->message, whole);
}

ic_status ic_fail(struct ic_error *error, ic_status status, const char *format, ...)
{
    va_list args;

    if (error == NULL)
        return status;
    va_start(args, format);
    fill(error, status, NULL, format, args);
    va_end(args);
    error->cause = 0;
    return status;
}

ic_status ic_fail_errno(struct ic_error *error, const char *format, ...)
{
    const int cause = errno;
    va_list args;

    if (error == NULL)
        return IC_ERR_IO;
    va_start(args, format);
    fill(error, IC_ERR_IO, strerror(cause), format, args);
    va_end(args);
    error->cause = cause;
    return IC_ERR_IO;
}

ic_status ic_fail_memory(struct ic_error *error, const char *what, unsigned long bytes)
{
    if (bytes == 0)
        ic_fail(error, IC_ERR_LIMIT, "cannot allocate memory for %s", what);
    else
        ic_fail(error, IC_ERR_LIMIT, "cannot allocate %lu bytes for %s", bytes, what);
    if (error != NULL)
        error->cause = ENOMEM;
    return IC_ERR_LIMIT;
}

bool ic_error_is_passing(const struct ic_error *error)
{
    static const int passing[] = {EIO,    ENOMEM, EMFILE,    ENFILE, ESTALE,
                                  EINTR,  EAGAIN, ETIMEDOUT, ENOLCK, EBUSY,
                                  ENODEV, ENXIO,  ENOTCONN,  ENOBUFS};

    for (size_t i = 0; i < sizeof passing / sizeof passing[0]; i++)
        if (error->cause == passing[i])
            return true;
    return false;
}
