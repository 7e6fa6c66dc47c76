/* SPDX-License-Identifier: MIT */
/*
 * Lesson 1: the convolution of the page, 4 x 4 pixels, a kernel of 3 x 3, stride 2, one
 * pixel of padding, written as seven loops.
 */
#include <stdio.h>

enum {
    BATCH = 1,
    IN = 4,
    IN_CHANNELS = 1,
    OUT = 2,
    OUT_CHANNELS = 1,
    KERNEL = 3,
    STRIDE = 2,
    PAD = 1
};

static const float x[BATCH][IN][IN][IN_CHANNELS] = {{{{1}, {2}, {0}, {1}},
                                                     {{0}, {1}, {3}, {1}},
                                                     {{2}, {1}, {0}, {0}},
                                                     {{1}, {0}, {1}, {2}}}};
static const float w[OUT_CHANNELS][KERNEL][KERNEL][IN_CHANNELS] = {
    {{{1}, {2}, {0}}, {{0}, {1}, {-1}}, {{2}, {0}, {1}}}};
static float y[BATCH][OUT][OUT][OUT_CHANNELS];

int main(void)
{
    int products = 0;

    for (int n = 0; n < BATCH; n++)                     /* 1: pictures */
        for (int oy = 0; oy < OUT; oy++)                /* 2: rows of y */
            for (int ox = 0; ox < OUT; ox++)            /* 3: columns of y */
                for (int o = 0; o < OUT_CHANNELS; o++)  /* 4: channels of y */
                    for (int ky = 0; ky < KERNEL; ky++) /* 5: rows of the kernel */
                        for (int kx = 0; kx < KERNEL; kx++) { /* 6: columns of it */
                            const int iy = oy * STRIDE + ky - PAD;
                            const int ix = ox * STRIDE + kx - PAD;

                            if (iy < 0 || iy >= IN || ix < 0 || ix >= IN)
                                continue; /* the border is zero */
                            for (int i = 0; i < IN_CHANNELS; i++) { /* 7: of x */
                                y[n][oy][ox][o] += x[n][iy][ix][i] * w[o][ky][kx][i];
                                products++;
                            }
                        }
    for (int oy = 0; oy < OUT; oy++)
        printf("row %d of y: %g %g\n", oy, y[0][oy][0][0], y[0][oy][1][0]);
    printf("%d products; with those of the padding it would be %d\n", products,
           OUT * OUT * KERNEL * KERNEL);
    return 0;
}
