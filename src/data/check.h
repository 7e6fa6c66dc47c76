/* SPDX-License-Identifier: MIT */
/*
 * Reads every picture of a data set once, before any work, so that a broken file is
 * named at the beginning and not in the fifth hour.
 */
#ifndef IC_DATA_CHECK_H
#define IC_DATA_CHECK_H

#include <stdatomic.h>
#include <stdbool.h>

#include "data/dataset.h"

struct ic_finding {
    size_t sample;
    bool readable;    /* false: it cannot be trained on */
    char reason[256]; /* a clause about "it", to stand beside the name */
};

struct ic_findings {
    struct ic_finding *items; /* in order of the samples; owned */
    size_t count;
};

/* Decodes all pictures with `workers` threads and records their checksums in the data
 * set. There is a finding for each file that cannot be read and, with `names_too`, for
 * each that is not what its name says (a PNG called .jpg), decodes with a warning, or
 * has an EXIF orientation to be applied (which is left to the loading code: square.h).
 * Ends early when *stop (which may be NULL) becomes nonzero. The findings and the
 * checksums are then incomplete.
 *
 * Refused: errors that may pass (ic_error_is_passing), such as a lack of memory, since
 * they say nothing about the picture at which they happened. */
ic_status ic_check_pictures(struct ic_dataset *dataset, int workers, bool names_too,
                            const atomic_int *stop, struct ic_findings *ret_findings,
                            struct ic_error *error);

/* Writes a message about the file `path` to `out` (size bytes) as a clause about "it",
 * to stand beside the name. */
void ic_check_reason(char *out, size_t size, const char *message, const char *path);

void ic_findings_free(struct ic_findings *findings);

#endif
