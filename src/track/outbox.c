/* SPDX-License-Identifier: MIT */
/*
 * A file of lines that only grows. See outbox.h.
 */
#include "track/outbox.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/jansson.h"

enum { CRC_LENGTH = 9 }; /* eight digits and a space */

/* --- lines ----------------------------------------------------------------------- */

/* Reads the line that begins at `position` of a file of `size` bytes: its text without
 * the line end, allocated, or NULL where it is longer than a record may be. *ret_next
 * gets the start of the next line, or -1 where this line has no end. */
static ic_status read_line(const struct ic_outbox *outbox, int64_t position,
                           int64_t size, char **ret_text, size_t *ret_length,
                           int64_t *ret_next, struct ic_error *error)
{
    size_t room = 4096, filled = 0;
    char *text = malloc(room);
    const char *end = NULL;
    bool kept = true;

    *ret_text = NULL;
    *ret_next = -1;
    while (text != NULL && end == NULL && position < size) {
        const size_t left = size - position < (int64_t)(room - filled)
                                ? (size_t)(size - position)
                                : room - filled;
        const ssize_t got = pread(outbox->file, text + filled, left, (off_t)position);

        if (got <= 0) {
            free(text);
            if (got == 0)
                errno = EIO;
            return ic_fail_errno(error, "cannot read %s", outbox->path);
        }
        end = memchr(text + filled, '\n', (size_t)got);
        if (end != NULL) {
            *ret_next = position + (end - (text + filled)) + 1;
            *ret_length = (size_t)(end - text);
        }
        position += got;
        filled += (size_t)got;
        if (end == NULL && filled == room && room < IC_OUTBOX_RECORD_MOST) {
            char *grown = realloc(text, room *= 2);

            if (grown == NULL)
                free(text);
            text = grown;
        } else if (end == NULL && filled == room) { /* too long: search for its end */
            kept = false;
            filled = 0;
        }
    }
    if (text == NULL)
        return ic_fail_memory(error, outbox->path, room);
    if (*ret_next >= 0 && kept)
        *ret_text = text;
    else
        free(text);
    return IC_OK;
}

/* The object in a line; NULL where the line is damaged. Missing memory is no damage. */
static ic_status parse_line(const struct ic_outbox *outbox, const char *text,
                            size_t length, json_t **ret_record, struct ic_error *error)
{
    const unsigned before = ic_jansson_failures();
    char sum[CRC_LENGTH + 1];
    json_t *record;

    *ret_record = NULL;
    if (length <= CRC_LENGTH)
        return IC_OK;
    snprintf(sum, sizeof sum, "%08x ",
             ic_file_crc32(0, text + CRC_LENGTH, length - CRC_LENGTH));
    if (memcmp(text, sum, CRC_LENGTH) != 0)
        return IC_OK;
    record = ic_jansson_load(text + CRC_LENGTH, length - CRC_LENGTH,
                             JSON_REJECT_DUPLICATES, NULL);
    if (json_is_object(record))
        *ret_record = record;
    else
        json_decref(record);
    if (record == NULL && ic_jansson_failures() != before)
        return ic_fail_memory(error, outbox->path, 0);
    return IC_OK;
}

ic_status ic_outbox_read(const struct ic_outbox *outbox, int64_t *position,
                         json_t **ret_record, struct ic_error *error)
{
    const int64_t size = outbox->size;

    *ret_record = NULL;
    while (*ret_record == NULL && *position < size) {
        int64_t next;
        size_t length = 0;
        char *text;
        ic_status status =
            read_line(outbox, *position, size, &text, &length, &next, error);

        if (status == IC_OK && text != NULL)
            status = parse_line(outbox, text, length, ret_record, error);
        free(text);
        if (status != IC_OK)
            return status;
        *position = next >= 0 ? next : size;
    }
    return IC_OK;
}

/* --- the file ------------------------------------------------------------------- */

/* Finds the size of the file up to its last line end. */
static ic_status find_end(const struct ic_outbox *outbox, int64_t size,
                          int64_t *ret_end, struct ic_error *error)
{
    char block[4096];

    while (size > 0) {
        const int64_t begin =
            size > (int64_t)sizeof block ? size - (int64_t)sizeof block : 0;
        const size_t length = (size_t)(size - begin);
        size_t end;

        if (pread(outbox->file, block, length, (off_t)begin) != (ssize_t)length)
            return ic_fail_errno(error, "cannot read %s", outbox->path);
        end = length;
        while (end > 0 && block[end - 1] != '\n')
            end--;
        if (end > 0) {
            *ret_end = begin + (int64_t)end;
            return IC_OK;
        }
        size = begin;
    }
    *ret_end = 0;
    return IC_OK;
}

/* Locks the open file and cuts it to whole lines. */
static ic_status take(struct ic_outbox *outbox, struct ic_error *error)
{
    struct stat about;
    int64_t end;
    ic_status status;

    if (flock(outbox->file, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK)
        return ic_fail(error, IC_ERR_USAGE, "another process is using %s",
                       outbox->path);
    if (fstat(outbox->file, &about) != 0)
        return ic_fail_errno(error, "cannot read %s", outbox->path);
    if (!S_ISREG(about.st_mode))
        return ic_fail(error, IC_ERR_FORMAT, "%s is not a regular file", outbox->path);
    status = find_end(outbox, about.st_size, &end, error);
    if (status == IC_OK && end < about.st_size && ftruncate(outbox->file, end) != 0)
        status = ic_fail_errno(error, "cannot write %s", outbox->path);
    outbox->size = end;
    return status;
}

ic_status ic_outbox_open(struct ic_outbox *outbox, const char *folder, bool existing,
                         struct ic_error *error)
{
    ic_status status;

    *outbox = (struct ic_outbox){.file = -1, .most = IC_OUTBOX_MOST};
    outbox->path = ic_file_join(folder, "mlflow.outbox");
    if (outbox->path == NULL)
        return ic_fail_memory(error, "a path", 0);
    outbox->file = open(outbox->path,
                        O_RDWR | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK |
                            (existing ? 0 : O_CREAT),
                        0666);
    status = outbox->file >= 0 ? take(outbox, error)
                               : ic_fail_errno(error, "cannot open %s", outbox->path);
    if (status != IC_OK)
        ic_outbox_close(outbox);
    return status;
}

void ic_outbox_close(struct ic_outbox *outbox)
{
    if (outbox->path == NULL)
        return;
    if (outbox->file >= 0)
        close(outbox->file);
    free(outbox->path);
    outbox->path = NULL;
    outbox->file = -1;
}

/* Appends bytes. A partial write is undone. */
static ic_status append(struct ic_outbox *outbox, const char *bytes, size_t length,
                        struct ic_error *error)
{
    ssize_t written;

    do
        written = write(outbox->file, bytes, length);
    while (written < 0 && errno == EINTR);
    if (written == (ssize_t)length) {
        outbox->size += (long long)length;
        return IC_OK;
    }
    if (written >= 0)
        errno = ENOSPC;
    ic_fail_errno(error, "cannot write %s", outbox->path);
    if (written > 0 && ftruncate(outbox->file, (off_t)outbox->size) != 0)
        outbox->most = -IC_OUTBOX_RESERVE; /* the next line would join the torn one */
    return IC_ERR_IO;
}

static bool is_step(const json_t *record)
{
    const char *kind = json_string_value(json_object_get(record, "kind"));

    return kind != NULL && strcmp(kind, "step") == 0;
}

ic_status ic_outbox_append(struct ic_outbox *outbox, const json_t *record,
                           struct ic_error *error)
{
    const int64_t most = outbox->most + (is_step(record) ? 0 : IC_OUTBOX_RESERVE);
    char *text = ic_jansson_dump(
             record, JSON_COMPACT | JSON_ENSURE_ASCII | JSON_REAL_PRECISION(9),
             ic_jansson_failures()),
         *line;
    ic_status status;
    int length;

    if (text == NULL)
        return ic_fail_memory(error, "a record", 0);
    length = asprintf(&line, "%08x %s\n", ic_file_crc32(0, text, strlen(text)), text);
    free(text);
    if (length < 0)
        return ic_fail_memory(error, "a record", 0);
    if (length > IC_OUTBOX_RECORD_MOST || outbox->size + length > most)
        status = ic_fail(error, IC_ERR_LIMIT, "%s is full (%lld bytes)", outbox->path,
                         (long long)outbox->size);
    else
        status = append(outbox, line, (size_t)length, error);
    free(line);
    return status;
}

ic_status ic_outbox_sync(const struct ic_outbox *outbox, struct ic_error *error)
{
    if (fdatasync(outbox->file) != 0 && errno != EINVAL)
        return ic_fail_errno(error, "cannot write %s", outbox->path);
    return IC_OK;
}

/* --- reals ---------------------------------------------------------------------- */

json_t *ic_outbox_real(double value)
{
    if (isfinite(value))
        return json_real(value);
    return json_string(isnan(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity");
}

bool ic_outbox_is_real(const json_t *value)
{
    const char *word = json_string_value(value);

    if (word == NULL)
        return json_is_number(value);
    return strcmp(word, "NaN") == 0 || strcmp(word, "Infinity") == 0 ||
           strcmp(word, "-Infinity") == 0;
}
