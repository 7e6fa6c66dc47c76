/* SPDX-License-Identifier: MIT */
/*
 * The table of brightness and contrast. See tone.h.
 *
 * The curve rises, so 255 thresholds describe it: where it crosses k + 1/2 levels. They
 * cost 255 logarithms and exponentials per picture in place of one for each of its
 * 150,000 numbers, and a difference in libm's last bit is far below 1/256 of a level.
 */
#include "image/tone.h"

#include <assert.h>
#include <math.h>
#include <string.h>

static double logit(double x)
{
    return -log(1 / x - 1);
}

static double sigmoid(double x)
{
    return 1 / (1 + exp(-x));
}

/* The first sample above level k. */
static int threshold(int k, double brightness, double contrast)
{
    double edge = (k + 0.5) / 255;

    if (brightness == 0.5 && contrast == 1)
        return 256 * k + 128;
    edge = sigmoid(logit(edge) / contrast - logit(brightness));
    return (int)ceil(edge * IC_TONE_WHITE);
}

void ic_tone_curve(uint8_t curve[IC_TONE_SIZE], double brightness, double contrast)
{
    int begin = 0;

    assert(brightness > 0 && brightness < 1 && contrast > 0);
    for (int k = 0; k < 255; k++) {
        const int end = threshold(k, brightness, contrast);

        memset(curve + begin, k, (size_t)(end - begin));
        begin = end;
    }
    memset(curve + begin, 255, (size_t)(IC_TONE_SIZE - begin));
}
