/* SPDX-License-Identifier: MIT */
/*
 * Exercise 11.1: an inner loop with a block of sums.
 *
 *   out[i][j] = sum over p < count of in[i][p] * panel[p * PANEL + j]
 *
 * for i < rows (1 to ROWS), j < PANEL. Keep ROWS x PANEL sums in a local array, go once
 * through p, and use each number that you load for a whole row or column of sums. The
 * loops over i and j must run to constants, so that the compiler can keep the sums in
 * registers: rows past the last compute something that is thrown away. They must not
 * read past the arrays: let them read row 0. Only the first `rows` rows of out exist.
 */
enum { ROWS = 4, PANEL = 8 };

static void dot(float *const *out, const float *const *in, int rows, const float *panel,
                int count)
{
    float sum[ROWS][PANEL] = {{0}};
    const float *row[ROWS];

    for (int i = 0; i < ROWS; i++)
        row[i] = in[i < rows ? i : 0];
    for (int p = 0; p < count; p++)
        for (int i = 0; i < ROWS; i++) {
            const float a = row[i][p];

            for (int j = 0; j < PANEL; j++)
                sum[i][j] += a * panel[p * PANEL + j];
        }
    /* The mistake: all rows of the block are stored, those that do not exist too. They
     * go over the first row, or over other people's memory. */
    for (int i = 0; i < ROWS; i++)
        for (int j = 0; j < PANEL; j++)
            out[i < rows ? i : 0][j] = sum[i][j] + (i < rows ? 0 : 1);
}
