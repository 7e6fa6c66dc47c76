/*
 * The inner loops of direct convolution, for every kind of processor that this machine
 * can run: exact on whole numbers, for full and partial blocks, written and added, and
 * nothing written beside the block.
 */
#include "backend/cpu/kernel.h"
#include "check.h"
#include "kit.h"

enum { SPACE = 77, WIDTH = 50, MOST_RUN = 40, RUNS = 3 };

/* dot with windows that start anywhere and overlap, in rows of `pitch` floats. */
static void test_dot(struct kit *kit, const struct ic_kernels *kernels, size_t rows,
                     size_t columns, size_t runs, size_t run, bool accumulate)
{
    const size_t pitch = 97, offset = 5, column = 11;
    const float *const source = kit_whole(kit, 4 * pitch + 20 * SPACE, 4, 1);
    const float *const panel = kit_whole(kit, RUNS * MOST_RUN * IC_PANEL, 4, 2);
    float *const found = kit_whole(kit, IC_DOT_ROWS * WIDTH, 9, 3);
    double *const expected = kit_host(kit, IC_DOT_ROWS * WIDTH, sizeof *expected);
    const float *in[IC_DOT_ROWS] = {NULL};
    float *out[IC_DOT_ROWS] = {NULL};
    const struct ic_dot dot = {out,   in,   rows, column, columns,   offset,
                               pitch, runs, run,  panel,  accumulate};

    for (size_t i = 0; i < IC_DOT_ROWS * WIDTH; i++)
        expected[i] = found[i];
    for (size_t i = 0; i < rows; i++) { /* backwards, to be sure of the pointers */
        in[i] = source + (rows - 1 - i) * SPACE / 2;
        out[i] = found + (rows - 1 - i) * WIDTH;
        for (size_t j = 0; j < columns; j++) {
            double *const e = expected + (rows - 1 - i) * WIDTH + column + j;

            *e = accumulate ? *e : 0;
            for (size_t r = 0; r < runs; r++)
                for (size_t p = 0; p < run; p++)
                    *e += (double)in[i][offset + r * pitch + p] *
                          panel[(r * run + p) * IC_PANEL + j];
        }
    }
    kernels->dot(&dot);
    if (!kit_equal(found, expected, IC_DOT_ROWS * WIDTH))
        CHECK_FAIL("%s: dot of %zu rows, %zu columns, %zu runs of %zu", kernels->name,
                   rows, columns, runs, run);
}

static void test_outer(struct kit *kit, const struct ic_kernels *kernels, size_t rows,
                       size_t count, bool accumulate)
{
    const size_t offset = 3, guarded = (IC_OUTER_ROWS + 1) * IC_PANEL;
    const float *const panel = kit_whole(kit, count * IC_PANEL, 4, 4);
    float *const found = kit_whole(kit, guarded, 9, 5);
    double *const expected = kit_host(kit, guarded, sizeof *expected);
    const float **const in = kit_host(kit, count, sizeof *in);
    const struct ic_outer outer = {found, in, rows, offset, count, panel, accumulate};

    /* Each stretch ends with the memory, so that reading on is seen by valgrind. */
    for (size_t p = 0; p < count; p++)
        in[p] = kit_whole(kit, offset + rows, 4, 100 + p);
    for (size_t i = 0; i < guarded; i++)
        expected[i] = found[i];
    for (size_t i = 0; i < rows; i++) {
        for (size_t j = 0; j < IC_PANEL; j++) {
            double *const e = expected + i * IC_PANEL + j;

            *e = accumulate ? *e : 0;
            for (size_t p = 0; p < count; p++)
                *e += (double)in[p][offset + i] * panel[p * IC_PANEL + j];
        }
    }
    kernels->outer(&outer);
    if (!kit_equal(found, expected, guarded))
        CHECK_FAIL("%s: outer of %zu rows, %zu points", kernels->name, rows, count);
}

static void test_kernels(struct kit *kit, void *data)
{
    const struct ic_kernels *const kernels = ic_kernels_get(*(int *)data);
    static const size_t lengths[] = {0, 1, 2, 7, MOST_RUN};
    static const size_t columns[] = {1, 3, 4, 7, 8, 9, 15, 16, 17, 31, 32};

    for (size_t rows = 1; rows <= IC_DOT_ROWS; rows++) {
        for (size_t c = 0; c < sizeof columns / sizeof *columns; c++)
            test_dot(kit, kernels, rows, columns[c], 2, 7, rows % 2 == 0);
        for (size_t n = 0; n < sizeof lengths / sizeof *lengths; n++)
            for (size_t runs = 0; runs <= RUNS; runs++)
                test_dot(kit, kernels, rows, IC_PANEL, runs, lengths[n], runs % 2 == 0);
    }
    for (size_t rows = 1; rows <= IC_OUTER_ROWS; rows++)
        for (size_t n = 0; n < sizeof lengths / sizeof *lengths; n++)
            for (int accumulate = 0; accumulate < 2; accumulate++)
                test_outer(kit, kernels, rows, lengths[n], accumulate);
}

int main(void)
{
    int count = 0;

    for (; ic_kernels_get(count) != NULL; count++)
        kit_run(1, test_kernels, &count);
    CHECK(count > 0);
    return check_result() | kit_result();
}
