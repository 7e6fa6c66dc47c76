/* SPDX-License-Identifier: MIT */
/*
 * Checks that the first directory of a TIFF in memory is whole, with all values that
 * its entries point to. A part of tiff.c.
 */
#ifndef IC_IMAGE_TIFF_DIRECTORY_H
#define IC_IMAGE_TIFF_DIRECTORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

bool ic_tiff_directory_is_whole(const uint8_t *bytes, size_t size);

#endif
