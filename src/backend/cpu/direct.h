/* SPDX-License-Identifier: MIT */
/*
 * Direct convolution, for its files: direct.c (forward and data gradient),
 * direct_weight.c (weight gradient), direct_pack.c (weights as panels) and
 * direct_tile.c (the windows, which both read).
 */
#ifndef IC_BACKEND_CPU_DIRECT_H
#define IC_BACKEND_CPU_DIRECT_H

#include "backend/cpu/conv.h"
#include "backend/cpu/kernel.h"
#include "backend/cpu/windows.h"

/* A line is one row of the grid of windows, of one picture: line n * grid_height + qy.
 *
 * A tile is some lines. It knows where each window starts; from there a row of the
 * window is columns * channels consecutive floats, and the next row begins `pitch`
 * floats later. The source itself serves when it is fp32 and no window hangs over its
 * edge; else its pixels are copied, once each, widened, with zeros around them. */
struct ic_direct_tile {
    const float **window; /* each window's first pixel, line by line */
    size_t windows, pitch;
};

/* Bytes of memory for tiles of up to `lines` lines. */
size_t ic_direct_tile_bytes(const struct ic_windows *windows, size_t lines);

/* Loads the tile of lines first .. first + lines - 1 into `memory`. */
struct ic_direct_tile ic_direct_tile_load(const struct ic_windows *windows,
                                          void *memory, size_t first, size_t lines);

/* How many of `all` lines a tile should have to stay in the cache. */
size_t ic_direct_tile_lines(const struct ic_windows *windows, size_t all);

/* Writes the weights of a correlation of `conv` as panels of out channels, each [length
 * of a window][IC_PANEL], rounded to `type`; the last panel is filled up with zeros.
 * `transposed`: the source has the convolution's out channels (data gradient). */
struct ic_correlation;
void ic_direct_pack(struct ic_device *device, float *panels, const float *weight,
                    const struct ic_correlation *correlation,
                    const struct ic_conv *conv, bool transposed, enum ic_type type);

/* The weight gradient, and the bytes of its workspace. */
size_t ic_direct_weight_workspace(const struct ic_device *device,
                                  const struct ic_conv *conv);
void ic_direct_backward_weight(struct ic_device *device, float *dweight, const void *dy,
                               const void *x, void *workspace,
                               const struct ic_conv *conv);

#endif
