/* SPDX-License-Identifier: MIT */
/*
 * The inner loops, for one kind of processor. kernel.c includes this file once for each
 * kind, having defined
 *
 *   KERNEL(name)   the function's name for this processor
 *   TARGET         the attribute that lets the compiler use its instructions
 *   LANES          floats of a vector register
 *   DOT_PART, OUTER_PART   rows whose sums fit the registers, two vectors per row
 *   DOT_FEW        rows that are worth a loop of their own: half of DOT_PART
 *
 * The loops over such rows have constant bounds and are unrolled (UNROLL), so that
 * `sum` lives in registers.
 */

/* LCOV_EXCL_BR_START: conditions are constants in each instance of these loops. */

typedef float KERNEL(vector)
    __attribute__((vector_size(4 * LANES), aligned(4), may_alias));
#define VECTOR KERNEL(vector)

/* Writes, or adds, two vectors to the columns from `column` on of a row with `columns`
 * columns. */
TARGET IC_INLINE void KERNEL(store)(float *row, VECTOR sum0, VECTOR sum1, size_t column,
                                    size_t columns, bool accumulate)
{
    VECTOR *const out = (VECTOR *)(row + column);
    VECTOR sums[2] = {sum0, sum1};

    if (column + 2 * LANES > columns) {
        for (size_t j = column; j < columns; j++) {
            const float value = ((const float *)sums)[j - column];

            row[j] = accumulate ? row[j] + value : value;
        }
    } else if (accumulate) {
        out[0] += sum0;
        out[1] += sum1;
    } else {
        out[0] = sum0;
        out[1] = sum1;
    }
}

/* --- dot -------------------------------------------------------------------------- */

/* Sums `count` rows of the block from `first` on, two vectors of columns from `column`
 * on. Rows past the block's last repeat its first row and are not stored. */
TARGET IC_INLINE void KERNEL(dot_part)(const struct ic_dot *d, size_t first,
                                       size_t count, size_t column)
{
    const float *panel = d->panel + column;
    const float *in[DOT_PART];
    VECTOR sum[DOT_PART][2];

    UNROLL
    for (size_t i = 0; i < count; i++) {
        in[i] = d->in[first + i < d->rows ? first + i : 0] + d->offset;
        sum[i][0] = sum[i][1] = (VECTOR){0};
    }
    for (size_t r = 0; r < d->runs; r++) {
        for (size_t p = 0; p < d->run; p++, panel += IC_PANEL) {
            const VECTOR b0 = ((const VECTOR *)panel)[0];
            const VECTOR b1 = ((const VECTOR *)panel)[1];

            __builtin_prefetch(panel + AHEAD);
            __builtin_prefetch(panel + AHEAD + LANES);
            UNROLL
            for (size_t i = 0; i < count; i++) {
                const float a = in[i][p];

                sum[i][0] += a * b0;
                sum[i][1] += a * b1;
            }
        }
        UNROLL
        for (size_t i = 0; i < count; i++)
            in[i] += d->pitch;
    }
    UNROLL
    for (size_t i = 0; i < count; i++)
        if (first + i < d->rows)
            KERNEL(store)
    (d->out[first + i] + d->column, sum[i][0], sum[i][1], column, d->columns,
     d->accumulate);
}

static TARGET void KERNEL(dot)(const struct ic_dot *d)
{
    for (size_t column = 0; column < d->columns; column += 2 * LANES) {
        size_t first = 0;

        for (; first + DOT_PART <= IC_DOT_ROWS && first < d->rows; first += DOT_PART)
            if (d->rows - first > DOT_FEW)
                KERNEL(dot_part)(d, first, DOT_PART, column);
            else
                KERNEL(dot_part)(d, first, DOT_FEW, column);
        if (IC_DOT_ROWS % DOT_PART != 0 && first < d->rows)
            KERNEL(dot_part)(d, first, IC_DOT_ROWS % DOT_PART, column);
    }
}

/* --- outer ------------------------------------------------------------------------ */

TARGET IC_INLINE void KERNEL(outer_part)(const struct ic_outer *o, size_t first,
                                         size_t count, size_t column)
{
    const float *panel = o->panel + column;
    VECTOR sum[OUTER_PART][2];

    UNROLL
    for (size_t i = 0; i < count; i++)
        sum[i][0] = sum[i][1] = (VECTOR){0};
    for (size_t p = 0; p < o->count; p++, panel += IC_PANEL) {
        const float *const in = o->in[p] + o->offset + first;
        const VECTOR b0 = ((const VECTOR *)panel)[0];
        const VECTOR b1 = ((const VECTOR *)panel)[1];

        UNROLL
        for (size_t i = 0; i < count; i++) {
            sum[i][0] += in[i] * b0;
            sum[i][1] += in[i] * b1;
        }
    }
    UNROLL
    for (size_t i = 0; i < count; i++)
        KERNEL(store)
    (o->out + (first + i) * IC_PANEL, sum[i][0], sum[i][1], column, IC_PANEL,
     o->accumulate);
}

/* Rows after the last whole part go in fours and one by one: no row past the last may
 * be read. */
static TARGET void KERNEL(outer)(const struct ic_outer *o)
{
    for (size_t column = 0; column < IC_PANEL; column += 2 * LANES) {
        size_t first = 0;

        for (; first + OUTER_PART <= o->rows; first += OUTER_PART)
            KERNEL(outer_part)(o, first, OUTER_PART, column);
        for (; first + 4 <= o->rows; first += 4)
            KERNEL(outer_part)(o, first, 4, column);
        for (; first < o->rows; first++)
            KERNEL(outer_part)(o, first, 1, column);
    }
}

/* --- multiply-adds ---------------------------------------------------------------- */

/* A processor has as many multiply-adds under way as latency times units, 8 to 10; the
 * sums of `dot` are at least 10. */
static TARGET size_t KERNEL(multiply_add)(float *sum, size_t rounds)
{
    VECTOR x[2 * DOT_PART], total = {0};

    UNROLL
    for (size_t i = 0; i < DOT_PART; i++) {
        x[2 * i] = (VECTOR){0} + (float)i;
        x[2 * i + 1] = (VECTOR){0} - (float)i;
    }
    for (size_t round = 0; round < rounds; round++) {
        UNROLL
        for (size_t i = 0; i < DOT_PART; i++) {
            x[2 * i] = x[2 * i] * 0.5f + 1.0f;
            x[2 * i + 1] = x[2 * i + 1] * 0.5f + 1.0f;
        }
    }
    UNROLL
    for (size_t i = 0; i < DOT_PART; i++)
        total += x[2 * i] + x[2 * i + 1];
    for (int lane = 0; lane < LANES; lane++)
        *sum += total[lane];
    return 2 * DOT_PART * LANES * rounds;
}

#undef VECTOR

/* LCOV_EXCL_BR_STOP */
