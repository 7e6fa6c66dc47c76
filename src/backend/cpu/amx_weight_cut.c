/* SPDX-License-Identifier: MIT */
/*
 * Cuts the weight gradient by tiles into tasks: see amx_weight.h.
 */
#include "backend/cpu/amx_weight.h"
#include "base/size.h"

enum {
    POINTS = 2048, /* of a stack, at most */
    STACK_BYTES = 4 << 20,
    PARTS = 16,          /* at most, */
    SUM_BYTES = 8 << 20, /* and no more than have sums of this size together */
    TASKS = 8,           /* at least, */
    GROUP = 2,           /* unless groups would be smaller than this */
    LEFT_BYTES = 1 << 20 /* of the form of a group of panels */
};

/* Channels of x that a stack has at a time. */
static size_t channels_of(const struct ic_conv *conv)
{
    return ic_min((size_t)conv->in_channels, IC_AMX_DEPTH);
}

static size_t farthest(const struct ic_amx_weight *g)
{
    return (g->rows - 1) / g->planes * g->grid.points + (g->columns - 1) / g->phases;
}

static struct ic_amx_groups groups_of(size_t all, size_t count)
{
    const size_t most = ic_parts(all, count);

    return (struct ic_amx_groups){
        .all = all, .most = most, .count = ic_parts(all, most)};
}

static size_t pixels(int height, int width, int channels)
{
    return (size_t)height * (size_t)width * (size_t)channels;
}

/* Cuts into enough groups for the tasks, so that the fewest numbers are brought into
 * their forms: x once for each group of panels, dy once for each group of blocks. */
static void cut_groups(struct ic_amx_weight *g)
{
    const struct ic_conv *const c = g->conv;
    const size_t x = pixels(c->in_height, c->in_width, c->in_channels);
    const size_t dy = pixels(c->out_height, c->out_width, c->out_channels);
    const size_t most_panels = ic_parts(g->panels.all, GROUP);
    const size_t most_blocks = ic_parts(g->blocks.all, GROUP);
    size_t best = SIZE_MAX;

    for (size_t count = 1; best == SIZE_MAX || count <= most_panels; count *= 2) {
        const bool last = count >= most_panels;
        const struct ic_amx_groups panels =
            groups_of(g->panels.all, last ? most_panels : count);
        const struct ic_amx_groups blocks =
            groups_of(g->blocks.all,
                      ic_min(ic_parts(TASKS, g->parts * panels.count), most_blocks));
        const size_t cost = panels.count * x + blocks.count * dy;
        const bool fits = panels.most * g->steps * IC_AMX_STEP <= LEFT_BYTES &&
                          g->parts * panels.count * blocks.count >= TASKS;

        if (fits ? cost <= best : last && best == SIZE_MAX) {
            g->panels = panels;
            g->blocks = blocks;
            best = cost;
        }
    }
}

struct ic_amx_weight ic_amx_weight_cut(const struct ic_conv *conv, const void *x)
{
    const struct ic_correlation c = ic_correlation_forward(conv, NULL, x);
    const size_t kernel = (size_t)conv->kernel;
    struct ic_amx_weight g = {.conv = conv};
    size_t floats;

    g.grid =
        ic_amx_grid_of(&c.windows, conv->batch, channels_of(conv), POINTS, STACK_BYTES);
    g.rows_only = g.grid.filled < IC_AMX_DEPTH;
    g.rows = kernel;
    g.columns = g.rows_only ? 1 : kernel;
    g.taps = g.rows * g.columns;
    g.planes = g.grid.planes;
    g.phases = g.rows_only ? 1 : g.grid.skip;
    g.blocks.all = g.rows_only ? ic_parts(kernel * g.grid.filled, IC_AMX_DEPTH)
                               : ic_parts((size_t)conv->in_channels, IC_AMX_DEPTH);
    g.steps = ic_parts(ic_amx_grid_most_points(&g.grid), IC_AMX_DEPTH);
    g.pairs = g.steps * (IC_AMX_DEPTH / 2) + farthest(&g) / 2 + 1;

    g.panels.all = ic_parts((size_t)conv->out_channels, IC_PANEL);
    floats = g.panels.all * g.blocks.all * g.taps * IC_AMX_SUMS;
    g.parts = ic_min(PARTS, SUM_BYTES / (floats * sizeof(float)));
    g.parts = ic_min(g.parts < 1 ? 1 : g.parts, g.grid.stacks);
    g.stacks = ic_parts(g.grid.stacks, g.parts);
    g.parts = ic_parts(g.grid.stacks, g.stacks);
    cut_groups(&g);

    g.at_once = g.grid.stacks == 1;
    g.place_bytes =
        ic_size_align(g.steps * IC_AMX_DEPTH * sizeof *g.place, IC_ALIGNMENT);
    g.sum_bytes = g.at_once ? 0 : g.parts * floats * sizeof(float);
    g.scratch_bytes = ic_amx_grid_bytes(&g.grid) +
                      ic_size_align(2 * g.pairs * g.grid.pitch, IC_ALIGNMENT);
    g.left_bytes = g.panels.most * g.steps * IC_AMX_STEP;
    g.right_bytes = g.planes * g.phases * 4 * g.pairs * IC_AMX_LINE;
    g.thread_bytes = g.scratch_bytes + g.left_bytes + g.right_bytes +
                     (g.at_once ? g.taps * IC_AMX_SUMS * sizeof(float) : 0);
    return g;
}
