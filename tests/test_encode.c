/* SPDX-License-Identifier: MIT */
/*
 * Encoded pictures read back: PNG equal, JPEG close. The bytes are the same for the
 * same pixels, in memory as in a file. A failing disk leaves no damage.
 */
#include <dirent.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "check.h"
#include "folder.h"
#include "image/encode.h"
#include "image_file.h"

static char *folder;
static struct ic_error error;

static const char *in_folder(const char *name)
{
    static char path[PATH_MAX];

    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

/* A smooth picture with some structure. */
static struct ic_image drawing(int width, int height)
{
    struct ic_image image;

    CHECK_OK(ic_image_alloc(&image, width, height, &error));
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++) {
            uint8_t *pixel = image.rgb + ((size_t)y * width + x) * 3;

            pixel[0] = (uint8_t)(128 + 100 * sin(x / 9.0) * cos(y / 7.0));
            pixel[1] = (uint8_t)(x * 255 / width);
            pixel[2] = (uint8_t)(128 + 90 * cos((x + 2 * y) / 12.0));
        }
    return image;
}

static struct ic_image read_back(const char *path, enum ic_image_format format)
{
    char warning[IC_IMAGE_WARNING_SIZE];
    struct ic_image image;
    uint8_t *bytes;
    size_t size;

    CHECK_OK(ic_file_read(path, 1 << 24, &bytes, &size, &error));
    CHECK_INT(ic_image_identify(bytes, size), format);
    free(bytes);
    CHECK_OK(image_read(path, &image, warning, &error));
    CHECK_STRING(warning, "");
    return image;
}

/* The root mean square of the difference, in grey levels. */
static double distance(const struct ic_image *a, const struct ic_image *b)
{
    const int count = a->width * a->height * 3;
    double sum = 0;

    CHECK_INT(a->width, b->width);
    CHECK_INT(a->height, b->height);
    for (int i = 0; i < count; i++)
        sum += (a->rgb[i] - b->rgb[i]) * (a->rgb[i] - b->rgb[i]);
    return sqrt(sum / count);
}

/* BT.601 in double; `found` may be off by the rounding. */
static void check_grey(const struct ic_image *found, const struct ic_image *colour,
                       double tolerance)
{
    double worst = 0;

    for (int i = 0; i < colour->width * colour->height; i++) {
        const uint8_t *c = colour->rgb + 3 * i, *g = found->rgb + 3 * i;

        CHECK(g[0] == g[1] && g[1] == g[2]);
        worst = fmax(worst, fabs(g[0] - (0.299 * c[0] + 0.587 * c[1] + 0.114 * c[2])));
    }
    CHECK_NEAR(worst, 0, tolerance);
}

static void test_png(void)
{
    static const int sizes[][2] = {{1, 1}, {3, 7}, {64, 1}, {1, 33}, {50, 41}};

    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        struct ic_image image = drawing(sizes[i][0], sizes[i][1]), back;

        CHECK_OK(ic_image_write_png(in_folder("a.png"), &image, false, &error));
        back = read_back(in_folder("a.png"), IC_IMAGE_PNG);
        CHECK(distance(&image, &back) == 0);
        ic_image_free(&back);
        CHECK_OK(ic_image_write_png(in_folder("a.png"), &image, true, &error));
        back = read_back(in_folder("a.png"), IC_IMAGE_PNG);
        check_grey(&back, &image, 0.5001);
        ic_image_free(&back);
        ic_image_free(&image);
    }
}

static void test_jpeg(void)
{
    static const int qualities[] = {1, 20, 50, 75, 90, 100};
    struct ic_image image = drawing(120, 90), back;
    double previous = 1e9;
    off_t previous_size = 0;

    for (size_t i = 0; i < sizeof qualities / sizeof qualities[0]; i++) {
        struct stat about;
        double off;

        CHECK_OK(ic_image_write_jpeg(in_folder("a.jpg"), &image, qualities[i], false,
                                     &error));
        back = read_back(in_folder("a.jpg"), IC_IMAGE_JPEG);
        off = distance(&image, &back);
        CHECK(off < previous);
        previous = off;
        CHECK(stat(in_folder("a.jpg"), &about) == 0 && about.st_size > previous_size);
        previous_size = about.st_size;
        ic_image_free(&back);
    }
    CHECK(previous < 1.5);
    CHECK_OK(ic_image_write_jpeg(in_folder("a.jpg"), &image, 100, true, &error));
    back = read_back(in_folder("a.jpg"), IC_IMAGE_JPEG);
    check_grey(&back, &image, 3);
    ic_image_free(&back);
    ic_image_free(&image);
    image = drawing(1, 1);
    CHECK_OK(ic_image_write_jpeg(in_folder("a.jpg"), &image, 95, false, &error));
    back = read_back(in_folder("a.jpg"), IC_IMAGE_JPEG);
    CHECK(distance(&image, &back) < 4);
    ic_image_free(&back);
    ic_image_free(&image);
}

static uint32_t crc_of(const char *path)
{
    uint8_t *bytes;
    size_t size;
    uint32_t crc;

    CHECK_OK(ic_file_read(path, 1 << 24, &bytes, &size, &error));
    crc = ic_file_crc32(0, bytes, size);
    free(bytes);
    return crc;
}

static void test_same_bytes(void)
{
    struct ic_image image = drawing(77, 55);
    uint32_t first;

    CHECK_OK(ic_image_write_jpeg(in_folder("a"), &image, 85, false, &error));
    first = crc_of(in_folder("a"));
    CHECK_OK(ic_image_write_jpeg(in_folder("a"), &image, 85, false, &error));
    CHECK(crc_of(in_folder("a")) == first);
    CHECK_OK(ic_image_write_png(in_folder("a"), &image, false, &error));
    first = crc_of(in_folder("a"));
    CHECK_OK(ic_image_write_png(in_folder("a"), &image, false, &error));
    CHECK(crc_of(in_folder("a")) == first);
    ic_image_free(&image);
}

/* Encoding to memory gives the bytes of a file. */
static void check_memory(const struct ic_image *image, enum ic_image_format format)
{
    uint8_t *bytes = NULL;
    size_t size = 0;

    if (format == IC_IMAGE_PNG)
        CHECK_OK(ic_image_write_png(in_folder("a"), image, false, &error));
    else
        CHECK_OK(ic_image_write_jpeg(in_folder("a"), image, 85, false, &error));
    CHECK_OK(ic_image_encode(image, format, 85, &bytes, &size, &error));
    CHECK_INT(ic_image_identify(bytes, size), format);
    CHECK(ic_file_crc32(0, bytes, size) == crc_of(in_folder("a")));
    free(bytes);
}

static void test_memory(void)
{
    struct ic_image image = drawing(61, 47);
    uint8_t *bytes = NULL;
    size_t size;

    check_memory(&image, IC_IMAGE_PNG);
    check_memory(&image, IC_IMAGE_JPEG);
    CHECK_FAILS(ic_image_encode(&image, IC_IMAGE_JPEG, 101, &bytes, &size, &error),
                IC_ERR_USAGE, "between 1 and 100, not 101");
    CHECK(bytes == NULL);
    ic_image_free(&image);
}

static int files_in_folder(void)
{
    DIR *dir = opendir(folder);
    int count = 0;

    while (readdir(dir) != NULL)
        count++;
    closedir(dir);
    return count - 2;
}

static void test_refused(void)
{
    struct ic_image image = drawing(5, 5);
    const int files = files_in_folder();

    CHECK_FAILS(ic_image_write_jpeg(in_folder("a"), &image, 0, false, &error),
                IC_ERR_USAGE, "between 1 and 100, not 0");
    CHECK_FAILS(ic_image_write_jpeg(in_folder("a"), &image, 101, false, &error),
                IC_ERR_USAGE, "not 101");
    CHECK_FAILS(ic_image_write_jpeg(in_folder("none/a"), &image, 50, false, &error),
                IC_ERR_IO, in_folder("none/a"));
    CHECK_FAILS(ic_image_write_png(in_folder("none/a"), &image, false, &error),
                IC_ERR_IO, in_folder("none/a"));
    CHECK_INT(files_in_folder(), files);
    ic_image_free(&image);
}

/* With a limit of 2000 bytes per file, the existing file stays and nothing is left
 * over. */
static void test_full_disk(void)
{
    struct ic_image large, small = drawing(8, 8);
    struct rlimit old, limit;
    uint32_t before;
    int files;

    CHECK_OK(ic_image_alloc(&large, 400, 400, &error));
    for (int i = 0; i < 400 * 400 * 3; i++)
        large.rgb[i] = (uint8_t)(((uint32_t)i * 2654435761u) >> 13);
    CHECK_OK(ic_image_write_png(in_folder("a"), &small, false, &error));
    before = crc_of(in_folder("a"));
    files = files_in_folder();
    signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &old);
    limit = old;
    limit.rlim_cur = 2000;
    if (setrlimit(RLIMIT_FSIZE, &limit) != 0)
        exit(99);
    CHECK_FAILS(ic_image_write_png(in_folder("a"), &large, false, &error), IC_ERR_IO,
                "File too large");
    CHECK_FAILS(ic_image_write_jpeg(in_folder("a"), &large, 90, false, &error),
                IC_ERR_IO, "File too large");
    CHECK(strstr(error.message, folder) != NULL);
    setrlimit(RLIMIT_FSIZE, &old);
    CHECK(crc_of(in_folder("a")) == before);
    CHECK_INT(files_in_folder(), files);
    ic_image_free(&large);
    ic_image_free(&small);
}

int main(void)
{
    folder = folder_make();
    test_png();
    test_jpeg();
    test_same_bytes();
    test_memory();
    test_refused();
    test_full_disk();
    folder_remove(folder);
    return check_result();
}
