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
 * (in[i] is the place of row i, so in[i][p] works as in Python.)
 */
enum { ROWS = 4, PANEL = 8 };

static void dot(float *const *out, const float *const *in, int rows, const float *panel,
                int count)
{
    float sum[ROWS][PANEL] = {{0}};
    const float *row[ROWS];

    /* Yours, in place of these two lines. */
    (void)sum;
    (void)row;
}
