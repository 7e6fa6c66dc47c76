/* SPDX-License-Identifier: MIT */
/*
 * Fuzzes JPEG, PNG and GIF: our code around the decoders' libraries. The checksums of a
 * PNG's chunks are corrected first, else no mutation of a chunk would get past them.
 */
#include "base/file.h"
#include "fuzz.h"
#include "golden_pictures.h"
#include "image/image.h"
#include "image/signature.h"

void fuzz_seeds(void)
{
    struct golden_pictures pictures;

    golden_pictures_load(&pictures);
    for (int i = 0; i < pictures.count; i++)
        fuzz_seed(pictures.items[i].bytes, pictures.items[i].size);
    golden_pictures_free(&pictures);
}

static uint32_t read_number(const uint8_t *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

/* A chunk is its length, its name, that many bytes of data, and a CRC of name and data.
 */
static void repair_png(uint8_t *bytes, size_t size)
{
    size_t at = 8;

    while (size - at >= 12 && read_number(bytes + at) <= size - at - 12) {
        const size_t length = read_number(bytes + at);
        const uint32_t crc = ic_file_crc32(0, bytes + at + 4, length + 4);

        for (int i = 0; i < 4; i++)
            bytes[at + 8 + length + (size_t)i] = (uint8_t)(crc >> (24 - 8 * i));
        at += 12 + length;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    uint8_t *copy = check_alloc(size, 1);
    char warning[IC_IMAGE_WARNING_SIZE];
    struct ic_error error = {.message = ""};
    struct ic_image image;

    if (size > 0)
        memcpy(copy, bytes, size);
    if (ic_image_identify(copy, size) == IC_IMAGE_PNG)
        repair_png(copy, size);
    if (ic_image_decode(copy, size, "picture", &image, warning, &error) == IC_OK) {
        fuzz_check(image.width > 0 && image.width <= IC_IMAGE_MAX_SIDE);
        fuzz_check(image.height > 0 && image.height <= IC_IMAGE_MAX_SIDE);
        fuzz_read(image.rgb, (size_t)image.width * (size_t)image.height * 3);
    } else {
        fuzz_check(image.rgb == NULL);
        fuzz_check_refusal(&error);
    }
    fuzz_check(memchr(warning, '\0', sizeof warning) != NULL);
    ic_image_free(&image);
    free(copy);
    return 0;
}
