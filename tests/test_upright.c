/* SPDX-License-Identifier: MIT */
/*
 * JPEGs whose camera noted their orientation: decoded as stored, or made upright where
 * the frame asks for it. (The TIFFs of tests/golden/pillow.txt show that each
 * orientation is the right turn: the code is the same.)
 */
#include "data/square.h"

#include "check.h"
#include "golden_pictures.h"
#include "image/exif.h"
#include "image/fit.h"
#include "image/turn.h"

enum { SIDE = 16 };

static struct ic_error error;

/* The JPEG with EXIF inserted after its first two bytes. */
static uint8_t *with_exif(const struct golden_picture *picture, int orientation,
                          size_t *ret_size)
{
    const uint8_t exif[] = {
        0xff, 0xe1, 0, 34, 'E', 'x', 'i', 'f', 0, 0,
        'M',  'M',  0, 42, 0,   0,   0,   8,   0, 1,
        1,    0x12, 0, 3,  0,   0,   0,   1,   0, (uint8_t)orientation,
        0,    0,    0, 0,  0,   0};
    uint8_t *bytes = check_alloc(picture->size + sizeof exif, 1);

    memcpy(bytes, picture->bytes, 2);
    memcpy(bytes + 2, exif, sizeof exif);
    memcpy(bytes + 2 + sizeof exif, picture->bytes + 2, picture->size - 2);
    *ret_size = picture->size + sizeof exif;
    return bytes;
}

static void check_square(const uint8_t *bytes, size_t size, bool upright,
                         const uint8_t *expected)
{
    const struct ic_frame frame = {SIDE, 0, IC_FIT_SQUISH, upright};
    uint8_t found[3 * SIDE * SIDE];
    struct ic_augmentation choice;

    ic_augment_none(&choice, &frame);
    CHECK_OK(ic_square_decode(found, bytes, size, "x", IC_DECODE_EXACT, &frame, &choice,
                              &error));
    CHECK(memcmp(found, expected, sizeof found) == 0);
}

static void test_orientations(void)
{
    const struct ic_fit_place middle = {0.5, 0.5};
    struct golden_pictures pictures;
    const struct golden_picture *picture;

    golden_pictures_load(&pictures);
    picture = golden_pictures_find(&pictures, "jpeg-420"); /* 50 x 37 */
    for (int orientation = 1; orientation <= 8; orientation++) {
        uint8_t stored[3 * SIDE * SIDE], upright[3 * SIDE * SIDE];
        struct ic_image image;
        size_t size;
        uint8_t *bytes = with_exif(picture, orientation, &size);

        CHECK_INT(ic_exif_orientation(bytes, size), orientation);
        CHECK_OK(ic_image_decode(bytes, size, "x", &image, NULL, &error));
        CHECK_OK(
            ic_fit_square(stored, &image, SIDE, IC_FIT_SQUISH, middle, false, &error));
        CHECK_OK(ic_image_turn(&image, orientation, &error));
        CHECK_INT(image.width, orientation < 5 ? 50 : 37);
        CHECK_OK(
            ic_fit_square(upright, &image, SIDE, IC_FIT_SQUISH, middle, false, &error));
        check_square(bytes, size, false, stored);
        check_square(bytes, size, true, upright);
        CHECK((memcmp(stored, upright, sizeof stored) == 0) == (orientation == 1));
        ic_image_free(&image);
        free(bytes);
    }
    golden_pictures_free(&pictures);
}

#ifdef HAVE_TIFF
/* A TIFF whose orientation is none of the eight is decoded as it is stored. */
static void test_tiff(void)
{
    static const uint8_t tag[] = {0x12, 1, 3, 0, 1, 0, 0, 0};
    struct golden_pictures pictures;
    const struct golden_picture *picture;
    struct ic_image stored, odd;
    uint8_t *bytes, *place;

    golden_pictures_load(&pictures);
    picture = golden_pictures_find(&pictures, "tiff-turned-6");
    bytes = check_alloc(picture->size, 1);
    memcpy(bytes, picture->bytes, picture->size);
    place = memmem(bytes, picture->size, tag, sizeof tag);
    CHECK(place != NULL && place[8] == 6);
    if (place != NULL) {
        place[8] = 1;
        CHECK_OK(ic_image_decode(bytes, picture->size, "x", &stored, NULL, &error));
        place[8] = 9;
        CHECK_OK(ic_image_decode(bytes, picture->size, "x", &odd, NULL, &error));
        CHECK(odd.width == stored.width && odd.height == stored.height &&
              memcmp(odd.rgb, stored.rgb, (size_t)odd.width * (size_t)odd.height * 3) ==
                  0);
        ic_image_free(&stored);
        ic_image_free(&odd);
    }
    free(bytes);
    golden_pictures_free(&pictures);
}
#endif

/* Each turn is undone by its inverse; an invalid orientation changes nothing. */
static void test_inverse(void)
{
    static const int inverse[] = {0, 1, 2, 3, 4, 5, 8, 7, 6, 9};

    for (int orientation = 0; orientation <= 9; orientation++) {
        uint8_t before[3 * 5 * 7];
        struct ic_image image;

        CHECK_OK(ic_image_alloc(&image, 5, 7, &error));
        for (size_t i = 0; i < sizeof before; i++)
            before[i] = image.rgb[i] = (uint8_t)(i * 37);
        CHECK_OK(ic_image_turn(&image, orientation, &error));
        CHECK_OK(ic_image_turn(&image, inverse[orientation], &error));
        CHECK_INT(image.width, 5);
        CHECK(memcmp(image.rgb, before, sizeof before) == 0);
        ic_image_free(&image);
    }
}

int main(void)
{
    test_orientations();
    test_inverse();
#ifdef HAVE_TIFF
    test_tiff();
#endif
    return check_result();
}
