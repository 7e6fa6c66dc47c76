/* SPDX-License-Identifier: MIT */
/*
 * The toy pets: the same bytes for the same seed, lists that agree with the pictures,
 * all file formats, and hostile options. test_toy_hard.c shows that colours alone do
 * not tell the species.
 */
#include "check.h"
#include "folder.h"

#include "base/file.h"
#include "data/dataset.h"
#include "data/split.h"
#include "data/toy/pets.h"
#include "image/signature.h"

#include <ctype.h>
#include <limits.h>
#include <signal.h>
#include <sys/resource.h>

static struct ic_error error;

/* --- drawing --------------------------------------------------------------------- */

static uint32_t draw_crc(uint64_t seed, int count, int size, int index)
{
    const struct ic_toy_options options = {.count = count, .size = size, .seed = seed};
    struct ic_image image;
    uint32_t crc;

    CHECK_OK(ic_toy_draw(&options, index, &image, &error));
    crc = ic_file_crc32(0, image.rgb, (size_t)image.width * (size_t)image.height * 3);
    ic_image_free(&image);
    return crc;
}

/* A picture is a function of (seed, index), not of the number of pictures. */
static void test_draw_same(void)
{
    for (int i = 0; i < 24; i++) {
        const uint32_t crc = draw_crc(42, 100, 64, i);

        CHECK(draw_crc(42, 24, 64, i) == crc);
        CHECK(draw_crc(43, 100, 64, i) != crc);
        CHECK(draw_crc(42 + (UINT64_C(1) << 32), 100, 64, i) != crc);
        CHECK(draw_crc(42, 100, 64, i + 12) != crc);
    }
}

/* The sum is the same on every machine and compiler. If the drawings are improved, this
 * number changes, and the test prints the new one. */
static void test_draw_golden(void)
{
    uint32_t crc = 0;

    for (int i = 0; i < 36; i++) {
        const struct ic_toy_options options = {.count = 36, .size = 72, .seed = 42};
        struct ic_image image;

        CHECK_OK(ic_toy_draw(&options, i, &image, &error));
        crc = ic_file_crc32(crc, image.rgb,
                            (size_t)image.width * (size_t)image.height * 3);
        ic_image_free(&image);
    }
    CHECK_INT(crc, 4266476289);
}

static void test_draw_sizes(void)
{
    static const int sizes[] = {IC_TOY_MIN_SIZE, 33, 100, 640};
    int upright = 0, wide = 0;

    for (int s = 0; s < 4; s++)
        for (int i = 0; i < 12; i++) {
            const struct ic_toy_options options = {
                .count = 100, .size = sizes[s], .seed = 7};
            struct ic_image image;
            int longer, shorter;

            CHECK_OK(ic_toy_draw(&options, i, &image, &error));
            longer = image.width > image.height ? image.width : image.height;
            shorter = image.width > image.height ? image.height : image.width;
            CHECK(longer >= sizes[s] * 0.84 && longer <= sizes[s] * 1.17);
            CHECK(shorter >= longer * 0.68);
            upright += image.height > image.width;
            wide += image.width > image.height;
            ic_image_free(&image);
        }
    CHECK(upright > 8 && wide > 8);
}

/* Neither black nor blown out, and not uniform. */
static void test_draw_contrast(void)
{
    const struct ic_toy_options options = {.count = 300, .size = 48, .seed = 3};

    for (int k = 0; k < options.count; k++) {
        double sum = 0, squares = 0;
        struct ic_image image;
        int n;

        CHECK_OK(ic_toy_draw(&options, k, &image, &error));
        n = image.width * image.height * 3;
        for (int i = 0; i < n; i++) {
            sum += image.rgb[i];
            squares += (double)image.rgb[i] * image.rgb[i];
        }
        CHECK(sum / n > 20 && sum / n < 235);
        CHECK(sqrt(squares / n - sum / n * sum / n) > 8);
        ic_image_free(&image);
    }
}

/* --- the folder ------------------------------------------------------------------ */

/* Whether two folders have the same files with the same bytes. */
static int same_folders(const char *a, const char *b)
{
    static const char *const parts[] = {"images", "annotations"};
    int same = 1;

    for (int p = 0; p < 2; p++) {
        char *at_a = ic_file_join(a, parts[p]), *at_b = ic_file_join(b, parts[p]);
        char **names_a, **names_b;
        size_t count_a, count_b;

        CHECK_OK(ic_file_list(at_a, &names_a, &count_a, &error));
        CHECK_OK(ic_file_list(at_b, &names_b, &count_b, &error));
        same &= count_a == count_b;
        for (size_t i = 0; i < count_a && same; i++) {
            char *file_a = ic_file_join(at_a, names_a[i]);
            char *file_b = ic_file_join(at_b, names_b[i]);
            uint8_t *bytes_a = NULL, *bytes_b = NULL;
            size_t size_a = 0, size_b = 0;

            CHECK_OK(ic_file_read(file_a, 1 << 20, &bytes_a, &size_a, &error));
            same &= strcmp(names_a[i], names_b[i]) == 0 &&
                    ic_file_read(file_b, 1 << 20, &bytes_b, &size_b, NULL) == IC_OK &&
                    size_a == size_b && memcmp(bytes_a, bytes_b, size_a) == 0;
            free(bytes_a), free(bytes_b), free(file_a), free(file_b);
        }
        ic_file_free_names(names_a, count_a);
        ic_file_free_names(names_b, count_b);
        free(at_a), free(at_b);
    }
    return same;
}

static void test_write_same(const char *folder)
{
    struct ic_toy_options options = {.count = 60, .size = 40, .seed = 9};
    char *one = folder_path(folder, "one"), *two = folder_path(folder, "new/two");
    char *other = folder_path(folder, "other");

    CHECK_OK(ic_toy_pets_write(one, &options, &error));
    CHECK_OK(ic_toy_pets_write(two, &options, &error));
    CHECK(same_folders(one, two));
    options.seed = 10;
    CHECK_OK(ic_toy_pets_write(other, &options, &error));
    CHECK(!same_folders(one, other));
    free(one), free(two), free(other);
}

/* A list's entry for a picture. */
struct entry {
    char name[64];
    int class_id, species, breed;
};

/* Reads a list strictly; returns the number of entries. */
static int read_list(const char *folder, const char *name, struct entry *entries,
                     int room)
{
    char *path = folder_path(folder, "annotations/%s", name), line[200];
    FILE *stream = fopen(path, "r");
    int count = 0;

    if (stream == NULL)
        folder_broke(path);
    while (fgets(line, sizeof line, stream) != NULL) {
        struct entry e;
        char rest;

        if (line[0] == '#') {
            CHECK_STRING(name, "list.txt");
            continue;
        }
        CHECK_INT(sscanf(line, "%63s %d %d %d%c", e.name, &e.class_id, &e.species,
                         &e.breed, &rest),
                  5);
        CHECK(rest == '\n' && count < room);
        entries[count++] = e;
    }
    fclose(stream);
    free(path);
    return count;
}

static const struct entry *find_entry(const struct entry *entries, int count,
                                      const char *name)
{
    for (int i = 0; i < count; i++)
        if (strcmp(entries[i].name, name) == 0)
            return &entries[i];
    return NULL;
}

enum { COUNT = 250, BREEDS = 12 };

/* Capitals are cats, class numbers follow the alphabet and count all breeds, and every
 * picture is in list.txt and in one of the other two lists. */
static void test_lists(const char *folder)
{
    struct entry all[COUNT], train[COUNT], test[COUNT];
    const int count = read_list(folder, "list.txt", all, COUNT);
    const int train_count = read_list(folder, "trainval.txt", train, COUNT);
    const int test_count = read_list(folder, "test.txt", test, COUNT);
    int of_class[BREEDS + 1] = {0}, species[3] = {0};

    CHECK_INT(count, COUNT);
    CHECK_INT(train_count + test_count, COUNT);
    CHECK(train_count >= COUNT / 2 && train_count <= COUNT / 2 + BREEDS);
    for (int i = 0; i < count; i++) {
        const struct entry *e = &all[i];
        const int in_train = find_entry(train, train_count, e->name) != NULL;
        const int in_test = find_entry(test, test_count, e->name) != NULL;

        CHECK_INT(in_train + in_test, 1);
        CHECK(find_entry(all, i, e->name) == NULL); /* each name once */
        CHECK(e->class_id >= 1 && e->class_id <= BREEDS);
        CHECK(e->species == (isupper((unsigned char)e->name[0]) ? 1 : 2));
        CHECK(e->breed >= 1 && e->breed <= BREEDS / 2);
        of_class[e->class_id]++;
        species[e->species]++;
        if (i > 0) {
            const int order = strcasecmp(all[i - 1].name, e->name);

            CHECK(all[i - 1].class_id == e->class_id ||
                  (all[i - 1].class_id == e->class_id - 1 && order < 0));
        }
    }
    CHECK(abs(species[1] - species[2]) <= 1);
    for (int c = 1; c <= BREEDS; c++)
        CHECK(of_class[c] == COUNT / BREEDS || of_class[c] == COUNT / BREEDS + 1);
}

/* Files of all formats, each readable; the format is recognised by content. */
static void test_forms(const char *folder)
{
    char *images = ic_file_join(folder, "images"), **names;
    int jpeg = 0, png = 0, png_as_jpg = 0, grey = 0;
    size_t count;

    CHECK_OK(ic_file_list(images, &names, &count, &error));
    CHECK_INT(count, COUNT);
    for (size_t i = 0; i < count; i++) {
        char *path = ic_file_join(images, names[i]), warning[200];
        const char *dot = strrchr(names[i], '.');
        struct ic_image image;
        uint8_t *bytes;
        size_t size;
        int coloured = 0;

        CHECK_OK(ic_file_read(path, 1 << 20, &bytes, &size, &error));
        CHECK_OK(ic_image_decode(bytes, size, path, &image, warning, &error));
        CHECK_STRING(warning, "");
        for (int k = 0; k < image.width * image.height; k++)
            coloured |= image.rgb[3 * k] != image.rgb[3 * k + 1];
        grey += !coloured;
        if (ic_image_identify(bytes, size) == IC_IMAGE_PNG) {
            png += strcmp(dot, ".png") == 0;
            png_as_jpg += strcmp(dot, ".jpg") == 0;
        } else {
            CHECK_STRING(dot, ".jpg");
            jpeg++;
        }
        ic_image_free(&image);
        free(bytes), free(path);
    }
    CHECK(jpeg > COUNT * 8 / 10);
    CHECK(png >= 2 && png_as_jpg >= 2 && grey >= 4 && grey < COUNT / 8);
    ic_file_free_names(names, count);
    free(images);
}

/* The project's own readers read the folder like the real set. */
static void test_as_dataset(const char *folder)
{
    static const char *const first[] = {"Toy_Bengal", "cat"};
    static const enum ic_labels labels[] = {IC_LABELS_BREED, IC_LABELS_SPECIES};
    static const int classes[] = {BREEDS, 2};

    for (int i = 0; i < 2; i++) {
        struct ic_dataset dataset;
        struct ic_split split;

        CHECK_OK(ic_dataset_open(folder, labels[i], &dataset, &error));
        CHECK_INT(dataset.count, COUNT);
        CHECK_INT(dataset.class_count, classes[i]);
        CHECK_STRING(dataset.classes[0], first[i]);
        CHECK_OK(ic_split_make(&dataset, "official", 0, 0, 0, &split, &error));
        CHECK_INT(split.train_count + split.valid_count, COUNT);
        ic_split_free(&split);
        ic_dataset_close(&dataset);
    }
}

/* --- refusals -------------------------------------------------------------------- */

static void test_hostile_options(const char *folder)
{
    static const struct ic_toy_options bad[] = {
        {0, 64, 1},       {-1, 64, 1},
        {INT_MIN, 64, 1}, {IC_TOY_MAX_COUNT + 1, 64, 1},
        {INT_MAX, 64, 1}, {10, 0, 1},
        {10, -5, 1},      {10, IC_TOY_MIN_SIZE - 1, 1},
        {10, INT_MAX, 1}, {10, IC_TOY_MAX_SIZE + 1, 1}};
    char *path = folder_path(folder, "never");

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct ic_image image;

        CHECK_FAILS(ic_toy_pets_write(path, &bad[i], &error), IC_ERR_USAGE, "between");
        CHECK_FAILS(ic_toy_draw(&bad[i], 0, &image, &error), IC_ERR_USAGE, "between");
        CHECK(image.rgb == NULL);
        CHECK(!ic_file_exists(path));
    }
    free(path);
}

static void test_refused_folders(const char *folder)
{
    const struct ic_toy_options options = {.count = 2, .size = 40, .seed = 1};
    char *full = folder_path(folder, "full"), *file = folder_path(folder, "file");
    char *below = folder_path(folder, "file/below"),
         *empty = folder_path(folder, "empty");
    char **names;
    size_t count;

    folder_put_text(folder, "full/notes.txt", "mine");
    folder_put_text(folder, "file", "mine");
    CHECK_FAILS(ic_toy_pets_write(full, &options, &error), IC_ERR_USAGE, "not empty");
    CHECK_OK(ic_file_list(full, &names, &count, &error));
    CHECK_INT(count, 1);
    ic_file_free_names(names, count);
    CHECK_FAILS(ic_toy_pets_write(file, &options, &error), IC_ERR_IO, file);
    CHECK_FAILS(ic_toy_pets_write(below, &options, &error), IC_ERR_IO, file);
    CHECK_FAILS(ic_toy_pets_write("", &options, &error), IC_ERR_USAGE, "name");
    ic_file_make_folder(empty, &error);
    CHECK_OK(ic_toy_pets_write(empty, &options, &error)); /* an empty one is fine */
    CHECK_FAILS(ic_toy_pets_write(empty, &options, &error), IC_ERR_USAGE, "not empty");
    free(full), free(file), free(below), free(empty);
}

/* The system refuses a write in the middle of the work: no file is left behind. */
static void test_full_disk(const char *folder)
{
    const struct ic_toy_options options = {.count = 20, .size = 512, .seed = 1};
    char *fresh = folder_path(folder, "fresh"), *own = folder_path(folder, "own");
    struct rlimit before, tight;
    char **names;
    size_t count;

    ic_file_make_folder(own, &error);
    signal(SIGXFSZ, SIG_IGN);
    if (getrlimit(RLIMIT_FSIZE, &before) != 0)
        folder_broke("getrlimit");
    tight = before;
    tight.rlim_cur = 40000; /* JPEG files fit, the first PNG does not */
    if (setrlimit(RLIMIT_FSIZE, &tight) != 0)
        folder_broke("setrlimit");
    CHECK_FAILS(ic_toy_pets_write(fresh, &options, &error), IC_ERR_IO, fresh);
    CHECK_FAILS(ic_toy_pets_write(own, &options, &error), IC_ERR_IO, own);
    if (setrlimit(RLIMIT_FSIZE, &before) != 0)
        folder_broke("setrlimit");
    CHECK(!ic_file_exists(fresh));
    CHECK_OK(ic_file_list(own, &names, &count, &error)); /* existed before: stays */
    CHECK_INT(count, 0);
    ic_file_free_names(names, count);
    free(fresh), free(own);
}

int main(void)
{
    const struct ic_toy_options options = {.count = COUNT, .size = 48, .seed = 42};
    char *folder = folder_make(), *pets = folder_path(folder, "pets");

    test_draw_same();
    test_draw_golden();
    test_draw_sizes();
    test_draw_contrast();
    test_write_same(folder);
    CHECK_OK(ic_toy_pets_write(pets, &options, &error));
    test_lists(pets);
    test_forms(pets);
    test_as_dataset(pets);
    test_hostile_options(folder);
    test_refused_folders(folder);
    test_full_disk(folder);
    free(pets);
    folder_remove(folder);
    return check_result();
}
