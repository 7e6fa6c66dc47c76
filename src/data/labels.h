/* SPDX-License-Identifier: MIT */
/*
 * Classes read off the names of pictures, or off a list. A part of opening a data set;
 * the callers of the data set see dataset.h alone.
 */
#ifndef IC_DATA_LABELS_H
#define IC_DATA_LABELS_H

#include "data/dataset.h"

/* Sets each sample's label and the data set's sorted classes from the names alone, or,
 * for IC_LABELS_CSV, from the file at `csv`, which also decides which samples stay. A
 * name that does not carry the asked label is refused. */
ic_status ic_labels_assign(struct ic_dataset *dataset, enum ic_labels labels,
                           const char *csv, struct ic_error *error);

#endif
