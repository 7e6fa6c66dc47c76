/* SPDX-License-Identifier: MIT */
/*
 * A safetensors file in memory, for safetensors.c and safetensors_read.c.
 */
#ifndef IC_FORMAT_SAFETENSORS_PRIVATE_H
#define IC_FORMAT_SAFETENSORS_PRIVATE_H

#include <jansson.h>

#include "format/safetensors.h"

struct ic_safetensors_entry {
    struct ic_tensor tensor;
    size_t begin, end; /* within the data */
    size_t listed;     /* index in the header, to order empty tensors */
};

struct ic_safetensors {
    const char *path;                     /* for messages, while opening */
    struct ic_safetensors_entry *entries; /* while opening */
    size_t count;
    uint8_t *bytes;      /* the file */
    const uint8_t *data; /* within `bytes`, after the header */
    size_t data_size;
    json_t *header;             /* owns names and metadata */
    const json_t *metadata;     /* within the header, or NULL */
    struct ic_tensor_list list; /* in the order of the data */
    struct ic_tensor **by_name; /* in strcmp order */
};

enum { IC_CHECKSUM_BYTES = 4 };

void ic_checksum_put(uint8_t *bytes, uint32_t crc);

/* For qsort and bsearch over `by_name`. */
int ic_safetensors_compare_names(const void *a, const void *b);

#endif
