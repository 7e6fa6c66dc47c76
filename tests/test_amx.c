/* SPDX-License-Identifier: MIT */
/*
 * Products of bf16 tiles (backend/cpu/amx_kernel.h). Plain C is exact on whole numbers
 * against the definition, and the packed forms of its operands are checked number by
 * number. Where the processor has tiles, they give the same bits as plain C on numbers
 * of all sizes. The passes of a convolution agree to the last bit by either.
 */
#include <stdint.h>

#include "backend/bf16.h"
#include "backend/cpu/amx_kernel.h"
#include "backend/cpu/cpu.h"
#include "base/machine.h"
#include "base/random.h"
#include "check.h"
#include "kit.h"

enum { MOST_STEPS = 37, BLOCK = IC_AMX_BLOCK, DEPTH = IC_AMX_DEPTH };

/* --- operands --------------------------------------------------------------------- */

/* Memory aligned to a cache line of 64 bytes, freed with the kit. */
static void *lined(struct kit *kit, size_t bytes)
{
    char *const memory = kit_host(kit, bytes + 64, 1);

    return memory + (64 - (uintptr_t)memory % 64) % 64;
}

/* bf16 numbers: small whole ones, or numbers of all magnitudes with a few subnormal. */
static uint16_t *numbers(struct kit *kit, size_t count, bool whole, uint64_t seed)
{
    uint16_t *const out = lined(kit, count * sizeof *out);
    const float *const values =
        whole ? kit_whole(kit, count, 3, seed) : kit_normal(kit, count, seed);
    struct ic_random random;

    ic_random_init(&random, seed, IC_RANDOM_BENCH, 0, 0);
    for (size_t i = 0; i < count; i++) {
        const int exponent = (int)ic_random_below(&random, 60) - 30;
        const bool subnormal = ic_random_below(&random, 50) == 0;

        out[i] = ic_bf16_of(whole ? values[i] : ldexpf(values[i], exponent));
        if (!whole && subnormal)
            out[i] = (uint16_t)(1 + ic_random_below(&random, 127));
    }
    return out;
}

/* Number k, column j of a step of pairs. */
static double pair_at(const char *panel, size_t step, size_t k, size_t j)
{
    uint16_t value;

    memcpy(&value,
           panel + step * IC_AMX_STEP + j / 16 * IC_AMX_TILE + k / 2 * IC_AMX_LINE +
               j % 16 * 4 + k % 2 * 2,
           sizeof value);
    return ic_bf16_float(value);
}

static void same_bits(const char *what, const void *found, const void *expected,
                      size_t bytes)
{
    if (memcmp(found, expected, bytes) != 0)
        CHECK_FAIL("%s: other bits than in plain C", what);
}

/* --- the products ----------------------------------------------------------------- */

/* Windows that overlap, as on a grid, and steps in any order. */
static struct ic_amx_dot make_dot(struct kit *kit, size_t steps, size_t pitch,
                                  bool whole)
{
    int32_t *const offset = kit_host(kit, steps + 1, sizeof *offset);
    const size_t most = BLOCK * pitch + 4096 + IC_AMX_LINE;

    for (size_t s = 0; s < steps; s++)
        offset[s] = (int32_t)(s * 7 % 11 * 64);
    return (struct ic_amx_dot){
        .sums = lined(kit, BLOCK * BLOCK * sizeof(float)),
        .in = (const char *)numbers(kit, most / 2, whole, 1),
        .pitch = pitch,
        .offset = offset,
        .steps = steps,
        .panel = (const char *)numbers(kit, steps * IC_AMX_STEP / 2 + 1, whole, 2),
    };
}

static void test_dot(struct kit *kit, size_t steps, size_t pitch)
{
    const struct ic_amx *const processor = ic_amx_processor();
    struct ic_amx_dot dot = make_dot(kit, steps, pitch, true);
    double *const expected = kit_host(kit, BLOCK * BLOCK, sizeof *expected);
    float *first;

    for (size_t i = 0; i < BLOCK; i++)
        for (size_t j = 0; j < BLOCK; j++)
            for (size_t s = 0; s < steps; s++)
                for (size_t k = 0; k < DEPTH; k++) {
                    uint16_t a;

                    memcpy(&a, dot.in + i * pitch + dot.offset[s] + 2 * k, sizeof a);
                    expected[i * BLOCK + j] +=
                        ic_bf16_float(a) * pair_at(dot.panel, s, k, j);
                }
    ic_amx_emulated.dot(&dot);
    if (!kit_equal(dot.sums, expected, BLOCK * BLOCK))
        CHECK_FAIL("dot of %zu steps, pitch %zu", steps, pitch);
    if (processor == NULL)
        return;
    for (int whole = 0; whole < 2; whole++) {
        dot = make_dot(kit, steps, pitch, whole == 1);
        ic_amx_emulated.dot(&dot);
        first = dot.sums;
        dot.sums = lined(kit, BLOCK * BLOCK * sizeof(float));
        processor->begin();
        processor->dot(&dot);
        processor->end();
        same_bits("dot", dot.sums, first, BLOCK * BLOCK * sizeof(float));
    }
}

static struct ic_amx_outer make_outer(struct kit *kit, size_t steps, bool whole,
                                      bool accumulate)
{
    const size_t tiles = (steps + 1) * IC_AMX_TILE / 2;
    float *const sums = lined(kit, BLOCK * BLOCK * sizeof(float));

    memcpy(sums, kit_whole(kit, BLOCK * BLOCK, 9, 5), BLOCK * BLOCK * sizeof *sums);
    return (struct ic_amx_outer){
        .sums = sums,
        .left = (const char *)numbers(kit, 2 * tiles, whole, 6),
        .right = {(const char *)numbers(kit, tiles, whole, 7),
                  (const char *)numbers(kit, tiles, whole, 8)},
        .steps = steps,
        .accumulate = accumulate,
    };
}

static void test_outer(struct kit *kit, size_t steps, bool accumulate)
{
    const struct ic_amx *const processor = ic_amx_processor();
    struct ic_amx_outer outer = make_outer(kit, steps, true, accumulate);
    double *const expected = kit_host(kit, BLOCK * BLOCK, sizeof *expected);
    float *first;

    for (size_t i = 0; i < BLOCK; i++)
        for (size_t j = 0; j < BLOCK; j++) {
            const size_t place = (i / 16 * 2 + j / 16) * 256 + i % 16 * 16 + j % 16;
            double sum = accumulate ? outer.sums[place] : 0;

            for (size_t s = 0; s < steps; s++)
                for (size_t k = 0; k < DEPTH; k++) {
                    uint16_t a, b;

                    memcpy(&a,
                           outer.left + s * IC_AMX_STEP + i / 16 * IC_AMX_TILE +
                               i % 16 * IC_AMX_LINE + 2 * k,
                           sizeof a);
                    memcpy(&b,
                           outer.right[j / 16] + s * IC_AMX_TILE + k / 2 * IC_AMX_LINE +
                               j % 16 * 4 + k % 2 * 2,
                           sizeof b);
                    sum += (double)ic_bf16_float(a) * ic_bf16_float(b);
                }
            expected[place] = sum;
        }
    ic_amx_emulated.outer(&outer);
    if (!kit_equal(outer.sums, expected, BLOCK * BLOCK))
        CHECK_FAIL("outer of %zu steps", steps);
    if (processor == NULL)
        return;
    for (int whole = 0; whole < 2; whole++) {
        outer = make_outer(kit, steps, whole == 1, accumulate);
        ic_amx_emulated.outer(&outer);
        first = outer.sums;
        outer.sums = make_outer(kit, 0, true, accumulate).sums;
        processor->begin();
        processor->outer(&outer);
        processor->end();
        same_bits("outer", outer.sums, first, BLOCK * BLOCK * sizeof(float));
    }
}

/* --- the way out ------------------------------------------------------------------ */

enum { OUT = 40 }; /* numbers from one pixel to the next: no whole cache lines */

/* Sums with NaN, infinities and zeros among them, some of their rows in any order. */
static struct ic_amx_rows make_rows(struct kit *kit, int flags)
{
    static const float odd[] = {NAN, -NAN, INFINITY, -INFINITY, -0.0f, 0, 3.4e38f, 1};
    uint8_t *const row = kit_host(kit, BLOCK, sizeof *row);
    size_t *const place = kit_host(kit, BLOCK, sizeof *place);
    float *const sums = kit_normal(kit, BLOCK * BLOCK, 11);
    size_t count = 0;

    memcpy(sums + 3 * BLOCK + 13, odd, sizeof odd);
    for (size_t i = 0; i < BLOCK; i += 1 + i % 3) {
        row[count] = (uint8_t)i;
        place[count] = (i * 7 % BLOCK) * OUT;
        count++;
    }
    return (struct ic_amx_rows){
        .out = numbers(kit, BLOCK * OUT, false, 12),
        .sums = sums,
        .count = count,
        .row = row,
        .place = place,
        .bias = flags & 1 ? kit_normal(kit, BLOCK, 13) : NULL,
        .residual = flags & 2 ? numbers(kit, BLOCK * OUT, false, 14) : NULL,
        .accumulate = (flags & 4) != 0,
        .relu = (flags & 8) != 0,
    };
}

/* The formula for one number of the output. */
static uint16_t finished(const struct ic_amx_rows *r, const uint16_t *before, size_t i,
                         size_t c)
{
    float v = r->sums[r->row[i] * BLOCK + c];

    if (r->bias != NULL)
        v += r->bias[c];
    if (r->residual != NULL)
        v += ic_bf16_float(r->residual[r->place[i] + c]);
    if (r->accumulate)
        v += ic_bf16_float(before[r->place[i] + c]);
    return ic_bf16_of(r->relu && v < 0 ? 0 : v);
}

static void test_finish(struct kit *kit, const struct ic_amx *amx, int flags)
{
    const struct ic_amx_rows rows = make_rows(kit, flags);
    uint16_t *const expected = kit_host(kit, BLOCK * OUT, sizeof *expected);

    memcpy(expected, rows.out, BLOCK * OUT * sizeof *expected);
    for (size_t i = 0; i < rows.count; i++)
        for (size_t c = 0; c < BLOCK; c++)
            expected[rows.place[i] + c] = finished(&rows, rows.out, i, c);
    amx->finish(&rows);
    same_bits("finish", rows.out, expected, BLOCK * OUT * sizeof *expected);
}

/* --- the forms -------------------------------------------------------------------- */

static void test_transpose(struct kit *kit, const struct ic_amx *amx)
{
    const uint32_t(*const in)[16] = (const void *)numbers(kit, 512, false, 9);
    uint32_t *const out = lined(kit, 16 * 16 * sizeof *out);

    amx->transpose(out, in);
    for (size_t r = 0; r < 16; r++)
        for (size_t i = 0; i < 16; i++)
            CHECK(out[r * 16 + i] == in[i][r]);
}

static void test_turn(struct kit *kit, const struct ic_amx *amx)
{
    const uint16_t *points[32];
    char *const left = lined(kit, IC_AMX_STEP);
    const uint16_t *row;

    for (size_t p = 0; p < 32; p++) /* in any order, and not aligned to a cache line */
        points[p] = numbers(kit, 40, false, 50 + p * 5 % 32) + 1;
    amx->turn(left, points);
    for (size_t channel = 0; channel < 32; channel++) {
        row = (const uint16_t *)(left + channel % 2 * IC_AMX_TILE +
                                 channel / 2 * IC_AMX_LINE);
        for (size_t p = 0; p < 32; p++)
            CHECK(row[p] == points[p][channel]);
    }
}

static void test_pair(struct kit *kit, const struct ic_amx *amx, size_t pitch)
{
    enum { ROWS = 5 };
    const size_t half = ROWS * IC_AMX_LINE;
    const char *const pixels =
        (const char *)numbers(kit, (2 * ROWS + 1) * pitch / 2 + 32, false, 90);
    char *const right[2] = {lined(kit, 2 * half), lined(kit, 2 * half)};

    amx->pair(right, half, pixels, pitch, ROWS);
    for (size_t p = 0; p < 2 * ROWS; p++) /* a row's first pixel */
        for (size_t channel = 0; channel < 32; channel++) {
            const uint16_t *const found =
                (const uint16_t *)(right[p % 2] + channel % 2 * half +
                                   p / 2 * IC_AMX_LINE) +
                channel / 2 * 2;
            uint16_t first, second;

            memcpy(&first, pixels + p * pitch + 2 * channel, sizeof first);
            memcpy(&second, pixels + (p + 1) * pitch + 2 * channel, sizeof second);
            CHECK(found[0] == first && found[1] == second);
        }
}

static void test_forms(struct kit *kit, const struct ic_amx *amx)
{
    test_transpose(kit, amx);
    test_turn(kit, amx);
    test_pair(kit, amx, 64);
    test_pair(kit, amx, 16);
    test_pair(kit, amx, 1024);
}

/* --- the passes of a convolution -------------------------------------------------- */

/* y, dx and dW of one convolution, by the tiles `amx`. */
static float *passes(struct kit *kit, const struct ic_conv *v, const struct ic_amx *amx,
                     size_t *ret_count)
{
    const size_t in = (size_t)v->in_channels, out = (size_t)v->out_channels;
    const size_t xs =
        (size_t)v->batch * (size_t)v->in_height * (size_t)v->in_width * in;
    const size_t ys =
        (size_t)v->batch * (size_t)v->out_height * (size_t)v->out_width * out;
    const size_t ws = out * (size_t)v->kernel * (size_t)v->kernel * in;
    const struct ic_backend *const b = kit->backend;
    const void *const x = kit_typed(kit, kit_normal(kit, xs, 1), xs, v->type);
    const void *const dy = kit_typed(kit, kit_normal(kit, ys, 2), ys, v->type);
    const float *const weight = kit_floats(kit, kit_normal(kit, ws, 3), ws);
    void *const workspace =
        kit_bytes(kit, NULL, b->conv2d_workspace(kit->device, v, true));
    void *const y = kit_typed(kit, NULL, ys, v->type);
    void *const dx = kit_typed(kit, NULL, xs, v->type);
    float *const dweight = kit_floats(kit, NULL, ws);
    float *const all = kit_host(kit, ys + xs + ws, sizeof *all);

    kit->device->amx = amx;
    b->conv2d_forward(kit->device, y, x, weight, workspace, v);
    b->conv2d_backward_input(kit->device, dx, dy, weight, workspace, v, false);
    b->conv2d_backward_weight(kit->device, dweight, dy, x, workspace, v);
    memcpy(all, kit_read_typed(kit, y, ys, v->type), ys * sizeof *all);
    memcpy(all + ys, kit_read_typed(kit, dx, xs, v->type), xs * sizeof *all);
    memcpy(all + ys + xs, kit_read(kit, dweight, ws), ws * sizeof *all);
    *ret_count = ys + xs + ws;
    return all;
}

static void test_passes(struct kit *kit, void *data)
{
    static const struct ic_conv convs[] = {
        {3, 14, 15, 3, 7, 8, 40, 7, 2, 3, IC_CONV_AMX, IC_TYPE_BF16},
        {5, 9, 9, 64, 9, 9, 96, 3, 1, 1, IC_CONV_AMX, IC_TYPE_BF16},
        {2, 11, 8, 40, 6, 4, 33, 3, 2, 1, IC_CONV_AMX, IC_TYPE_BF16},
        {2, 8, 8, 160, 4, 4, 64, 1, 2, 0, IC_CONV_AMX, IC_TYPE_BF16},
    };
    const struct ic_amx *const processor = ic_amx_processor();
    size_t count;

    (void)data;
    if (kit->type != IC_TYPE_BF16 || strcmp(kit->backend->name, "cpu") != 0)
        return;
    for (size_t i = 0; i < sizeof convs / sizeof *convs; i++) {
        const float *const plain = passes(kit, &convs[i], &ic_amx_emulated, &count);

        if (processor != NULL)
            same_bits("the passes of a convolution",
                      passes(kit, &convs[i], processor, &count), plain,
                      count * sizeof *plain);
    }
}

/* --- all of it -------------------------------------------------------------------- */

static void test_kernels(struct kit *kit, void *data)
{
    static const size_t steps[] = {0, 1, 2, 15, 16, 17, MOST_STEPS};
    static const size_t pitches[] = {16, 64, 80, 128};

    (void)data;
    ic_machine_flush_denormals(); /* as in every task */
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        for (size_t p = 0; p < sizeof pitches / sizeof *pitches; p++)
            test_dot(kit, steps[i], pitches[p]);
        test_outer(kit, steps[i], false);
        test_outer(kit, steps[i], true);
    }
    test_forms(kit, &ic_amx_emulated);
    if (ic_amx_processor() != NULL)
        test_forms(kit, ic_amx_processor());
    for (int flags = 0; flags < 16; flags++) {
        test_finish(kit, &ic_amx_emulated, flags);
        if (ic_amx_processor() != NULL)
            test_finish(kit, ic_amx_processor(), flags);
    }
}

int main(void)
{
    kit_run(1, test_kernels, NULL);
    kit_types(2, test_passes, NULL);
    if (ic_amx_processor() == NULL)
        puts("this processor has no tiles: plain C alone was tested");
    return check_result() | kit_result();
}
