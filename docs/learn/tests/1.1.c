/* SPDX-License-Identifier: MIT */
/* Exercise 1.1: counts the places one by one. */
#include "kit.h"

int main(void)
{
    for (int in = 1; in < 12; in++)
        for (int kernel = 1; kernel < 8; kernel++)
            for (int stride = 1; stride < 4; stride++)
                for (int pad = 0; pad < 4; pad++) {
                    int places = 0;

                    for (int first = -pad; first + kernel <= in + pad; first += stride)
                        places++;
                    begin("%d pixels, kernel %d, stride %d, pad %d", in, kernel, stride,
                          pad);
                    same("the number of output pixels",
                         out_size(in, kernel, stride, pad), places);
                }
    return right();
}
