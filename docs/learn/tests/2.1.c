/* SPDX-License-Identifier: MIT */
/* Exercise 2.1: all places of a window near a short line, pixel by pixel. */
#include "kit.h"

int main(void)
{
    float line[64], found[64], wanted[64];

    fill(line, 64, 4);
    for (int channels = 1; channels <= 3; channels++)
        for (int width = 1; width <= 6; width++)
            for (int columns = 1; columns <= 7; columns++)
                for (int x = -9; x <= width + 1; x++) {
                    fill(found, 64, 5);
                    for (int i = 0; i < columns * channels; i++) {
                        const int pixel = x + i / channels;

                        wanted[i] = pixel >= 0 && pixel < width
                                        ? line[pixel * channels + i % channels]
                                        : 0;
                    }
                    for (int i = columns * channels; i < 64; i++)
                        wanted[i] = found[i]; /* behind the row nothing is written */
                    gather_row(found, line, width, channels, x, columns);
                    begin("%d pixels of %d channels, %d columns from %d on", width,
                          channels, columns, x);
                    same_all("out", found, wanted, 64, 0);
                }
    return right();
}
