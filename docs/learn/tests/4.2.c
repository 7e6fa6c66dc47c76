/* SPDX-License-Identifier: MIT */
/* Exercise 4.2: searches all taps and outputs. */
#include "kit.h"

int main(void)
{
    for (int size = 1; size < 10; size++)
        for (int kernel = 1; kernel < 8; kernel++)
            for (int stride = 1; stride < 5; stride++)
                for (int pad = 0; pad < kernel; pad++)
                    for (int remainder = 0; remainder < stride && remainder < size;
                         remainder++) {
                        const struct phase p =
                            phase_of(size, kernel, stride, pad, remainder);
                        int pixels = 0, taps = 0, last = 0, start = 0;

                        for (int i = remainder; i < size; i += stride)
                            pixels++;
                        for (int k = 0; k < kernel; k++)
                            for (int o = -20; o < 20; o++)
                                if (o * stride + k - pad == remainder) {
                                    taps++;
                                    last = k;
                                    start = o;
                                }
                        begin("%d pixels, kernel %d, stride %d, pad %d, phase %d", size,
                              kernel, stride, pad, remainder);
                        same("pixels", p.pixels, pixels);
                        same("taps", p.taps, taps);
                        same("last", p.last, last);
                        same("start", p.start, start);
                    }
    return right();
}
