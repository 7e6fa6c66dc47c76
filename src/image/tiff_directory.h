/* SPDX-License-Identifier: MIT */
/*
 * Whether the first directory of a TIFF in memory, and all that its entries point at,
 * are there. A part of tiff.c.
 */
#ifndef IC_IMAGE_TIFF_DIRECTORY_H
#define IC_IMAGE_TIFF_DIRECTORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

bool ic_tiff_directory_is_whole(const uint8_t *bytes, size_t size);

#endif
