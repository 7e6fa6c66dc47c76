/* SPDX-License-Identifier: MIT */
/*
 * The triangle filter of ic_resize_bilinear along one axis: its weights, and the loops
 * over pixels. Private to this folder.
 *
 * For speed, rows are filtered sixteen at a time, interleaved: byte i of row r is at
 * LANES * i + r, so that a step of the filter is the same for contiguous bytes.
 */
#ifndef IC_IMAGE_FILTER_H
#define IC_IMAGE_FILTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define IC_FILTER_LANES 16

/* Output pixel i reads count[i] input pixels from first[i] on, with weights from
 * weight + i * room. All zero means no filter. */
struct ic_filter {
    int *first, *count;
    int32_t *weight;
    const uint8_t **in; /* room for pointers to one pixel's inputs */
    int32_t *sum;       /* room for the sums of a block of bytes */
    size_t room;
};

/* The filter from `in` to `out` pixels; false when out of memory. */
bool ic_filter_init(struct ic_filter *filter, int in, int out);
void ic_filter_free(struct ic_filter *filter);

/* lanes: size, LANES; rows: LANES pointers to `size` bytes. */
void ic_filter_interleave(uint8_t *lanes, const uint8_t *const *rows, size_t size);
void ic_filter_separate(uint8_t *const *rows, const uint8_t *lanes, size_t size);

/* Filters interleaved rows of RGB. out: width, 3, LANES. */
void ic_filter_rows(uint8_t *out, const uint8_t *in, int width,
                    const struct ic_filter *filter);

/* Computes row `y` of the filtered columns. out: size; rows: the input's rows of `size`
 * bytes. */
void ic_filter_columns(uint8_t *out, const uint8_t *const *rows, size_t size, int y,
                       const struct ic_filter *filter);

#endif
