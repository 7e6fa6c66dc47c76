/* SPDX-License-Identifier: MIT */
/*
 * The check of all pictures: which findings it makes and in which order, the checksums,
 * the dropped pictures, and the fingerprint.
 */
#include "data/dataset_checked.h"

#include <sys/resource.h>
#include <zlib.h>

#include "base/file.h"
#include "check.h"
#include "folder.h"
#include "pictures.h"

static struct ic_error error;
static char *folder;

static void cut(const char *name, size_t left)
{
    char *path = folder_path(folder, "%s", name);

    if (truncate(path, (off_t)left) != 0)
        folder_broke(path);
    free(path);
}

/* Copies a file with 64 zero bytes inserted before its last two bytes, the end marker
 * of a JPEG. */
static void copy_with_zeros(const char *from, const char *to)
{
    char *path = folder_path(folder, "%s", from);
    uint8_t *bytes, *more;
    size_t size;

    if (ic_file_read(path, 1 << 20, &bytes, &size, &error) != IC_OK)
        folder_broke(path);
    more = check_alloc(size + 64, 1);
    memcpy(more, bytes, size - 2);
    memcpy(more + size + 62, bytes + size - 2, 2);
    folder_put(folder, to, more, size + 64);
    free(more);
    free(bytes);
    free(path);
}

static size_t size_of(const char *name)
{
    char *path = folder_path(folder, "%s", name);
    struct stat about;

    if (stat(path, &about) != 0)
        folder_broke(path);
    free(path);
    return (size_t)about.st_size;
}

/* Fourteen files, of which five are unreadable and four are odd. */
static void make_folder(void)
{
    char *link;

    folder = folder_make();
    picture_put(folder, "images/Bengal_1.jpg", false, 20, 30, 1);
    picture_put(folder, "images/Bengal_2.JPEG", false, 30, 20, 2);
    picture_put(folder, "images/Bengal_3.jpg", true, 8, 9, 3); /* a PNG */
    picture_put(folder, "images/Bengal_4.png", true, 9, 8, 4);
    picture_put(folder, "images/pug_1.jpg", false, 64, 64, 5);
    cut("images/pug_1.jpg", size_of("images/pug_1.jpg") / 2);
    picture_put(folder, "images/pug_2.jpg", false, 16, 16, 6);
    copy_with_zeros("images/pug_2.jpg", "images/pug_3.jpg");
    folder_put_text(folder, "images/pug_4.jpg", "");
    folder_put_text(folder, "images/pug_5.jpg", "BM and what follows");
    folder_put_text(folder, "images/pug_6.jpg", "hello");
    link = folder_path(folder, "images/pug_7.jpg");
    if (symlink("nowhere", link) != 0)
        folder_broke(link);
    free(link);
    picture_put(folder, "images/pug_8", false, 16, 16, 7);     /* has no extension */
    picture_put(folder, "images/pug_9.png", false, 16, 16, 8); /* a JPEG */
    picture_put(folder, "images/pug_90.jpg", false, 16, 16, 9);
    picture_add_exif(folder, "images/pug_90.jpg", 2);
}

static void open_set(struct ic_dataset *dataset)
{
    CHECK_OK(ic_dataset_open(folder, IC_LABELS_BREED, dataset, &error));
}

/* The sample of that name; ends the test where none exists. */
static struct ic_sample *find(struct ic_dataset *dataset, const char *name)
{
    for (size_t i = 0; i < dataset->count; i++)
        if (strcmp(dataset->samples[i].name, name) == 0)
            return &dataset->samples[i];
    fprintf(stderr, "no sample %s\n", name);
    exit(99);
}

static const struct expected {
    const char *name;
    bool readable;
    const char *reason; /* the beginning of the reason */
} expected_all[] = {
    {"images/Bengal_3.jpg", true, "it is a PNG picture, not JPEG as its name says"},
    {"images/pug_1.jpg", false, "it is truncated"},
    {"images/pug_3.jpg", true, "it decodes with a warning: "},
    {"images/pug_4.jpg", false, "it is empty"},
    {"images/pug_5.jpg", false, "it is truncated"},
    {"images/pug_6.jpg", false, "it is not in a known picture format"},
    {"images/pug_7.jpg", false, "cannot open it: No such file or directory"},
    {"images/pug_9.png", true, "it is a JPEG picture, not PNG as its name says"},
    {"images/pug_90.jpg", true, "its camera notes that it is to be mirrored"},
};
enum { EXPECTED = sizeof expected_all / sizeof expected_all[0] };

/* The findings are expected_all, or, unless `names_too`, its unreadable ones. */
static void check_findings(const struct ic_dataset *dataset,
                           const struct ic_findings *findings, bool names_too)
{
    size_t k = 0;

    for (size_t i = 0; i < EXPECTED; i++) {
        const struct expected *expected = &expected_all[i];
        const struct ic_finding *finding = &findings->items[k];

        if (expected->readable && !names_too)
            continue;
        CHECK(k < findings->count);
        if (k++ >= findings->count)
            return;
        CHECK_STRING(dataset->samples[finding->sample].name, expected->name);
        CHECK_INT(finding->readable, expected->readable);
        if (strncmp(finding->reason, expected->reason, strlen(expected->reason)) != 0)
            CHECK_FAIL("%s %s", expected->name, finding->reason);
        CHECK(strstr(finding->reason, folder) == NULL);
    }
    CHECK_INT(findings->count, k);
}

/* Every checksum is zlib's CRC-32 of the file. */
static void check_checksums(const struct ic_dataset *dataset)
{
    for (size_t i = 0; i < dataset->count; i++) {
        const struct ic_sample *sample = &dataset->samples[i];
        char *path = folder_path(folder, "%s", sample->name);
        unsigned char bytes[1 << 16];
        FILE *stream = fopen(path, "rb");

        CHECK_INT(sample->checked, stream != NULL);
        if (stream != NULL) {
            const size_t size = fread(bytes, 1, sizeof bytes, stream);

            CHECK_INT(sample->checksum, crc32(0, bytes, (unsigned)size));
            fclose(stream);
        }
        free(path);
    }
}

static void test_findings(void)
{
    static const int workers[] = {1, 2, 5, 40};
    const size_t one = size_of("images/Bengal_1.jpg");
    const size_t other = size_of("images/Bengal_2.JPEG");
    /* of a file, its 20 x 30 pixels, and as much again */
    const size_t largest = (one > other ? one : other) + 2 * 3 * 20 * 30;

    for (size_t i = 0; i < 2 * (sizeof workers / sizeof workers[0]); i++) {
        const bool names_too = i % 2;
        struct ic_dataset dataset;
        struct ic_findings findings;

        open_set(&dataset);
        CHECK_INT(dataset.count, 14);
        CHECK_OK(ic_check_pictures(&dataset, workers[i / 2], names_too, NULL, &findings,
                                   &error));
        check_findings(&dataset, &findings, names_too);
        check_checksums(&dataset);
        CHECK_INT(dataset.decode_bytes, largest);
        ic_findings_free(&findings);
        ic_findings_free(&findings); /* freeing an all-zero struct is allowed */
        ic_dataset_close(&dataset);
    }
}

/* The findings are the same, to the byte, for any number of workers, also when many
 * compete. */
static void test_many(void)
{
    enum { COUNT = 300 };
    struct ic_findings first = {0};

    folder = folder_make();
    for (int i = 0; i < COUNT; i++) {
        char name[64];

        snprintf(name, sizeof name, "%s/%03d.jpg", i % 2 ? "cat" : "dog", i);
        if (i % 3 == 0)
            folder_put_text(folder, name, i % 2 ? "GIF89a" : "PK\x03\x04");
        else
            picture_put(folder, name, i % 5 == 0, 4 + i % 7, 5, i);
    }
    for (int workers = 1; workers <= 7; workers += 3) {
        struct ic_dataset dataset;
        struct ic_findings findings;

        CHECK_OK(ic_dataset_open(folder, IC_LABELS_FOLDER, &dataset, &error));
        CHECK_OK(ic_check_pictures(&dataset, workers, true, NULL, &findings, &error));
        if (workers == 1) {
            first = findings;
            CHECK_INT(first.count, COUNT / 3 + COUNT / 15 * 2);
        } else {
            CHECK_INT(findings.count, first.count);
            CHECK(memcmp(findings.items, first.items,
                         first.count * sizeof *first.items) == 0);
            ic_findings_free(&findings);
        }
        ic_dataset_close(&dataset);
    }
    ic_findings_free(&first);
    folder_remove(folder);
}

static void test_drop(void)
{
    struct ic_dataset dataset;
    struct ic_findings findings;

    open_set(&dataset);
    CHECK_OK(ic_check_pictures(&dataset, 2, true, NULL, &findings, &error));
    CHECK_OK(ic_dataset_drop(&dataset, &findings, &error));
    CHECK_INT(dataset.count, 9);
    CHECK_INT(dataset.class_count, 2);
    for (size_t i = 0; i < EXPECTED; i++)
        for (size_t k = 0; k < dataset.count; k++)
            CHECK(expected_all[i].readable ||
                  strcmp(dataset.samples[k].name, expected_all[i].name) != 0);
    CHECK(find(&dataset, "images/pug_3.jpg")->checked);
    CHECK_INT(size_of("images/pug_4.jpg"), 0); /* no file on disk changes */
    ic_findings_free(&findings);
    CHECK_OK(ic_check_pictures(&dataset, 2, false, NULL, &findings, &error));
    CHECK_INT(findings.count, 0);
    CHECK(findings.items == NULL);
    CHECK_OK(ic_dataset_drop(&dataset, &findings, &error));
    CHECK_INT(dataset.count, 9);
    ic_findings_free(&findings);
    ic_dataset_close(&dataset);
}

static void test_drop_refused(void)
{
    struct ic_dataset dataset;
    struct ic_findings findings;

    folder = folder_make();
    picture_put(folder, "cat/1.jpg", false, 4, 4, 1);
    folder_put_text(folder, "dog/1.jpg", "x");
    folder_put_text(folder, "dog/2.jpg", "x");
    CHECK_OK(ic_dataset_open(folder, IC_LABELS_FOLDER, &dataset, &error));
    CHECK_OK(ic_check_pictures(&dataset, 3, false, NULL, &findings, &error));
    CHECK_FAILS(ic_dataset_drop(&dataset, &findings, &error), IC_ERR_USAGE,
                "every picture of the class dog");
    CHECK(strstr(error.message, "(the first is dog/1.jpg)") != NULL);
    CHECK_INT(dataset.count, 3);
    ic_findings_free(&findings);
    ic_dataset_close(&dataset);
    folder_remove(folder);
}

/* With the stop flag set from the beginning, no picture is read. */
static void test_stop(void)
{
    const atomic_int stop = 1;
    struct ic_dataset dataset;
    struct ic_findings findings;

    open_set(&dataset);
    CHECK_OK(ic_check_pictures(&dataset, 2, true, &stop, &findings, &error));
    CHECK_INT(findings.count, 0);
    for (size_t i = 0; i < dataset.count; i++)
        CHECK(!dataset.samples[i].checked);
    ic_findings_free(&findings);
    ic_dataset_close(&dataset);
}

/* --- the fingerprint
 * ------------------------------------------------------------------ */

/* Opens and checks the set, and returns its fingerprint. */
static uint32_t fingerprint(void)
{
    struct ic_dataset dataset;
    struct ic_findings findings;
    uint32_t number;

    CHECK_OK(ic_dataset_open(folder, IC_LABELS_BREED, &dataset, &error));
    CHECK_OK(ic_check_pictures(&dataset, 2, false, NULL, &findings, &error));
    number = ic_dataset_fingerprint(&dataset);
    CHECK_INT(ic_dataset_fingerprint(&dataset), number);
    ic_findings_free(&findings);
    ic_dataset_close(&dataset);
    return number;
}

static void rename_in_folder(const char *from, const char *to)
{
    char *old = folder_path(folder, "%s", from), *new = folder_path(folder, "%s", to);

    if (rename(old, new) != 0)
        folder_broke(old);
    free(old);
    free(new);
}

/* Names do not run into one another. */
static void test_separate_names(void)
{
    const char *one[] = {"ab", "c"}, *other[] = {"a", "bc"};
    const struct ic_dataset first = {.classes = one, .class_count = 2};
    const struct ic_dataset second = {.classes = other, .class_count = 2};

    CHECK(ic_dataset_fingerprint(&first) != ic_dataset_fingerprint(&second));
}

static void test_fingerprint(void)
{
    const uint32_t before = fingerprint();
    struct ic_dataset dataset;
    uint32_t number;

    CHECK(before != 0);
    CHECK_INT(fingerprint(), before);
    rename_in_folder("images/Bengal_1.jpg", "images/Bengal_7.jpg"); /* another name */
    CHECK(fingerprint() != before);
    rename_in_folder("images/Bengal_7.jpg", "images/Bengal_1.jpg");
    CHECK_INT(fingerprint(), before);
    rename_in_folder("images/Bengal_1.jpg", "images/x"); /* two files swap contents */
    rename_in_folder("images/Bengal_2.JPEG", "images/Bengal_1.jpg");
    rename_in_folder("images/x", "images/Bengal_2.JPEG");
    CHECK(fingerprint() != before);
    picture_put(folder, "images/pug_10.jpg", false, 16, 16, 9); /* one more picture */
    CHECK(fingerprint() != before);

    open_set(&dataset);
    number = ic_dataset_fingerprint(&dataset);
    dataset.samples[3].label = !dataset.samples[3].label;
    CHECK(ic_dataset_fingerprint(&dataset) != number);
    dataset.samples[3].label = !dataset.samples[3].label;
    dataset.samples[3].checksum ^= 1;
    CHECK(ic_dataset_fingerprint(&dataset) != number);
    dataset.samples[3].checksum ^= 1;
    dataset.classes[1] = "beagle";
    CHECK(ic_dataset_fingerprint(&dataset) != number);
    ic_dataset_close(&dataset);
}

/* A process that has no file descriptors left learns nothing about the pictures: none
 * of them is taken for unreadable. */
static void test_passing(void)
{
    struct rlimit before, none;
    struct ic_dataset dataset;
    struct ic_findings findings;

    open_set(&dataset);
    CHECK(getrlimit(RLIMIT_NOFILE, &before) == 0);
    none = before;
    none.rlim_cur = 0;
    CHECK(setrlimit(RLIMIT_NOFILE, &none) == 0);
    CHECK_FAILS(ic_check_pictures(&dataset, 2, true, NULL, &findings, &error),
                IC_ERR_IO, "Too many open files");
    CHECK(setrlimit(RLIMIT_NOFILE, &before) == 0);
    CHECK_INT(findings.count, 0);
    ic_dataset_close(&dataset);
}

int main(void)
{
    make_folder();
    test_findings();
    test_passing();
    test_drop();
    test_stop();
    test_fingerprint();
    test_separate_names();
    folder_remove(folder);
    test_many();
    test_drop_refused();
    return check_result();
}
