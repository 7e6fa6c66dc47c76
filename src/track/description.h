/* SPDX-License-Identifier: MIT */
/*
 * Makes the record "begin" (outbox.h), which describes a run.
 */
#ifndef IC_TRACK_DESCRIPTION_H
#define IC_TRACK_DESCRIPTION_H

#include <jansson.h>

#include "track/run_record.h"

/* Parameters are every option of job.conf, and whatever else the result depends on
 * (version, device, classes, pictures, ranks). The data set is named after its folder
 * and has its fingerprint as digest. NULL when out of memory. */
json_t *ic_description_make(const struct ic_run_words *words,
                            const struct ic_start_report *report);

#endif
