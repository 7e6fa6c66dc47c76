/* SPDX-License-Identifier: MIT */
/*
 * Uses the findings of a check of all pictures: drops the unreadable ones from a data
 * set, and computes a number that tells whether two data sets are the same.
 */
#ifndef IC_DATA_DATASET_CHECKED_H
#define IC_DATA_DATASET_CHECKED_H

#include "data/check.h"

/* Drops the unreadable samples from the data set; nothing on disk changes. Refused when
 * a class would be left empty. */
ic_status ic_dataset_drop(struct ic_dataset *dataset,
                          const struct ic_findings *findings, struct ic_error *error);

/* A number that changes with any sample's name, label or content. */
uint32_t ic_dataset_fingerprint(const struct ic_dataset *dataset);

#endif
