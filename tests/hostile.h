/* SPDX-License-Identifier: MIT */
/*
 * Checks for checkpoints that must be refused, or at least survived.
 */
#ifndef IC_TESTS_HOSTILE_H
#define IC_TESTS_HOSTILE_H

#include "bytes.h"
#include "check.h"
#include "format/tensor_file.h"

/* The file is refused with one line that names it and holds `text`, and nothing else
 * happens. */
static inline void hostile_refused(const char *path, const struct bytes *file,
                                   ic_status status, const char *text)
{
    struct ic_tensor_file *opened = NULL;
    struct ic_error error;

    bytes_write(path, file->at, file->size);
    CHECK_FAILS(ic_tensor_file_open(path, &opened, &error), status, text);
    CHECK(opened == NULL && strstr(error.message, path) != NULL);
    CHECK(strchr(error.message, '\n') == NULL);
    ic_tensor_file_close(opened);
}

/* A byte to write what was read to, so that the compiler keeps the read. */
static inline volatile unsigned char *hostile_sink(void)
{
    static volatile unsigned char sink;

    return &sink;
}

/* The file is refused with one line, or its tensors can be read to their last byte. */
static inline void hostile_survived(const char *path, const void *bytes, size_t size)
{
    struct ic_tensor_file *file;
    struct ic_error error;

    bytes_write(path, bytes, size);
    if (ic_tensor_file_open(path, &file, &error) != IC_OK) {
        CHECK(error.message[0] != '\0' && strchr(error.message, '\n') == NULL);
        return;
    }
    for (size_t i = 0; i < ic_tensor_file_tensors(file)->count; i++) {
        const struct ic_tensor *tensor = &ic_tensor_file_tensors(file)->items[i];
        unsigned char sum = 0;

        for (size_t k = 0; k < tensor->size; k++)
            sum ^= ((const unsigned char *)tensor->data)[k];
        *hostile_sink() = sum;
    }
    ic_tensor_file_close(file);
}

#endif
