/* SPDX-License-Identifier: MIT */
/*
 * Prints what im2cat decodes from pictures, for scripts/compare-pillow: for each
 * picture a line
 *     WIDTH HEIGHT CRC-OF-RGB CRC-OF-FIT PATH
 * where the fit is a crop to 224 x 224 from the middle, or
 *     refused MESSAGE
 * and a last line with the seconds of CPU time for reading, decoding and fitting.
 */
#include <stdbool.h>
#include <stdio.h>
#include <time.h>

#include "base/file.h"
#include "image/fit.h"
#include "image_file.h"

#define SIZE 224

int main(int argc, char **argv)
{
    const struct ic_fit_place middle = {0.5, 0.5};
    static uint8_t square[SIZE * SIZE * 3];
    double seconds = 0;

    for (int i = 1; i < argc; i++) {
        const clock_t start = clock();
        struct ic_image image;
        struct ic_error error;

        if (image_read(argv[i], &image, NULL, &error) != IC_OK ||
            ic_fit_square(square, &image, SIZE, IC_FIT_CROP, middle, false, &error) !=
                IC_OK) {
            printf("refused %s\n", error.message);
            continue;
        }
        seconds += (double)(clock() - start) / CLOCKS_PER_SEC;
        printf("%d %d %08x %08x %s\n", image.width, image.height,
               ic_file_crc32(0, image.rgb, (size_t)image.width * image.height * 3),
               ic_file_crc32(0, square, sizeof square), argv[i]);
        ic_image_free(&image);
    }
    printf("seconds %.6f\n", seconds);
    return 0;
}
