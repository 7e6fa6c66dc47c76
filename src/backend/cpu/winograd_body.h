/* SPDX-License-Identifier: MIT */
/*
 * The transforms of Winograd's convolution, for one kind of processor: included by
 * kernel.c beside kernel_body.h and with the same definitions, before they are removed.
 * The formulas are those of winograd.h, one line at a time; common terms of a line are
 * computed once.
 */

#define VECTOR    KERNEL(vector)
#define ROOT      1.41421356237309504880f /* of 2 */
#define HALF_ROOT 0.70710678118654752440f /* of 2: the root of a half */

/* LCOV_EXCL_BR_START: conditions are constants in each instance of these loops. */

/* out = B^T in: a line of 6 pixels. */
TARGET IC_INLINE void KERNEL(line_patch)(VECTOR *out, const VECTOR *in)
{
    const VECTOR a = in[4] - 2 * in[2], b = HALF_ROOT * (in[3] - 2 * in[1]);
    const VECTOR c = in[4] - 0.5f * in[2], d = ROOT * (in[3] - 0.5f * in[1]);

    out[0] = in[0] - 2.5f * in[2] + in[4];
    out[1] = a + b;
    out[2] = a - b;
    out[3] = c + d;
    out[4] = c - d;
    out[5] = in[1] - 2.5f * in[3] + in[5];
}

/* out = A^T in: 6 products give 4 pixels. */
TARGET IC_INLINE void KERNEL(line_tile)(VECTOR *out, const VECTOR *in)
{
    const VECTOR a = in[1] + in[2], b = in[1] - in[2];
    const VECTOR c = in[3] + in[4], d = in[3] - in[4];

    out[0] = in[0] + a + c;
    out[1] = HALF_ROOT * (b + 2 * d);
    out[2] = 0.5f * a + 2 * c;
    out[3] = HALF_ROOT / 2 * (b + 8 * d) + in[5];
}

/* out = A in: 4 pixels of the gradient. */
TARGET IC_INLINE void KERNEL(line_tile_gradient)(VECTOR *out, const VECTOR *in)
{
    const VECTOR a = in[0] + 0.5f * in[2], b = HALF_ROOT * (in[1] + 0.5f * in[3]);
    const VECTOR c = in[0] + 2 * in[2], d = ROOT * (in[1] + 2 * in[3]);

    out[0] = in[0];
    out[1] = a + b;
    out[2] = a - b;
    out[3] = c + d;
    out[4] = c - d;
    out[5] = in[3];
}

/* out = G in: 3 taps. */
TARGET IC_INLINE void KERNEL(line_taps)(VECTOR *out, const VECTOR *in)
{
    const VECTOR a = (2 * in[0] + in[2]) * (-1 / 3.0f), b = in[1] * (ROOT / 3);
    const VECTOR c = (in[0] + 2 * in[2]) * (1 / 6.0f), d = in[1] * (ROOT / 6);

    out[0] = in[0];
    out[1] = a - b;
    out[2] = a + b;
    out[3] = c + d;
    out[4] = c - d;
    out[5] = in[2];
}

/* out = G^T in: 6 sums of products give the gradient of 3 taps. */
TARGET IC_INLINE void KERNEL(line_taps_gradient)(VECTOR *out, const VECTOR *in)
{
    const VECTOR a = in[1] + in[2], b = in[2] - in[1];
    const VECTOR c = in[3] + in[4], d = in[3] - in[4];

    out[0] = in[0] - a * (2 / 3.0f) + c * (1 / 6.0f);
    out[1] = (b + 0.5f * d) * (ROOT / 3);
    out[2] = (c - a) * (1 / 3.0f) + in[5];
}

/* Reads `count` floats, the rest zero; a whole vector at once. */
TARGET IC_INLINE void KERNEL(read)(VECTOR *value, const float *from, size_t count)
{
    if (count == LANES) {
        *value = *(const VECTOR *)from;
        return;
    }
    *value = (VECTOR){0};
    for (size_t i = 0; i < count; i++)
        ((float *)value)[i] = from[i];
}

TARGET IC_INLINE void KERNEL(write)(float *to, VECTOR value, size_t count,
                                    bool accumulate)
{
    if (count == LANES) {
        if (accumulate)
            value += *(const VECTOR *)to;
        *(VECTOR *)to = value;
        return;
    }
    for (size_t i = 0; i < count; i++)
        to[i] = ((const float *)&value)[i] + (accumulate ? to[i] : 0);
}

/* Transforms `count` channels, from `channel` on, of a square of n x n to one of m x m:
 * down the columns first, then along the rows. */
TARGET IC_INLINE void KERNEL(square)(const struct ic_transform *t, size_t channel,
                                     size_t count, size_t n, size_t m,
                                     void (*line)(VECTOR *out, const VECTOR *in))
{
    VECTOR half[6][6], in[6], out[6];

    UNROLL
    for (size_t j = 0; j < n; j++) {
        UNROLL
        for (size_t i = 0; i < n; i++)
            KERNEL(read)(&in[i], t->in[i * n + j] + channel, count);
        line(out, in);
        UNROLL
        for (size_t i = 0; i < m; i++)
            half[i][j] = out[i];
    }
    UNROLL
    for (size_t i = 0; i < m; i++) {
        line(out, half[i]);
        UNROLL
        for (size_t j = 0; j < m; j++)
            if (t->out[i * m + j] != NULL)
                KERNEL(write)
        (t->out[i * m + j] + channel, out[j], count, t->accumulate);
    }
}

#define TRANSFORM(name, n, m)                                                 \
    static TARGET void KERNEL(name)(const struct ic_transform *t)             \
    {                                                                         \
        size_t c = 0;                                                         \
                                                                              \
        for (; c + LANES <= t->channels; c += LANES)                          \
            KERNEL(square)(t, c, LANES, n, m, KERNEL(line_##name));           \
        if (c < t->channels)                                                  \
            KERNEL(square)(t, c, t->channels - c, n, m, KERNEL(line_##name)); \
    }

TRANSFORM(patch, 6, 6)
TRANSFORM(tile, 6, 4)
TRANSFORM(tile_gradient, 4, 6)
TRANSFORM(taps, 3, 6)
TRANSFORM(taps_gradient, 6, 3)

#undef TRANSFORM
#undef HALF_ROOT
#undef ROOT
#undef VECTOR

/* LCOV_EXCL_BR_STOP */
