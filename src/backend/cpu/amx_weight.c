/*
 * Convolution in bf16 by tiles: the weight gradient (amx.c has the other passes).
 *
 *   dW[out][tap][in] = sum over points p of dy[p][out] * x[p + tap][in]
 *
 * The sum goes over points, so that tiles must have points along their rows on the left
 * and pairs of points on the right (amx_kernel.h):
 *
 * - dy is turned round: a row is one out channel of 32 points. Points that are not the
 *   correlation's are zeros there, so that what x has beside them does not count.
 * - x becomes pairs of neighbouring points, twice: from even points on and from odd
 *   ones. A tap is a shift by an even or an odd number of points, and so begins at
 *   another row of one of the two: no tap costs a copy of its own. With a step of 2,
 *   neighbouring pixels of a line belong to two forms, of even and of odd columns, as
 *   the grid's planes are of even and odd lines.
 *
 * Of few channels a tap is a whole row of the window, 32 numbers of it at a time.
 *
 * A task is a part of the batch and a group of panels of out channels. It goes through
 * its part stack by stack, about 2000 points each, and in a stack through the channels
 * of x, 32 at a time. Each part has sums of its own, added at the end in order; there
 * are few parts where dW is large.
 */
#include <string.h>

#include "backend/bf16.h"
#include "backend/cpu/amx.h"
#include "base/size.h"

enum {
    POINTS = 2048, /* of a stack, at most */
    STACK_BYTES = 4 << 20,
    PARTS = 16,          /* at most, and as long as all sums take fewer than */
    SUM_BYTES = 8 << 20, /* so many bytes */
    TASKS = 16,          /* as many as that, if groups of PANELS allow it */
    PANELS = 2,          /* the smallest group */
    SUMS = IC_AMX_BLOCK * IC_AMX_BLOCK
};

struct weight_gradient {
    struct ic_amx_grid grid;
    const struct ic_conv *conv;
    const struct ic_amx *amx;
    const uint16_t *dy;
    float *dweight;

    bool rows_only; /* a tap is a row of the window */
    size_t blocks;  /* of 32 numbers of x, for each tap */
    size_t rows, columns, taps;
    size_t planes, phases; /* forms of x: by remainder of line, of column */
    size_t steps, pairs;   /* of a stack; rows of a form of x */
    size_t panels, group, groups;
    size_t stacks, parts; /* of a part; of the batch */

    float *sums; /* part, panel, block, tap, SUMS */
    char
        *memory; /* for each thread: scratch, the form of dy, that of x, places of dy */
    size_t sum_bytes, scratch_bytes, left_bytes, right_bytes, place_bytes, thread_bytes;
};

/* Channels of x that a stack has at a time. */
static size_t channels_of(const struct ic_conv *conv)
{
    return ic_min((size_t)conv->in_channels, IC_AMX_DEPTH);
}

static size_t farthest(const struct weight_gradient *g)
{
    return (g->rows - 1) / g->planes * g->grid.points + (g->columns - 1) / g->phases;
}

/* The work, cut by its size alone. */
static struct weight_gradient cut(const struct ic_conv *conv, const void *x)
{
    const struct ic_correlation c = ic_correlation_forward(conv, NULL, x);
    const size_t kernel = (size_t)conv->kernel;
    struct weight_gradient g = {.conv = conv};
    size_t floats;

    g.grid =
        ic_amx_grid_of(&c.windows, conv->batch, channels_of(conv), POINTS, STACK_BYTES);
    g.rows_only = g.grid.filled < IC_AMX_DEPTH;
    g.rows = kernel;
    g.columns = g.rows_only ? 1 : kernel;
    g.taps = g.rows * g.columns;
    g.planes = g.grid.planes;
    g.phases = g.rows_only ? 1 : g.grid.skip;
    g.blocks = g.rows_only ? ic_parts(kernel * g.grid.filled, IC_AMX_DEPTH)
                           : ic_parts((size_t)conv->in_channels, IC_AMX_DEPTH);
    g.steps = ic_parts(ic_amx_grid_most_points(&g.grid), IC_AMX_DEPTH);
    g.pairs = g.steps * (IC_AMX_DEPTH / 2) + farthest(&g) / 2 + 1;

    g.panels = ic_parts((size_t)conv->out_channels, IC_PANEL);
    floats = g.panels * g.blocks * g.taps * SUMS;
    g.parts = ic_min(PARTS, SUM_BYTES / (floats * sizeof(float)));
    g.parts = ic_min(g.parts < 1 ? 1 : g.parts, g.grid.stacks);
    g.stacks = ic_parts(g.grid.stacks, g.parts);
    g.parts = ic_parts(g.grid.stacks, g.stacks);
    g.groups = ic_min(ic_parts(TASKS, g.parts), ic_parts(g.panels, PANELS));
    g.group = ic_parts(g.panels, g.groups);
    g.groups = ic_parts(g.panels, g.group);

    g.sum_bytes = g.parts * floats * sizeof(float);
    g.scratch_bytes = ic_amx_grid_bytes(&g.grid) +
                      ic_size_align(2 * g.pairs * g.grid.pitch, IC_ALIGNMENT);
    g.left_bytes = g.group * g.steps * IC_AMX_STEP;
    g.right_bytes = g.planes * g.phases * 4 * g.pairs * IC_AMX_LINE;
    g.place_bytes =
        ic_size_align(g.steps * IC_AMX_DEPTH * sizeof(uint16_t *), IC_ALIGNMENT);
    g.thread_bytes = g.scratch_bytes + g.left_bytes + g.right_bytes + g.place_bytes;
    return g;
}

size_t ic_amx_weight_workspace(const struct ic_device *device,
                               const struct ic_conv *conv)
{
    const struct weight_gradient g = cut(conv, NULL);

    return g.sum_bytes + (size_t)device->threads * g.thread_bytes;
}

/* --- the forms -------------------------------------------------------------------- */

static const uint16_t zeros[IC_PANEL];

/* Where dy of each point of a stack stands; NULL for those that are no point. */
static void find_dy(const struct weight_gradient *g, const uint16_t **place,
                    size_t stack)
{
    const size_t points = ic_amx_grid_stack_points(&g->grid, stack);
    const size_t channels = (size_t)g->conv->out_channels;
    const uint16_t *const first = g->dy + ic_amx_grid_first(&g->grid, stack) * channels;
    size_t point;

    for (size_t i = 0; i < g->steps * IC_AMX_DEPTH; i++)
        place[i] = i < points && ic_amx_grid_point(&g->grid, i, &point)
                       ? first + point * channels
                       : NULL;
}

/* The form of dy of a panel of out channels. */
static void turn_panel(const struct weight_gradient *g, char *left,
                       const uint16_t *const *place, size_t panel)
{
    const size_t first = panel * IC_PANEL;
    const size_t channels = ic_min(IC_PANEL, (size_t)g->conv->out_channels - first);
    uint16_t few[IC_AMX_DEPTH][IC_PANEL];
    const uint16_t *points[IC_AMX_DEPTH];

    memset(few, 0, sizeof few);
    for (size_t s = 0; s < g->steps; s++, place += IC_AMX_DEPTH) {
        for (size_t p = 0; p < IC_AMX_DEPTH; p++) {
            points[p] = place[p] != NULL ? place[p] + first : zeros;
            if (place[p] != NULL && channels < IC_PANEL)
                points[p] = memcpy(few[p], points[p], channels * sizeof **few);
        }
        g->amx->turn(left + s * IC_AMX_STEP, points);
    }
}

/* A form of x: its part by the first point of a pair, even or odd. */
static char *right_of(const struct weight_gradient *g, char *right, size_t plane,
                      size_t phase, size_t odd)
{
    return right + ((plane * g->phases + phase) * 2 + odd) * 2 * g->pairs * IC_AMX_LINE;
}

/* All forms of block `block` of x, of which the scratch has the channels. */
static void pair_block(const struct weight_gradient *g, char *right,
                       const char *scratch, size_t block)
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

/* --- a task ----------------------------------------------------------------------- */

/* The sums of a panel, a block and a tap in a part. */
static size_t sum_index(const struct weight_gradient *g, size_t part, size_t panel,
                        size_t block, size_t tap)
{
    return (((part * g->panels + panel) * g->blocks + block) * g->taps + tap) * SUMS;
}

static void multiply_taps(const struct weight_gradient *g, float *sums,
                          const char *left, char *right, bool accumulate)
{
    struct ic_amx_outer outer = {
        .left = left, .steps = g->steps, .accumulate = accumulate};

    for (size_t tap = 0; tap < g->taps; tap++) {
        const size_t row = tap / g->columns, column = tap % g->columns;
        const size_t shift = row / g->planes * g->grid.points + column / g->phases;
        const char *const form =
            right_of(g, right, row % g->planes, column % g->phases, shift % 2);

        outer.sums = sums + tap * SUMS;
        outer.right[0] = form + shift / 2 * IC_AMX_LINE;
        outer.right[1] = outer.right[0] + g->pairs * IC_AMX_LINE;
        g->amx->outer(&outer);
    }
}

static void sum_part(const void *args, size_t index, int thread)
{
    const struct weight_gradient *const g = args;
    const size_t part = index / g->groups;
    const size_t first = index % g->groups * g->group;
    const size_t end = ic_min(first + g->group, g->panels);
    const size_t start = part * g->stacks;
    char *const scratch = g->memory + (size_t)thread * g->thread_bytes;
    char *const left = scratch + g->scratch_bytes;
    char *const right = left + g->left_bytes;
    const uint16_t **const place = (const uint16_t **)(right + g->right_bytes);

    /* Beyond a stack x is paired, too, and multiplied by zeros: it must be finite. */
    memset(scratch, 0, g->scratch_bytes);
    g->amx->begin();
    for (size_t stack = start; stack < ic_min(start + g->stacks, g->grid.stacks);
         stack++) {
        find_dy(g, place, stack);
        for (size_t panel = first; panel < end; panel++)
            turn_panel(g, left + (panel - first) * g->steps * IC_AMX_STEP, place,
                       panel);
        for (size_t block = 0; block < g->blocks; block++) {
            if (block == 0 || !g->rows_only)
                ic_amx_grid_load(&g->grid, scratch, stack,
                                 g->rows_only ? 0 : block * IC_AMX_DEPTH);
            pair_block(g, right, scratch, block);
            for (size_t panel = first; panel < end; panel++)
                multiply_taps(g, g->sums + sum_index(g, part, panel, block, 0),
                              left + (panel - first) * g->steps * IC_AMX_STEP, right,
                              stack > start);
        }
    }
    g->amx->end();
}

/* --- the sum of the parts --------------------------------------------------------- */

/* Row `out` of a block of sums, over all parts: 32 numbers of x, even and odd in turn.
 */
static IC_TARGET_CLONES void add_parts(float *total, const struct weight_gradient *g,
                                       size_t index, size_t out)
{
    const size_t part = sum_index(g, 1, 0, 0, 0);
    const float *from = g->sums + index + out % 2 * (SUMS / 2) + out / 2 * 16;
    float even[16] = {0}, odd[16] = {0};

    for (size_t p = 0; p < g->parts; p++, from += part)
        for (size_t n = 0; n < 16; n++) {
            even[n] += from[n]; /* from +0, so that no sum is -0 */
            odd[n] += from[SUMS / 4 + n];
        }
    for (size_t n = 0; n < 16; n++) {
        total[2 * n] = even[n];
        total[2 * n + 1] = odd[n];
    }
}

/* Numbers of block `block` to the weights of an out channel and a tap: those that are
 * not a grid's zeros. */
static void write_row(const struct weight_gradient *g, float *dweight,
                      const float *total, size_t block)
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

/* dW of a panel of out channels and a block of x. */
static void add_block(const void *args, size_t index, int thread)
{
    const struct weight_gradient *const g = args;
    const size_t panel = index / g->blocks, block = index % g->blocks;
    const size_t kernel = (size_t)g->conv->kernel, in = (size_t)g->conv->in_channels;
    const size_t first = panel * IC_PANEL;
    const size_t outs = ic_min(IC_PANEL, (size_t)g->conv->out_channels - first);
    float total[IC_AMX_DEPTH];

    for (size_t tap = 0; tap < g->taps; tap++)
        for (size_t o = 0; o < outs; o++) {
            const size_t place =
                (first + o) * kernel * kernel + tap * kernel / g->columns;

            add_parts(total, g, sum_index(g, 0, panel, block, tap), o);
            write_row(g, g->dweight + place * in, total, block);
        }
}

void ic_amx_backward_weight(struct ic_device *device, float *dweight, const void *dy,
                            const void *x, void *workspace, const struct ic_conv *conv)
{
    struct weight_gradient g = cut(conv, x);

    g.amx = device->amx;
    g.dy = dy;
    g.dweight = dweight;
    g.sums = workspace;
    g.memory = (char *)workspace + g.sum_bytes;
    ic_cpu_run(device, g.parts * g.groups, sum_part, &g);
    ic_cpu_run(device, g.panels * g.blocks, add_block, &g);
}
