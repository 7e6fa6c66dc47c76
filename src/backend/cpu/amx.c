/* SPDX-License-Identifier: MIT */
/*
 * Convolution in bf16 by tiles: the forward pass and the data gradient, as correlations
 * (correlation.h) over a grid whose points are rows of tiles (amx.h).
 *
 * A task is a stack of the grid and a group of panels of the weights. For one block of
 * 32 points after another, it multiplies the points' windows, which stay in the
 * first-level cache, by each panel of the group, which stays in the second-level cache.
 * The 32 x 32 sums of a block go through the epilogue, are rounded once, and written
 * where the points are the correlation's. With 56 x 56 pixels of 64 channels a block is
 * 18 steps, 1152 cycles of products, and its sums are 4 KiB, read and written once.
 *
 * How the work is cut depends on the size alone, and a sum's order on the step alone.
 */
#include "backend/cpu/amx.h"

#include <assert.h>
#include <string.h>

#include "backend/bf16.h"
#include "base/size.h"

enum {
    POINTS = 800, /* of a stack, at most */
    STACK_BYTES = 640 << 10,
    GROUP_BYTES = 1200 << 10, /* of a group's weights: what the second-level cache holds
                                 beside a stack */
    TASKS = 16                /* the aim, if there are enough panels */
};

struct amx {
    struct ic_correlation correlation;
    struct ic_amx_grid grid;
    const struct ic_amx *kernels;
    size_t steps;
    size_t panels, group, groups; /* panels; panels of a group; groups */

    int32_t *offset;            /* of each step, from a point */
    struct ic_amx_block *block; /* of the largest stack */
    const char *packed;         /* panels */
    char *scratch;              /* for each thread */
    size_t offset_bytes, block_bytes, packed_bytes, scratch_bytes;
};

static struct amx amx_of(struct ic_correlation c)
{
    struct amx a = {.correlation = c};

    if (ic_windows_length(&c.windows) == 0)
        return a;
    a.grid = ic_amx_grid_of(&c.windows, c.batch, (size_t)c.windows.channels, POINTS,
                            STACK_BYTES);
    a.steps = ic_amx_steps(&a.grid);
    a.panels = ic_parts((size_t)c.out_channels, IC_PANEL);
    a.group = ic_min(GROUP_BYTES / (a.steps * IC_AMX_STEP), a.panels);
    a.groups = ic_parts(a.panels, a.group < 1 ? 1 : a.group);
    a.groups = ic_min(a.panels, a.groups * a.grid.stacks < TASKS
                                    ? ic_parts(TASKS, a.grid.stacks)
                                    : a.groups);
    a.group = ic_parts(a.panels, a.groups);
    a.groups = ic_parts(a.panels, a.group);
    a.offset_bytes = ic_size_align(a.steps * sizeof *a.offset, IC_ALIGNMENT);
    a.block_bytes = ic_size_align(
        ic_parts(ic_amx_grid_most_points(&a.grid), IC_AMX_BLOCK) * sizeof *a.block,
        IC_ALIGNMENT);
    a.packed_bytes = a.panels * a.steps * IC_AMX_STEP;
    a.scratch_bytes = ic_amx_grid_bytes(&a.grid);
    assert(a.scratch_bytes <= INT32_MAX);
    return a;
}

/* Bytes of workspace without the packed weights. */
static size_t bytes_of(const struct amx *a, const struct ic_device *device)
{
    return a->offset_bytes + a->block_bytes +
           (size_t)device->threads * a->scratch_bytes;
}

/* --- a task ----------------------------------------------------------------------- */

static void fill_offsets(const struct amx *a)
{
    for (size_t s = 0; s < a->steps; s++) {
        const struct ic_amx_step step = ic_amx_step_of(&a->grid, s);

        a->offset[s] = (int32_t)(ic_amx_grid_offset(&a->grid, step.row, 0) +
                                 step.first * sizeof(uint16_t));
    }
}

static void correlate_stack(const void *args, size_t index, int thread)
{
    const struct amx *const a = args;
    const size_t stack = index / a->groups;
    const size_t first = index % a->groups * a->group;
    const size_t end = ic_min(first + a->group, a->panels);
    const size_t points = ic_amx_grid_stack_points(&a->grid, stack);
    char *const scratch = a->scratch + (size_t)thread * a->scratch_bytes;
    void *const out =
        ic_correlation_pixel(&a->correlation, ic_amx_grid_first(&a->grid, stack));
    float sums[IC_AMX_BLOCK * IC_AMX_BLOCK] __attribute__((aligned(64)));
    struct ic_amx_dot dot = {
        .sums = sums, .pitch = a->grid.pitch, .offset = a->offset, .steps = a->steps};

    ic_amx_grid_load(&a->grid, scratch, stack, 0);
    a->kernels->begin();
    for (size_t b = 0; b * IC_AMX_BLOCK < points; b++) {
        const struct ic_amx_block *const block = &a->block[b];
        const size_t count = ic_amx_block_count(block, points - b * IC_AMX_BLOCK);

        dot.in = scratch + b * IC_AMX_BLOCK * a->grid.pitch;
        for (size_t panel = first; panel < end; panel++) {
            dot.panel = a->packed + panel * a->steps * IC_AMX_STEP;
            a->kernels->dot(&dot);
            ic_amx_finish(a->kernels, &a->correlation, block, count, out, sums,
                          panel * IC_PANEL);
        }
    }
    a->kernels->end();
}

/* Clears a line of points whose windows have no pixels. */
static void clear_line(const void *args, size_t index, int thread)
{
    const struct ic_correlation *const c = args;
    const size_t width = (size_t)c->windows.grid_width;

    for (size_t i = 0; i < width; i++)
        memset(ic_correlation_pixel(c, index * width + i), 0,
               (size_t)c->out_channels * sizeof(uint16_t));
}

/* `memory` has bytes_of bytes. */
static void correlate(struct ic_device *device, struct amx *a, char *memory,
                      const char *packed)
{
    a->kernels = device->amx;
    a->offset = (int32_t *)memory;
    a->block = (struct ic_amx_block *)(memory + a->offset_bytes);
    a->scratch = memory + a->offset_bytes + a->block_bytes;
    a->packed = packed;
    fill_offsets(a);
    ic_amx_blocks(a->block, &a->grid, &a->correlation);
    ic_cpu_run(device, a->grid.stacks * a->groups, correlate_stack, a);
}

static void run(struct ic_device *device, struct ic_correlation c, const float *weight,
                char *workspace, const struct ic_conv *conv, bool transposed)
{
    struct amx a = amx_of(c);

    if (a.steps == 0) {
        if (!c.accumulate)
            ic_cpu_run(device, ic_correlation_lines(&c), clear_line, &c);
        return;
    }
    ic_amx_pack(device, workspace, weight, NULL, &c, &a.grid, conv, transposed);
    correlate(device, &a, workspace + a.packed_bytes, workspace);
}

/* --- the entries ------------------------------------------------------------------ */

static void forward(struct ic_device *device, void *y, const void *x,
                    const float *weight, void *workspace, const struct ic_conv *conv)
{
    run(device, ic_correlation_forward(conv, y, x), weight, workspace, conv, false);
}

static void backward_input(struct ic_device *device, void *dx, const void *dy,
                           const float *weight, void *workspace,
                           const struct ic_conv *conv, bool accumulate)
{
    for (int phase = 0; phase < ic_correlation_phases(conv); phase++)
        run(device, ic_correlation_phase(conv, phase, dx, dy, accumulate), weight,
            workspace, conv, true);
}

static size_t whole_bytes(const struct ic_device *device, struct ic_correlation c)
{
    const struct amx a = amx_of(c);

    return a.steps == 0 ? 0 : a.packed_bytes + bytes_of(&a, device);
}

static size_t workspace_bytes(struct ic_device *device, const struct ic_conv *conv,
                              bool training)
{
    size_t most = whole_bytes(device, ic_correlation_forward(conv, NULL, NULL));
    size_t bytes;

    if (!training)
        return most;
    for (int phase = 0; phase < ic_correlation_phases(conv); phase++) {
        bytes =
            whole_bytes(device, ic_correlation_phase(conv, phase, NULL, NULL, false));
        most = bytes > most ? bytes : most;
    }
    bytes = ic_amx_weight_workspace(device, conv);
    return bytes > most ? bytes : most;
}

/* --- with weights that are packed ---------------------------------------------------
 */

static size_t packed_bytes(const struct ic_conv *conv)
{
    return amx_of(ic_correlation_forward(conv, NULL, NULL)).packed_bytes;
}

static size_t packed_workspace(struct ic_device *device, const struct ic_conv *conv)
{
    const struct amx a = amx_of(ic_correlation_forward(conv, NULL, NULL));

    return bytes_of(&a, device);
}

static void pack_scaled(struct ic_device *device, float *packed, const float *weight,
                        const float *scale, const struct ic_conv *conv)
{
    const struct ic_correlation c = ic_correlation_forward(conv, NULL, NULL);
    const struct amx a = amx_of(c);

    ic_amx_pack(device, (char *)packed, weight, scale, &c, &a.grid, conv, false);
}

static void forward_packed(struct ic_device *device, void *y, const void *x,
                           const float *packed, const struct ic_epilogue *epilogue,
                           void *workspace, const struct ic_conv *conv)
{
    struct amx a = amx_of(ic_correlation_forward(conv, y, x));

    a.correlation.epilogue = epilogue;
    correlate(device, &a, workspace, (const char *)packed);
}

const struct ic_cpu_conv ic_cpu_amx = {
    .workspace = workspace_bytes,
    .forward = forward,
    .backward_input = backward_input,
    .backward_weight = ic_amx_backward_weight,
    .packed_bytes = packed_bytes,
    .packed_workspace = packed_workspace,
    .pack_scaled = pack_scaled,
    .forward_packed = forward_packed,
};
