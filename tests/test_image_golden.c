/* SPDX-License-Identifier: MIT */
/*
 * The decoders, the resampler and the fits against Pillow and fastai: equal bytes on
 * every picture of tests/golden/pillow.txt (see scripts/golden-pillow.py).
 */
#include <stdbool.h>

#include "base/file.h"
#include "golden_pictures.h"
#include "image/fit.h"

/* The picture that the following lines are about. */
struct subject {
    struct golden_picture encoded; /* by formula: just the name */
    struct ic_image image;
    char warning[IC_IMAGE_WARNING_SIZE];
};

static int pictures, comparisons;

static void expect_crc(const struct subject *subject, const char *line,
                       const uint8_t *rgb, size_t size, unsigned expected)
{
    const unsigned found = ic_file_crc32(0, rgb, size);

    comparisons++;
    if (found != expected)
        CHECK_FAIL("%s: CRC %08x for %s", subject->encoded.name, found, line);
}

static void begin(struct subject *subject, const char *name)
{
    ic_image_free(&subject->image);
    snprintf(subject->encoded.name, sizeof subject->encoded.name, "%s", name);
    subject->encoded.size = 0;
    pictures++;
}

/* A picture by the formula of the script. */
static void draw(struct subject *subject, int width, int height)
{
    char name[sizeof subject->encoded.name];
    struct ic_error error;

    snprintf(name, sizeof name, "synthetic %d x %d", width, height);
    begin(subject, name);
    CHECK_OK(ic_image_alloc(&subject->image, width, height, &error));
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++)
            for (int c = 0; c < 3; c++)
                subject->image.rgb[((size_t)y * width + x) * 3 + c] =
                    (uint8_t)((x * 7 + y * 13 + c * 101) ^ (x * y));
}

static void check_size(struct subject *subject, int width, int height)
{
    struct ic_error error;

    if (golden_picture_is_foreign(subject->encoded.name))
        return;
    if (subject->image.rgb == NULL)
        CHECK_OK(ic_image_decode(subject->encoded.bytes, subject->encoded.size,
                                 subject->encoded.name, &subject->image,
                                 subject->warning, &error));
    CHECK_INT(subject->image.width, width);
    CHECK_INT(subject->image.height, height);
}

static void check_resize(const struct subject *subject, const char *line,
                         struct ic_rect rect, int width, int height, unsigned crc)
{
    const size_t size = (size_t)width * height * 3;
    uint8_t *out = check_alloc(size, 1);
    struct ic_error error;

    CHECK_OK(ic_resize_bilinear(out, &subject->image, rect, width, height, &error));
    expect_crc(subject, line, out, size, crc);
    free(out);
}

static void check_fit(const struct subject *subject, const char *line,
                      const char *method, int size, struct ic_fit_place place,
                      unsigned crc)
{
    const enum ic_fit fit = strcmp(method, "crop") == 0  ? IC_FIT_CROP
                            : strcmp(method, "pad") == 0 ? IC_FIT_PAD
                                                         : IC_FIT_SQUISH;
    const size_t bytes = (size_t)size * size * 3;
    uint8_t *out = check_alloc(bytes, 1);
    struct ic_error error;

    CHECK_OK(ic_fit_square(out, &subject->image, size, fit, place, false, &error));
    expect_crc(subject, line, out, bytes, crc);
    free(out);
}

/* The same file, decoded where `side` pixels suffice. */
static void check_draft(const struct subject *subject, const char *line, int side,
                        int width, int height, unsigned crc)
{
    const struct golden_picture *encoded = &subject->encoded;
    struct ic_image image;
    struct ic_error error;

    CHECK_OK(ic_image_decode_reduced(encoded->bytes, encoded->size, encoded->name, side,
                                     &image, NULL, &error));
    CHECK_INT(image.width, width);
    CHECK_INT(image.height, height);
    if (image.width == width && image.height == height)
        expect_crc(subject, line, image.rgb, (size_t)width * height * 3, crc);
    ic_image_free(&image);
}

static void check_line(struct subject *subject, const char *line)
{
    const struct ic_image *image = &subject->image;
    struct ic_fit_place place;
    struct ic_rect rect;
    char word[80];
    int width, height, size;
    unsigned crc;

    if (sscanf(line, "file %79s", word) == 1)
        begin(subject, word);
    else if (sscanf(line, "synthetic %d %d", &width, &height) == 2)
        draw(subject, width, height);
    else if (strncmp(line, "hex ", 4) == 0)
        golden_picture_add(&subject->encoded, line + 4);
    else if (sscanf(line, "size %d %d", &width, &height) == 2)
        check_size(subject, width, height);
    else if (image->rgb == NULL)
        return; /* it was not decoded, which was reported */
    else if (sscanf(line, "rgb %x", &crc) == 1)
        expect_crc(subject, line, image->rgb, (size_t)image->width * image->height * 3,
                   crc);
    else if (sscanf(line, "resize %d %d %d %d %d %d %x", &rect.left, &rect.top,
                    &rect.width, &rect.height, &width, &height, &crc) == 7)
        check_resize(subject, line, rect, width, height, crc);
    else if (sscanf(line, "fit %79s %d %lf %lf %x", word, &size, &place.u, &place.v,
                    &crc) == 5)
        check_fit(subject, line, word, size, place, crc);
    else if (sscanf(line, "draft %d %d %d %x", &size, &width, &height, &crc) == 4)
        check_draft(subject, line, size, width, height, crc);
    else
        CHECK_FAIL("the line \"%s\" is none of ours", line);
}

/* Files that decode with a warning, and one that decodes without. */
static void check_warning(const struct subject *subject)
{
    if (strcmp(subject->encoded.name, "jpeg-junk") == 0)
        CHECK(strstr(subject->warning, "extraneous bytes before marker") != NULL);
    if (strcmp(subject->encoded.name, "jpeg-cut-scan") == 0)
        CHECK(strstr(subject->warning, "premature end of data segment") != NULL);
    if (strcmp(subject->encoded.name, "jpeg-420") == 0)
        CHECK_STRING(subject->warning, "");
}

int main(void)
{
    FILE *golden = golden_open("pillow.txt");
    struct subject subject = {0};
    char line[256];

    while (golden_line(golden, line, sizeof line)) {
        line[strcspn(line, "\n")] = '\0';
        check_line(&subject, line);
        if (strncmp(line, "size ", 5) == 0)
            check_warning(&subject);
    }
    fclose(golden);
    ic_image_free(&subject.image);
    free(subject.encoded.bytes);
    printf("%d pictures, %d comparisons\n", pictures, comparisons);
    CHECK(pictures > 70);
    CHECK(comparisons > 600);
    return check_result();
}
