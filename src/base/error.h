/* SPDX-License-Identifier: MIT */
/*
 * Statuses and messages of the library.
 *
 * Data and users cause statuses; our own bugs are assertions. A function that
 * can fail returns an ic_status and takes a `struct ic_error *` as its last
 * argument. On failure it fills the error with one complete sentence that names
 * the file (or the option), what was expected and what was found, without a
 * final full stop, so that the program can print it after its own name.
 */
#ifndef IC_BASE_ERROR_H
#define IC_BASE_ERROR_H

#include <stdbool.h>

typedef enum ic_status {
    /* Done. The error is untouched. */
    IC_OK = 0,

    /* The caller asked for something that cannot be: an option out of range, a
     * label that a name does not carry, a folder without pictures, two files
     * that do not belong together. A different request can succeed. */
    IC_ERR_USAGE,

    /* The operating system refused: a file that is missing or not readable, a
     * full disk. The message ends with the system's own words. */
    IC_ERR_IO,

    /* The bytes of a file are not what its format promises, or use a part of
     * the format that im2cat does not read. */
    IC_ERR_FORMAT,

    /* Something is larger than a limit allows: a picture, a header, the memory
     * that a plan needs. Nothing was allocated. The message has both figures. */
    IC_ERR_LIMIT,

    /* The arithmetic left the finite numbers: a loss or a gradient is infinite
     * or not a number. */
    IC_ERR_NUMERIC,

    /* The device failed: it is absent, its module is not installed, or one of
     * its kernels faulted. */
    IC_ERR_DEVICE,

    /* Another rank of a distributed training has ended or does not answer, the ranks do
     * not belong together, or the transport between them is absent or fails. */
    IC_ERR_RANK
} ic_status;

struct ic_error {
    ic_status status;
    int cause; /* errno where the system refused or memory is missing; else 0 */
    char message[512];
};

/* Whether the failure may pass, since the machine caused it and not the file: no
 * memory, too many open files, a disk or a server that does not answer. */
bool ic_error_is_passing(const struct ic_error *error);

/* Fills `error` (which may be NULL) with a formatted message and returns
 * `status`, so that a failing function can end with `return ic_fail(...)`. Control
 * characters and bytes that are not UTF-8 become question marks (text.h): a hostile
 * name cannot control a terminal. A message that is too long loses its middle. The
 * arguments may point into `error`.
 */
ic_status ic_fail(struct ic_error *error, ic_status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* As ic_fail with IC_ERR_IO, with ": " and the text of errno appended. */
ic_status ic_fail_errno(struct ic_error *error, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* As ic_fail with IC_ERR_LIMIT, for an allocation of `bytes` bytes for `what`; `bytes`
 * is 0 where the caller does not know it (a library allocated). */
ic_status ic_fail_memory(struct ic_error *error, const char *what, unsigned long bytes);

#endif
