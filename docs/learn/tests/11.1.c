/* SPDX-License-Identifier: MIT */
/* Exercise 11.1: blocks with fewer rows than ROWS; what is beside the results stays. */
#include "kit.h"

int main(void)
{
    enum { COUNT = 37, APART = 50 };
    float in[ROWS * APART], panel[COUNT * PANEL];
    const float *row[ROWS];

    fill(in, ROWS * APART, 41);
    fill(panel, COUNT * PANEL, 42);
    for (int i = 0; i < ROWS; i++)
        row[i] = in + i * APART;
    for (int rows = 1; rows <= ROWS; rows++) {
        float found[ROWS * 2 * PANEL], wanted[ROWS * 2 * PANEL];
        float *out[ROWS];

        fill(found, ROWS * 2 * PANEL, 43);
        memcpy(wanted, found, sizeof wanted);
        for (int i = 0; i < ROWS; i++)
            out[i] = found + i * 2 * PANEL;
        for (int i = 0; i < rows; i++)
            for (int j = 0; j < PANEL; j++) {
                double sum = 0;

                for (int p = 0; p < COUNT; p++)
                    sum += row[i][p] * panel[p * PANEL + j];
                wanted[i * 2 * PANEL + j] = (float)sum;
            }
        dot(out, row, rows, panel, COUNT);
        begin("%d rows", rows);
        same_all("out", found, wanted, ROWS * 2 * PANEL, 0);
    }
    return right();
}
