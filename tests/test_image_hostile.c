/* SPDX-License-Identifier: MIT */
/*
 * Every golden picture, truncated at every length, and thousands of times with random
 * bytes changed. Nothing crashes (the sanitizers watch), a failure is reported in a
 * sentence, and a truncated file is refused or gives the whole picture, never a part.
 */
#include <stdbool.h>

#include "golden_pictures.h"
#include "image/image.h"
#include "image/signature.h"

#define MUTANTS 60 /* per picture */

static int decoded, refused;

/* SplitMix64 (Steele, Lea and Flood 2014). */
static uint32_t draw(uint32_t below)
{
    static uint64_t state = 34;
    uint64_t z = (state += 0x9e3779b97f4a7c15u);

    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return (uint32_t)((z ^ (z >> 31)) >> 32) % below;
}

/* Decodes from memory that ends where the bytes do, so that a read past the end shows;
 * where `side` pixels suffice, at a reduced scale. */
static ic_status decode(const struct golden_picture *picture, const uint8_t *bytes,
                        size_t size, int side, struct ic_image *image)
{
    uint8_t *exact = check_alloc(size, 1);
    char warning[IC_IMAGE_WARNING_SIZE];
    struct ic_error error = {.message = ""};
    ic_status status;

    memcpy(exact, bytes, size);
    status = ic_image_decode_reduced(exact, size, picture->name, side, image, warning,
                                     &error);
    free(exact);
    CHECK(memchr(warning, '\0', sizeof warning) != NULL);
    if (status == IC_OK) {
        decoded++;
        CHECK(image->rgb != NULL && image->width > 0 && image->height > 0);
        return status;
    }
    refused++;
    CHECK(image->rgb == NULL && image->width == 0 && image->height == 0);
    CHECK(status == IC_ERR_FORMAT || status == IC_ERR_LIMIT);
    CHECK_INT(error.status, status);
    if (strncmp(error.message, picture->name, strlen(picture->name)) != 0 ||
        strlen(error.message) < strlen(picture->name) + 5)
        CHECK_FAIL("%s: the message is \"%s\"", picture->name, error.message);
    return status;
}

/* How many bytes a file may lack and is read all the same: of a GIF, the mark behind
 * the last block and the trailer; of a PNG, three bytes of its pixels' checksum (libpng
 * asks for a byte more before it unpacks the last pixels), the chunk's, and the last
 * chunk. libjpeg waits for a marker before it unpacks the last pixels. */
static size_t behind_pixels(const struct golden_picture *picture)
{
    switch (ic_image_identify(picture->bytes, picture->size)) {
    case IC_IMAGE_GIF:
        return 1 + 1;
    case IC_IMAGE_PNG:
        return 3 + 4 + 12;
    default:
        return 0;
    }
}

static void cut(const struct golden_picture *picture)
{
    const size_t needed = picture->size - behind_pixels(picture);
    struct ic_image whole, part;

    if (decode(picture, picture->bytes, picture->size, 0, &whole) != IC_OK)
        return;
    for (size_t size = 0; size < picture->size; size++) {
        const size_t pixels = (size_t)whole.width * whole.height;

        if (decode(picture, picture->bytes, size, 0, &part) != IC_OK) {
            if (size >= needed)
                CHECK_FAIL("%s cut to %zu of %zu bytes, behind its pixels, is refused",
                           picture->name, size, picture->size);
            continue;
        }
        if (part.width != whole.width || part.height != whole.height ||
            memcmp(part.rgb, whole.rgb, 3 * pixels) != 0)
            CHECK_FAIL("%s cut to %zu of %zu bytes gives another picture",
                       picture->name, size, picture->size);
        ic_image_free(&part);
    }
    ic_image_free(&whole);
}

static void mutate(const struct golden_picture *picture)
{
    uint8_t *bytes = check_alloc(picture->size, 1);
    struct ic_image image;

    for (int i = 0; i < MUTANTS; i++) {
        memcpy(bytes, picture->bytes, picture->size);
        for (uint32_t changes = 1 + draw(6); changes > 0; changes--) {
            const uint32_t at = draw((uint32_t)picture->size);
            bytes[at] =
                draw(2) ? (uint8_t)draw(256) : (uint8_t)(bytes[at] ^ (1u << draw(8)));
        }
        decode(picture, bytes, picture->size, i % 2 ? 1 + i / 4 : 0, &image);
        ic_image_free(&image);
    }
    free(bytes);
}

/* The beginning of one file joined to the end of another. */
static void graft(const struct golden_pictures *pictures)
{
    for (int i = 0; i < 1000; i++) {
        const struct golden_picture *a =
            &pictures->items[draw((uint32_t)pictures->count)];
        const struct golden_picture *b =
            &pictures->items[draw((uint32_t)pictures->count)];
        const size_t head = draw((uint32_t)a->size), tail = draw((uint32_t)b->size);
        uint8_t *bytes = check_alloc(head + tail, 1);
        struct ic_image image;

        memcpy(bytes, a->bytes, head);
        memcpy(bytes + head, b->bytes + b->size - tail, tail);
        decode(a, bytes, head + tail, i % 16, &image);
        ic_image_free(&image);
        free(bytes);
    }
}

int main(void)
{
    struct golden_pictures pictures;

    golden_pictures_load(&pictures);
    for (int i = 0; i < pictures.count; i++) {
        cut(&pictures.items[i]);
        mutate(&pictures.items[i]);
    }
    graft(&pictures);
    golden_pictures_free(&pictures);
    printf("%d decoded, %d refused\n", decoded, refused);
    CHECK(refused > 50000);
    CHECK(decoded > 500);
    return check_result();
}
