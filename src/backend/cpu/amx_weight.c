/* SPDX-License-Identifier: MIT */
/*
 * Convolution in bf16 by tiles: the weight gradient (amx.c has the other passes).
 *
 *   dW[out][tap][in] = sum over points p of dy[p][out] * x[p + tap][in]
 *
 * The sum goes over points, so that tiles must have points along their rows on the left
 * and pairs of points on the right (amx_kernel.h):
 *
 * - dy is transposed: a row is one out channel of 32 points. Points that are not the
 *   correlation's are zeros there, so that x does not count at these points.
 * - x becomes pairs of neighbouring points, twice: from even points on and from odd
 *   ones. A tap is a shift by an even or an odd number of points, and so begins at
 *   another row of one of these two forms: no tap costs a copy of its own. With a step
 *   of 2, neighbouring pixels of a line belong to two forms, of even and of odd
 *   columns, as the grid's planes are of even and odd lines.
 *
 * With few channels a tap is a whole row of the window, 32 numbers of it at a time.
 * amx_weight.h says how the work is cut.
 */
#include <string.h>

#include "backend/bf16.h"
#include "backend/cpu/amx_weight.h"
#include "base/size.h"

size_t ic_amx_weight_workspace(const struct ic_device *device,
                               const struct ic_conv *conv)
{
    const struct ic_amx_weight g = ic_amx_weight_cut(conv, NULL);

    return g.place_bytes + g.sum_bytes + (size_t)device->threads * g.thread_bytes;
}

/* --- the forms of dy and x -------------------------------------------------------- */

static const uint16_t zeros[IC_PANEL];

/* Finds the places of the largest stack: the others have the same points, or fewer. */
static void find_places(const struct ic_amx_weight *g)
{
    size_t point;

    for (size_t i = 0; i < g->steps * IC_AMX_DEPTH; i++)
        g->place[i] = ic_amx_grid_point(&g->grid, i, &point) ? point : IC_AMX_NONE;
}

/* Writes the form of dy for a panel of out channels. */
static void turn_panel(const struct ic_amx_weight *g, char *left, size_t stack,
                       size_t panel)
{
    const size_t stride = (size_t)g->conv->out_channels;
    const size_t channels = ic_min(IC_PANEL, stride - panel * IC_PANEL);
    const size_t end = ic_amx_grid_stack_points(&g->grid, stack);
    const uint16_t *const dy =
        g->dy + ic_amx_grid_first(&g->grid, stack) * stride + panel * IC_PANEL;
    uint16_t few[IC_AMX_DEPTH][IC_PANEL];
    const uint16_t *points[IC_AMX_DEPTH];

    memset(few, 0, sizeof few);
    for (size_t i = 0; i < g->steps * IC_AMX_DEPTH; i += IC_AMX_DEPTH) {
        for (size_t p = 0; p < IC_AMX_DEPTH; p++) {
            const bool there = i + p < end && g->place[i + p] != IC_AMX_NONE;

            points[p] = there ? dy + g->place[i + p] * stride : zeros;
            if (there && channels < IC_PANEL)
                points[p] = memcpy(few[p], points[p], channels * sizeof **few);
        }
        g->amx->turn(left + i / IC_AMX_DEPTH * IC_AMX_STEP, points);
    }
}

/* The form of x in a plane and a phase whose pairs begin at even, or odd, points. */
static char *right_of(const struct ic_amx_weight *g, char *right, size_t plane,
                      size_t phase, size_t odd)
{
    return right + ((plane * g->phases + phase) * 2 + odd) * 2 * g->pairs * IC_AMX_LINE;
}

/* Writes all forms of a block of x, whose channels the scratch has. */
static void pair_block(const struct ic_amx_weight *g, char *right, const char *scratch,
                       size_t block)
{
    const size_t first = g->rows_only ? block * IC_AMX_LINE : 0;

    for (size_t plane = 0; plane < g->planes; plane++)
        for (size_t phase = 0; phase < g->phases; phase++) {
            char *const both[2] = {right_of(g, right, plane, phase, 0),
                                   right_of(g, right, plane, phase, 1)};

            g->amx->pair(both, g->pairs * IC_AMX_LINE,
                         scratch + plane * g->grid.plane + phase * g->grid.pixel +
                             first,
                         g->grid.pitch, g->pairs);
        }
}

/* --- from sums to dW -------------------------------------------------------------- */

/* The index of the sums of a panel, a block and a tap in a part. */
static size_t sum_index(const struct ic_amx_weight *g, size_t part, size_t panel,
                        size_t block, size_t tap)
{
    return (((part * g->panels.all + panel) * g->blocks.all + block) * g->taps + tap) *
           IC_AMX_SUMS;
}

/* Adds up row `out` of a block of sums over all parts: 32 numbers of x, even and odd
 * ones in turn. */
static IC_TARGET_CLONES void add_parts(float *total, const struct ic_amx_weight *g,
                                       const float *sums, size_t out)
{
    const size_t part = sum_index(g, 1, 0, 0, 0);
    const float *from = sums + out % 2 * (IC_AMX_SUMS / 2) + out / 2 * 16;
    float even[16] = {0}, odd[16] = {0};

    for (size_t p = 0; p < g->parts; p++, from += part)
        for (size_t n = 0; n < 16; n++) {
            even[n] += from[n]; /* from +0, so that no sum is -0 */
            odd[n] += from[IC_AMX_SUMS / 4 + n];
        }
    for (size_t n = 0; n < 16; n++) {
        total[2 * n] = even[n];
        total[2 * n + 1] = odd[n];
    }
}

/* Writes numbers of a block to the weights of an out channel and a tap, leaving out the
 * grid's zeros. */
static void write_row(const struct ic_amx_weight *g, float *dweight, const float *total,
                      size_t block)
{
    const size_t kernel = (size_t)g->conv->kernel, in = (size_t)g->conv->in_channels;

    if (!g->rows_only) {
        const size_t first = block * IC_AMX_DEPTH;

        memcpy(dweight + first, total,
               ic_min(IC_AMX_DEPTH, in - first) * sizeof *total);
        return;
    }
    for (size_t n = 0; n < IC_AMX_DEPTH; n++) {
        const size_t column = (block * IC_AMX_DEPTH + n) / g->grid.filled;
        const size_t channel = (block * IC_AMX_DEPTH + n) % g->grid.filled;

        if (channel < in && column < kernel)
            dweight[column * in + channel] = total[n];
    }
}

/* Writes dW of a panel of out channels and a block of x. `sums` begins with their taps'
 * sums in the first part. */
static void write_block(const struct ic_amx_weight *g, const float *sums, size_t panel,
                        size_t block)
{
    const size_t kernel = (size_t)g->conv->kernel, in = (size_t)g->conv->in_channels;
    const size_t first = panel * IC_PANEL;
    const size_t outs = ic_min(IC_PANEL, (size_t)g->conv->out_channels - first);
    float total[IC_AMX_DEPTH];

    for (size_t tap = 0; tap < g->taps; tap++, sums += IC_AMX_SUMS)
        for (size_t o = 0; o < outs; o++) {
            const size_t place =
                (first + o) * kernel * kernel + tap * kernel / g->columns;

            add_parts(total, g, sums, o);
            write_row(g, g->dweight + place * in, total, block);
        }
}

/* --- a task ----------------------------------------------------------------------- */

static void multiply_taps(const struct ic_amx_weight *g, float *sums, const char *left,
                          char *right, bool accumulate)
{
    struct ic_amx_outer outer = {
        .left = left, .steps = g->steps, .accumulate = accumulate};

    for (size_t tap = 0; tap < g->taps; tap++) {
        const size_t row = tap / g->columns, column = tap % g->columns;
        const size_t shift = row / g->planes * g->grid.points + column / g->phases;
        const char *const form =
            right_of(g, right, row % g->planes, column % g->phases, shift % 2);

        outer.sums = sums + tap * IC_AMX_SUMS;
        outer.right[0] = form + shift / 2 * IC_AMX_LINE;
        outer.right[1] = outer.right[0] + g->pairs * IC_AMX_LINE;
        g->amx->outer(&outer);
    }
}

/* The work of one task. */
struct task {
    size_t part, panel, panels, block, blocks; /* the first and how many */
    size_t stack, end;                         /* the first, and one past the last */
};

static struct task task_of(const struct ic_amx_weight *g, size_t index)
{
    const size_t tasks = g->panels.count * g->blocks.count;
    struct task t = {
        .part = index / tasks,
        .panel = index % tasks / g->blocks.count * g->panels.most,
        .block = index % g->blocks.count * g->blocks.most,
    };

    t.panels = ic_min(g->panels.most, g->panels.all - t.panel);
    t.blocks = ic_min(g->blocks.most, g->blocks.all - t.block);
    t.stack = t.part * g->stacks;
    t.end = ic_min(t.stack + g->stacks, g->grid.stacks);
    return t;
}

/* Multiplies a block of x in a stack by the task's panels of dy, all in their forms. */
static void multiply_block(const struct ic_amx_weight *g, const struct task *t,
                           float *own, const char *left, char *right, size_t block,
                           size_t stack)
{
    for (size_t i = 0; i < t->panels; i++, left += g->steps * IC_AMX_STEP) {
        const size_t panel = t->panel + i;
        float *const sums =
            g->at_once ? own : g->sums + sum_index(g, t->part, panel, block, 0);

        multiply_taps(g, sums, left, right, stack > t->stack);
        if (g->parts == 1 && stack + 1 == t->end)
            write_block(g, sums, panel, block);
    }
}

static void sum_part(const void *args, size_t index, int thread)
{
    const struct ic_amx_weight *const g = args;
    const struct task t = task_of(g, index);
    char *const scratch = g->memory + (size_t)thread * g->thread_bytes;
    char *const left = scratch + g->scratch_bytes;
    char *const right = left + g->left_bytes;
    float *const own = (float *)(right + g->right_bytes);

    /* Beyond a stack, x is also paired and multiplied by zeros: it must be finite. */
    memset(scratch, 0, g->scratch_bytes);
    g->amx->begin();
    for (size_t stack = t.stack; stack < t.end; stack++) {
        for (size_t i = 0; i < t.panels; i++)
            turn_panel(g, left + i * g->steps * IC_AMX_STEP, stack, t.panel + i);
        for (size_t block = t.block; block < t.block + t.blocks; block++) {
            if (block == t.block || !g->rows_only)
                ic_amx_grid_load(&g->grid, scratch, stack,
                                 g->rows_only ? 0 : block * IC_AMX_DEPTH);
            pair_block(g, right, scratch, block);
            multiply_block(g, &t, own, left, right, block, stack);
        }
    }
    g->amx->end();
}

/* Writes a block of dW in a task of its own, where several parts are added up. */
static void add_block(const void *args, size_t index, int thread)
{
    const struct ic_amx_weight *const g = args;
    const size_t panel = index / g->blocks.all, block = index % g->blocks.all;

    write_block(g, g->sums + sum_index(g, 0, panel, block, 0), panel, block);
}

void ic_amx_backward_weight(struct ic_device *device, float *dweight, const void *dy,
                            const void *x, void *workspace, const struct ic_conv *conv)
{
    struct ic_amx_weight g = ic_amx_weight_cut(conv, x);

    g.amx = device->amx;
    g.dy = dy;
    g.dweight = dweight;
    g.place = workspace;
    g.sums = (float *)((char *)workspace + g.place_bytes);
    g.memory = (char *)g.sums + g.sum_bytes;
    find_places(&g);
    ic_cpu_run(device, g.parts * g.panels.count * g.blocks.count, sum_part, &g);
    if (g.parts > 1)
        ic_cpu_run(device, g.panels.all * g.blocks.all, add_block, &g);
}
