/* SPDX-License-Identifier: MIT */
/*
 * Packs weights in the order in which the tiles read them: see amx.h.
 */
#include <string.h>

#include "backend/bf16.h"
#include "backend/cpu/amx.h"

enum {
    PART = 128,         /* channels that go through all taps before the next */
    STEPS = 36,         /* of a panel, packed by a task; transposed weights: */
    FEW_STEPS = 4,      /* fewer steps, */
    PANELS = 16,        /* but of several panels, whose columns lie side by side */
    HALF = IC_PANEL / 2 /* columns of a tile */
};

/* --- the steps -------------------------------------------------------------------- */

static bool many_channels(const struct ic_amx_grid *grid)
{
    return grid->filled >= IC_AMX_DEPTH;
}

static size_t row_length(const struct ic_amx_grid *grid)
{
    return (size_t)grid->windows.columns * grid->filled;
}

size_t ic_amx_steps(const struct ic_amx_grid *grid)
{
    return (size_t)grid->windows.rows * ic_parts(row_length(grid), IC_AMX_DEPTH);
}

struct ic_amx_step ic_amx_step_of(const struct ic_amx_grid *grid, size_t step)
{
    if (!many_channels(grid)) {
        const size_t of_row = ic_parts(row_length(grid), IC_AMX_DEPTH);

        return (struct ic_amx_step){step / of_row, step % of_row * IC_AMX_DEPTH};
    } else {
        const size_t columns = (size_t)grid->windows.columns;
        const size_t taps = (size_t)grid->windows.rows * columns;
        const size_t part = step / (taps * (PART / IC_AMX_DEPTH)) * PART;
        const size_t here = ic_min(PART, grid->filled - part) / IC_AMX_DEPTH;
        const size_t rest = step - taps * (part / IC_AMX_DEPTH);
        const size_t tap = rest / here;

        return (struct ic_amx_step){tap / columns, tap % columns * grid->filled + part +
                                                       rest % here * IC_AMX_DEPTH};
    }
}

/* --- the weights of a step -------------------------------------------------------- */

struct packing {
    char *out; /* [panel][step] */
    const float *weight, *scale;
    const struct ic_correlation *correlation;
    const struct ic_amx_grid *grid;
    const struct ic_conv *conv;
    bool transposed;
    const struct ic_amx *amx;
    size_t steps, panels;             /* steps of a panel; panels */
    size_t piece_steps, piece_panels; /* of a task, at most */
};

/* The weight of one channel of a window's pixel, for out channel 0. */
static const float *weight_at(const struct packing *p, size_t row, size_t column,
                              size_t channel)
{
    const struct ic_correlation *const c = p->correlation;
    const size_t kernel = (size_t)p->conv->kernel, in = (size_t)p->conv->in_channels;
    const size_t tap = (size_t)(c->row + (int)row * c->tap_step) * kernel +
                       (size_t)(c->column + (int)column * c->tap_step);

    return p->weight + (p->transposed ? (channel * kernel * kernel + tap) * in
                                      : tap * in + channel);
}

/* The places of the weights of a step's 32 numbers, for out channel 0; NULL where the
 * grid has a zero. */
static void find_step(const struct packing *p, struct ic_amx_step step,
                      const float *place[IC_AMX_DEPTH])
{
    const size_t filled = p->grid->filled;
    const size_t columns = (size_t)p->correlation->windows.columns;
    const size_t channels = (size_t)p->correlation->windows.channels;
    size_t column = step.first / filled, channel = step.first % filled;

    for (size_t k = 0; k < IC_AMX_DEPTH; k++) {
        place[k] = column < columns && channel < channels
                       ? weight_at(p, step.row, column, channel)
                       : NULL;
        if (++channel == filled) {
            channel = 0;
            column++;
        }
    }
}

/* Reads a step of out channels `first` and on: numbers[k][n], zero without a weight. */
static IC_TARGET_CLONES void read_step(const struct packing *p, struct ic_amx_step step,
                                       size_t first, float numbers[32][IC_PANEL])
{
    const size_t channels =
        ic_min(IC_PANEL, (size_t)p->correlation->out_channels - first);
    const size_t kernel = (size_t)p->conv->kernel;
    const size_t stride =
        p->transposed ? 1 : kernel * kernel * (size_t)p->conv->in_channels;
    const float *place[IC_AMX_DEPTH];

    find_step(p, step, place);
    if (channels < IC_PANEL)
        memset(numbers, 0, IC_AMX_DEPTH * sizeof *numbers);
    for (size_t k = 0; k < IC_AMX_DEPTH; k++) {
        if (place[k] == NULL)
            memset(numbers[k], 0, sizeof numbers[k]);
        else if (stride == 1)
            memcpy(numbers[k], place[k] + first, channels * sizeof **numbers);
        else
            for (size_t n = 0; n < channels; n++)
                numbers[k][n] = place[k][(first + n) * stride];
        if (p->scale != NULL)
            for (size_t n = 0; n < channels; n++)
                numbers[k][n] *= p->scale[first + n];
    }
}

/* Writes rows of numbers as two tiles of pairs. */
static IC_TARGET_CLONES void write_step(char *out, float numbers[32][IC_PANEL])
{
    uint32_t pairs[HALF];

    for (size_t half = 0; half < 2; half++)
        for (size_t r = 0; r < 16; r++) {
            const float *const even = numbers[2 * r] + half * HALF;
            const float *const odd = numbers[2 * r + 1] + half * HALF;

            for (size_t n = 0; n < HALF; n++)
                pairs[n] =
                    (uint32_t)ic_bf16_of(odd[n]) << 16 | (uint32_t)ic_bf16_of(even[n]);
            memcpy(out + half * IC_AMX_TILE + r * IC_AMX_LINE, pairs, sizeof pairs);
        }
}

/* Packs a step whose 32 numbers are side by side in the weights, for 32 out channels:
 * rounds the numbers in that order, then transposes them as pairs. */
static IC_TARGET_CLONES void pack_whole(const struct packing *p, char *out,
                                        const float *weight, size_t stride,
                                        const float *scale)
{
    uint16_t rows[IC_PANEL][IC_AMX_DEPTH];
    uint32_t tile[16][16];

    for (size_t n = 0; n < IC_PANEL; n++) {
        const float *const from = weight + n * stride;
        const float factor = scale != NULL ? scale[n] : 1.0f;

        for (size_t k = 0; k < IC_AMX_DEPTH; k++)
            rows[n][k] = ic_bf16_of(from[k] * factor);
    }
    for (size_t half = 0; half < 2; half++) {
        memcpy(tile, rows[half * HALF], sizeof tile);
        p->amx->transpose((uint32_t *)(out + half * IC_AMX_TILE), tile);
    }
}

/* Whether the 32 numbers of a step are side by side for 32 out channels. */
static bool is_whole(const struct packing *p, size_t panel)
{
    return !p->transposed && many_channels(p->grid) &&
           p->grid->filled == p->grid->channels &&
           (panel + 1) * IC_PANEL <= (size_t)p->correlation->out_channels;
}

static void pack_step(const struct packing *p, size_t s, size_t panel)
{
    const struct ic_amx_step step = ic_amx_step_of(p->grid, s);
    const size_t first = panel * IC_PANEL, kernel = (size_t)p->conv->kernel;
    const size_t stride = kernel * kernel * (size_t)p->conv->in_channels;
    const size_t filled = p->grid->filled;
    char *const out = p->out + (panel * p->steps + s) * IC_AMX_STEP;
    float numbers[32][IC_PANEL];

    if (is_whole(p, panel)) {
        const float *const weight =
            weight_at(p, step.row, step.first / filled, step.first % filled);

        pack_whole(p, out, weight + first * stride, stride,
                   p->scale != NULL ? p->scale + first : NULL);
    } else {
        read_step(p, step, first, numbers);
        write_step(out, numbers);
    }
}

static void pack_piece(const void *args, size_t index, int thread)
{
    const struct packing *const p = args;
    const size_t across = ic_parts(p->panels, p->piece_panels);
    const size_t step = index / across * p->piece_steps;
    const size_t panel = index % across * p->piece_panels;

    for (size_t s = step; s < ic_min(step + p->piece_steps, p->steps); s++)
        for (size_t i = panel; i < ic_min(panel + p->piece_panels, p->panels); i++)
            pack_step(p, s, i);
}

void ic_amx_pack(struct ic_device *device, char *panels, const float *weight,
                 const float *scale, const struct ic_correlation *correlation,
                 const struct ic_amx_grid *grid, const struct ic_conv *conv,
                 bool transposed)
{
    const struct packing p = {
        .out = panels,
        .weight = weight,
        .scale = scale,
        .correlation = correlation,
        .grid = grid,
        .conv = conv,
        .transposed = transposed,
        .amx = device->amx,
        .steps = ic_amx_steps(grid),
        .panels = ic_parts((size_t)correlation->out_channels, IC_PANEL),
        .piece_steps = transposed ? FEW_STEPS : STEPS,
        .piece_panels = transposed ? PANELS : 1,
    };

    ic_cpu_run(device,
               ic_parts(p.steps, p.piece_steps) * ic_parts(p.panels, p.piece_panels),
               pack_piece, &p);
}
