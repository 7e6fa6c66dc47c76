/*
 * Winograd's convolution: the weight gradient, dU[f] = V[f]^T Z[f], dg = G^T dU G, with
 * V = B^T d B of x and Z = A dy A^T. winograd.h has the formula.
 *
 * The sum over the tiles goes by stretches of so many that their V and Z stay in the
 * cache. For each stretch V and Z are computed, a task a tile, and then added to dU, a
 * task a frequency and panel of out channels. So every dU belongs to one task, stretch
 * after stretch: no partial results, and the same bits for any number of threads.
 */
#include <string.h>

#include "backend/cpu/winograd.h"
#include "base/size.h"

enum {
    ALIGN = 256,
    STRETCH_BYTES = 6 << 20, /* of V and Z */
    LEAST = 64               /* tiles of a stretch */
};

struct gradient {
    struct ic_windows windows; /* of x */
    const float *dy;
    struct ic_winograd_tiles tiles;
    const struct ic_kernels *kernels;
    size_t in, out, panels;
    size_t stretch; /* tiles of a stretch */
    size_t first, count;

    float *sum;        /* dU: frequency, panel, in, IC_PANEL */
    float *v;          /* frequency, tile, in */
    float *z;          /* frequency, panel, tile, IC_PANEL */
    const float **row; /* of V, for each tile: the first frequency's */
    float *zeros;      /* as many as the larger of in and out */
    size_t sum_bytes, v_bytes, z_bytes, row_bytes, zeros_bytes;
};

/* The work, cut by its size alone. */
static struct gradient gradient_of(const struct ic_conv *conv, const float *x)
{
    const struct ic_correlation c = ic_correlation_forward(conv, NULL, x);
    struct gradient g = {.windows = c.windows, .tiles = ic_winograd_tiles(&c)};
    size_t tile_floats, stretches;

    g.in = (size_t)conv->in_channels;
    g.out = (size_t)conv->out_channels;
    g.panels = ic_cpu_parts(g.out, IC_PANEL);
    tile_floats = IC_FREQUENCIES * (g.in + g.panels * IC_PANEL);
    g.stretch = STRETCH_BYTES / (tile_floats * sizeof(float));
    if (g.stretch < LEAST)
        g.stretch = LEAST;
    stretches = ic_cpu_parts(g.tiles.count, g.stretch);
    g.stretch = ic_cpu_parts(g.tiles.count, stretches);

    g.sum_bytes = ic_size_align(
        IC_FREQUENCIES * g.panels * g.in * IC_PANEL * sizeof(float), ALIGN);
    g.v_bytes = ic_size_align(IC_FREQUENCIES * g.stretch * g.in * sizeof(float), ALIGN);
    g.z_bytes = ic_size_align(
        IC_FREQUENCIES * g.panels * g.stretch * IC_PANEL * sizeof(float), ALIGN);
    g.row_bytes = ic_size_align(g.stretch * sizeof *g.row, ALIGN);
    g.zeros_bytes = ic_size_align((g.in > g.out ? g.in : g.out) * sizeof(float), ALIGN);
    return g;
}

size_t ic_winograd_gradient_workspace(const struct ic_conv *conv)
{
    const struct gradient g = gradient_of(conv, NULL);

    return g.sum_bytes + g.v_bytes + g.z_bytes + g.row_bytes + g.zeros_bytes;
}

/* --- V and Z ---------------------------------------------------------------------- */

static void transform_patch(const struct gradient *g, size_t place)
{
    const struct ic_winograd_square patch = {
        .pixels = (float *)g->windows.source,
        .height = (size_t)g->windows.height,
        .width = (size_t)g->windows.width,
        .channels = g->in,
        .top = g->windows.top,
        .left = g->windows.left,
        .side = IC_WINOGRAD_PATCH,
        .outside = g->zeros,
    };
    float *in[IC_FREQUENCIES], *out[IC_FREQUENCIES];

    ic_winograd_locate(in, &patch, &g->tiles, g->first + place);
    for (size_t f = 0; f < IC_FREQUENCIES; f++)
        out[f] = g->v + (f * g->stretch + place) * g->in;
    g->kernels->transform[IC_PATCH](&(struct ic_transform){
        .out = out, .in = (const float *const *)in, .channels = g->in});
}

static void transform_tile(const struct gradient *g, size_t place)
{
    const struct ic_winograd_square tile = {
        .pixels = (float *)g->dy,
        .height = (size_t)g->windows.grid_height,
        .width = (size_t)g->windows.grid_width,
        .channels = g->out,
        .side = IC_WINOGRAD_TILE,
        .outside = g->zeros,
    };
    float *at[IC_WINOGRAD_TILE * IC_WINOGRAD_TILE], *out[IC_FREQUENCIES];
    const float *in[IC_WINOGRAD_TILE * IC_WINOGRAD_TILE];
    struct ic_transform transform = {.out = out, .in = in};

    ic_winograd_locate(at, &tile, &g->tiles, g->first + place);
    for (size_t p = 0; p < g->panels; p++) {
        transform.channels = ic_cpu_min(IC_PANEL, g->out - p * IC_PANEL);
        for (size_t i = 0; i < IC_WINOGRAD_TILE * IC_WINOGRAD_TILE; i++)
            in[i] = at[i] + p * IC_PANEL;
        for (size_t f = 0; f < IC_FREQUENCIES; f++) {
            out[f] = g->z + ((f * g->panels + p) * g->stretch + place) * IC_PANEL;
            if (transform.channels < IC_PANEL)
                memset(out[f], 0, IC_PANEL * sizeof(float));
        }
        g->kernels->transform[IC_TILE_GRADIENT](&transform);
    }
}

static void transform(const void *args, size_t index, int thread)
{
    transform_patch(args, index);
    transform_tile(args, index);
}

/* --- dU --------------------------------------------------------------------------- */

/* dU += V^T Z of one frequency and panel. */
static void add(const void *args, size_t index, int thread)
{
    const struct gradient *const g = args;
    const size_t f = index / g->panels;
    struct ic_outer outer = {
        .in = g->row,
        .count = g->count,
        .panel = g->z + index * g->stretch * IC_PANEL,
        .accumulate = g->first > 0,
    };

    for (size_t i = 0; i < g->in; i += IC_OUTER_ROWS) {
        outer.out = g->sum + (index * g->in + i) * IC_PANEL;
        outer.rows = ic_cpu_min(IC_OUTER_ROWS, g->in - i);
        outer.offset = f * g->stretch * g->in + i;
        g->kernels->outer(&outer);
    }
}

void ic_winograd_backward_weight(struct ic_device *device, float *dweight,
                                 const float *dy, const float *x, void *workspace,
                                 const struct ic_conv *conv, bool accumulate)
{
    struct gradient g = gradient_of(conv, x);
    char *memory = workspace;

    g.dy = dy;
    g.kernels = device->kernels;
    g.sum = (float *)memory;
    g.v = (float *)(memory += g.sum_bytes);
    g.z = (float *)(memory += g.v_bytes);
    g.row = (const float **)(memory += g.z_bytes);
    g.zeros = (float *)(memory += g.row_bytes);
    memset(g.zeros, 0, g.zeros_bytes);
    for (size_t i = 0; i < g.stretch; i++)
        g.row[i] = g.v + i * g.in;
    for (; g.first < g.tiles.count; g.first += g.stretch) {
        g.count = ic_cpu_min(g.stretch, g.tiles.count - g.first);
        ic_cpu_run(device, g.count, transform, &g);
        ic_cpu_run(device, IC_FREQUENCIES * g.panels, add, &g);
    }
    ic_winograd_restore_weight(device, dweight, g.sum, conv, accumulate);
}
