/* SPDX-License-Identifier: MIT */
/*
 * Products of bf16 tiles by the processor's instructions: see amx_kernel.h for the
 * formulas. No other kernels use intrinsics; the compiler has no other way to a tile.
 *
 * Three facts that the manual does not state, each of them measured:
 *
 * - After more than about 32 steps without a tile store, the next one waits for 900
 *   cycles (Sapphire Rapids). A spare store every 16 steps costs nothing.
 * - A tile whose rows do not begin on lines of 64 bytes loads 3.5 times slower.
 * - GCC's intrinsics for the configuration and for tile loads do not say that they read
 *   memory, so that GCC would move stores past them: hence FENCE.
 */
#include "backend/cpu/amx_kernel.h"

#ifdef IC_HAVE_AMX

#include <cpuid.h>
#include <immintrin.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define AMX                                                                       \
    __attribute__((target("amx-tile,amx-bf16,avx512f,avx512bw,avx512dq,avx512vl," \
                          "avx512bf16")))
#define AMX_INLINE static inline __attribute__((always_inline)) AMX
#define FENCE()    __asm__ volatile("" ::: "memory")

enum { SPARE = 16 }; /* steps from one spare store to the next */

/* --- the tiles -------------------------------------------------------------------- */

AMX static void begin(void)
{
    struct {
        uint8_t palette, start_row, reserved[14];
        uint16_t row_bytes[16];
        uint8_t rows[16];
    } shape __attribute__((aligned(64)));

    memset(&shape, 0, sizeof shape);
    shape.palette = 1;
    for (int tile = 0; tile < 8; tile++) {
        shape.row_bytes[tile] = IC_AMX_LINE;
        shape.rows[tile] = 16;
    }
    FENCE();
    _tile_loadconfig(&shape);
}

AMX static void end(void)
{
    _tile_release();
}

/* Sums are tiles 0 to 3, the left operand 4 and 5, the right one 6 and 7. */
AMX_INLINE void clear(void)
{
    _tile_zero(0);
    _tile_zero(1);
    _tile_zero(2);
    _tile_zero(3);
}

AMX_INLINE void multiply(const char *a0, const char *a1, size_t pitch, const char *b0,
                         const char *b1)
{
    _tile_loadd(4, a0, pitch);
    _tile_loadd(6, b0, IC_AMX_LINE);
    _tile_loadd(7, b1, IC_AMX_LINE);
    _tile_loadd(5, a1, pitch);
    _tile_dpbf16ps(0, 4, 6);
    _tile_dpbf16ps(1, 4, 7);
    _tile_dpbf16ps(2, 5, 6);
    _tile_dpbf16ps(3, 5, 7);
}

AMX static void dot(const struct ic_amx_dot *d)
{
    char spare[IC_AMX_TILE] __attribute__((aligned(64)));
    const size_t half = 16 * d->pitch;
    const char *b = d->panel;

    FENCE();
    clear();
    for (size_t s = 0; s < d->steps; s++, b += IC_AMX_STEP) {
        const char *const a = d->in + d->offset[s];

        if (s % SPARE == SPARE - 1)
            _tile_stored(7, spare, IC_AMX_LINE);
        multiply(a, a + half, d->pitch, b, b + IC_AMX_TILE);
    }
    _tile_stored(0, d->sums, 2 * IC_AMX_LINE);
    _tile_stored(1, d->sums + 16, 2 * IC_AMX_LINE);
    _tile_stored(2, d->sums + 16 * IC_AMX_BLOCK, 2 * IC_AMX_LINE);
    _tile_stored(3, d->sums + 16 * IC_AMX_BLOCK + 16, 2 * IC_AMX_LINE);
    FENCE();
}

AMX static void outer(const struct ic_amx_outer *o)
{
    char spare[IC_AMX_TILE] __attribute__((aligned(64)));
    const char *a = o->left, *b0 = o->right[0], *b1 = o->right[1];

    FENCE();
    if (o->accumulate) {
        _tile_loadd(0, o->sums, IC_AMX_LINE);
        _tile_loadd(1, o->sums + 256, IC_AMX_LINE);
        _tile_loadd(2, o->sums + 512, IC_AMX_LINE);
        _tile_loadd(3, o->sums + 768, IC_AMX_LINE);
    } else {
        clear();
    }
    for (size_t s = 0; s < o->steps; s++) {
        if (s % SPARE == SPARE - 1)
            _tile_stored(7, spare, IC_AMX_LINE);
        multiply(a, a + IC_AMX_TILE, IC_AMX_LINE, b0, b1);
        a += IC_AMX_STEP;
        b0 += IC_AMX_TILE;
        b1 += IC_AMX_TILE;
    }
    _tile_stored(0, o->sums, IC_AMX_LINE);
    _tile_stored(1, o->sums + 256, IC_AMX_LINE);
    _tile_stored(2, o->sums + 512, IC_AMX_LINE);
    _tile_stored(3, o->sums + 768, IC_AMX_LINE);
    FENCE();
}

/* --- writing the sums ------------------------------------------------------------- */

/* 16 numbers of bf16, as fp32. */
AMX_INLINE __m512 widen(const uint16_t *x)
{
    const __m256i bits = _mm256_loadu_si256((const __m256i *)x);

    return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(bits), 16));
}

/* Finishes half a row: see struct ic_amx_rows. */
AMX_INLINE __m512 finish_half(const struct ic_amx_rows *r, size_t i, size_t half)
{
    const size_t place = r->place[i] + half * 16;
    __m512 v = _mm512_loadu_ps(r->sums + r->row[i] * IC_AMX_BLOCK + half * 16);

    if (r->bias != NULL)
        v = _mm512_add_ps(v, _mm512_loadu_ps(r->bias + half * 16));
    if (r->residual != NULL)
        v = _mm512_add_ps(v, widen(r->residual + place));
    if (r->accumulate)
        v = _mm512_add_ps(v, widen(r->out + place));
    /* If one of the two operands is a NaN, max gives the second. */
    return r->relu ? _mm512_max_ps(_mm512_setzero_ps(), v) : v;
}

AMX static void finish(const struct ic_amx_rows *rows)
{
    const struct ic_amx_rows r = *rows;

    for (size_t i = 0; i < r.count; i++) {
        const __m512 low = finish_half(&r, i, 0), high = finish_half(&r, i, 1);

        _mm512_storeu_si512(r.out + r.place[i],
                            (__m512i)_mm512_cvtne2ps_pbh(high, low));
    }
}

/* --- the operands' forms ---------------------------------------------------------- */

/* Four rounds of exchanges: of numbers, of pairs, of fours, of eights. */
AMX_INLINE void transpose_registers(void *out, __m512i r[16])
{
    __m512i t[16];

#pragma GCC unroll 8
    for (int i = 0; i < 8; i++) {
        t[2 * i] = _mm512_unpacklo_epi32(r[2 * i], r[2 * i + 1]);
        t[2 * i + 1] = _mm512_unpackhi_epi32(r[2 * i], r[2 * i + 1]);
    }
#pragma GCC unroll 4
    for (int i = 0; i < 4; i++) {
        r[4 * i] = _mm512_unpacklo_epi64(t[4 * i], t[4 * i + 2]);
        r[4 * i + 1] = _mm512_unpackhi_epi64(t[4 * i], t[4 * i + 2]);
        r[4 * i + 2] = _mm512_unpacklo_epi64(t[4 * i + 1], t[4 * i + 3]);
        r[4 * i + 3] = _mm512_unpackhi_epi64(t[4 * i + 1], t[4 * i + 3]);
    }
#pragma GCC unroll 4
    for (int i = 0; i < 4; i++) {
        t[i] = _mm512_shuffle_i32x4(r[i], r[4 + i], 0x88);
        t[4 + i] = _mm512_shuffle_i32x4(r[i], r[4 + i], 0xdd);
        t[8 + i] = _mm512_shuffle_i32x4(r[8 + i], r[12 + i], 0x88);
        t[12 + i] = _mm512_shuffle_i32x4(r[8 + i], r[12 + i], 0xdd);
    }
#pragma GCC unroll 4
    for (int i = 0; i < 4; i++) {
        __m512i *const row = (__m512i *)out + i;

        _mm512_store_si512(row, _mm512_shuffle_i32x4(t[i], t[8 + i], 0x88));
        _mm512_store_si512(row + 4, _mm512_shuffle_i32x4(t[4 + i], t[12 + i], 0x88));
        _mm512_store_si512(row + 8, _mm512_shuffle_i32x4(t[i], t[8 + i], 0xdd));
        _mm512_store_si512(row + 12, _mm512_shuffle_i32x4(t[4 + i], t[12 + i], 0xdd));
    }
}

AMX static void transpose(uint32_t *out, const uint32_t in[16][16])
{
    __m512i rows[16];

    for (int i = 0; i < 16; i++)
        rows[i] = _mm512_loadu_si512(in[i]);
    transpose_registers(out, rows);
}

/* Pairs of the even channels of two pixels, and of the odd ones. */
AMX_INLINE __m512i join_even(__m512i first, __m512i second)
{
    return _mm512_mask_blend_epi16(0xaaaaaaaa, first, _mm512_slli_epi32(second, 16));
}

AMX_INLINE __m512i join_odd(__m512i first, __m512i second)
{
    return _mm512_mask_blend_epi16(0xaaaaaaaa, _mm512_srli_epi32(first, 16), second);
}

AMX static void turn(char *left, const uint16_t *const points[32])
{
    __m512i even[16], odd[16];

#pragma GCC unroll 16
    for (int r = 0; r < 16; r++)
        even[r] = join_even(_mm512_loadu_si512(points[2 * r]),
                            _mm512_loadu_si512(points[2 * r + 1]));
    transpose_registers(left, even);
#pragma GCC unroll 16
    for (int r = 0; r < 16; r++)
        odd[r] = join_odd(_mm512_loadu_si512(points[2 * r]),
                          _mm512_loadu_si512(points[2 * r + 1]));
    transpose_registers(left + IC_AMX_TILE, odd);
}

AMX static void pair(char *const right[2], size_t half, const char *pixels,
                     size_t pitch, size_t rows)
{
    char *even = right[0], *odd = right[1];
    __m512i a = _mm512_loadu_si512(pixels);

    for (size_t r = 0; r < rows; r++) {
        const __m512i b = _mm512_loadu_si512(pixels + pitch);
        const __m512i c = _mm512_loadu_si512(pixels + 2 * pitch);

        _mm512_store_si512(even, join_even(a, b));
        _mm512_store_si512(even + half, join_odd(a, b));
        _mm512_store_si512(odd, join_even(b, c));
        _mm512_store_si512(odd + half, join_odd(b, c));
        a = c;
        pixels += 2 * pitch;
        even += IC_AMX_LINE;
        odd += IC_AMX_LINE;
    }
}

/* --- whether tiles may be used ---------------------------------------------------- */

/* Whether the processor has the instructions (CPUID), the system saves the tiles when
 * it switches threads (XCR0), and it lets this process use them: Linux gives processes
 * that ask 8 KiB more to save them in. The answer is kept: CPUID takes microseconds in
 * a virtual machine. */
static bool ask(void)
{
    enum {
        LEAF_1_OSXSAVE = 1 << 27,
        LEAF_7_AMX = 1 << 22 | 1 << 24, /* BF16, TILE */
        LEAF_7_1_AVX512_BF16 = 1 << 5,
        XCR0_TILES = 1 << 17 | 1 << 18, /* their shapes, their data */
        ARCH_REQ_XCOMP_PERM = 0x1023,
        XFEATURE_XTILEDATA = 18
    };
    unsigned a, b, c, d, xcr0;

    if (!__get_cpuid(1, &a, &b, &c, &d) || (c & LEAF_1_OSXSAVE) == 0 ||
        !__get_cpuid_count(7, 0, &a, &b, &c, &d) || (d & LEAF_7_AMX) != LEAF_7_AMX ||
        !__get_cpuid_count(7, 1, &a, &b, &c, &d) || (a & LEAF_7_1_AVX512_BF16) == 0)
        return false;
    __asm__("xgetbv" : "=a"(xcr0), "=d"(d) : "c"(0));
    return (xcr0 & XCR0_TILES) == XCR0_TILES && __builtin_cpu_supports("avx512f") &&
           __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
           __builtin_cpu_supports("avx512vl") &&
           syscall(SYS_arch_prctl, ARCH_REQ_XCOMP_PERM, XFEATURE_XTILEDATA) == 0;
}

const struct ic_amx *ic_amx_processor(void)
{
    static const struct ic_amx processor = {
        .begin = begin,
        .end = end,
        .dot = dot,
        .outer = outer,
        .finish = finish,
        .transpose = transpose,
        .turn = turn,
        .pair = pair,
    };
    static int answer; /* 0: not asked yet; 1: no; 2: yes */
    int known = __atomic_load_n(&answer, __ATOMIC_RELAXED);

    if (known == 0) {
        known = ask() ? 2 : 1;
        __atomic_store_n(&answer, known, __ATOMIC_RELAXED);
    }
    return known == 2 ? &processor : NULL;
}

#else

const struct ic_amx *ic_amx_processor(void)
{
    return NULL;
}

#endif
