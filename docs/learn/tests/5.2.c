/* SPDX-License-Identifier: MIT */
/* Exercise 5.2: tries all windows. */
#include "kit.h"

int main(void)
{
    for (int size = 1; size < 10; size++)
        for (int kernel = 1; kernel < 6; kernel++)
            for (int stride = 1; stride < 4; stride++)
                for (int pad = 0; 2 * pad <= kernel; pad++) {
                    const int room = size + 2 * pad - kernel;
                    const int outputs = room < 0 ? 0 : room / stride + 1;

                    for (int i = 0; i < size && outputs > 0; i++) {
                        const struct range r =
                            windows_over(i, outputs, kernel, stride, pad);

                        begin("%d pixels, kernel %d, stride %d, pad %d, pixel %d", size,
                              kernel, stride, pad, i);
                        for (int o = 0; o < outputs; o++) {
                            const int start = o * stride - pad;
                            char name[40];

                            snprintf(name, sizeof name, "whether window %d covers it",
                                     o);
                            same(name, r.first <= o && o < r.end,
                                 start <= i && i < start + kernel);
                        }
                        same("whether all windows exist",
                             r.end <= r.first || (r.first >= 0 && r.end <= outputs), 1);
                    }
                }
    return right();
}
