/* SPDX-License-Identifier: MIT */
/*
 * Equal files under several names, files with equal checksums but different bytes, and
 * unreadable files.
 */
#include "data/duplicates.h"

#include "base/file.h"
#include "check.h"
#include "data/check.h"
#include "folder.h"

static struct ic_error error;

/* Four more bytes give any text a wanted checksum. CRC-32 is linear, so they are found
 * bit by bit, from the effect of each bit. */
static void forge(uint8_t *text, size_t size, uint32_t checksum)
{
    uint32_t rows[32], columns[32], wanted;

    memset(text + size, 0, 4);
    wanted = ic_file_crc32(0, text, size + 4) ^ checksum;
    for (int i = 0; i < 32; i++) {
        memset(text + size, 0, 4);
        rows[i] = ic_file_crc32(0, text, size + 4);
        text[size + (size_t)i / 8] = (uint8_t)(1 << (i % 8));
        rows[i] ^= ic_file_crc32(0, text, size + 4);
        columns[i] = UINT32_C(1) << i;
    }
    memset(text + size, 0, 4);
    for (int bit = 0; bit < 32; bit++) { /* Gauss-Jordan */
        int pivot = bit;

        while (pivot < 32 && !(rows[pivot] >> bit & 1))
            pivot++;
        CHECK(pivot < 32);
        if (pivot == 32)
            return;
        for (int i = 0; i < 32; i++)
            if (i != pivot && rows[i] >> bit & 1) {
                rows[i] ^= rows[pivot];
                columns[i] ^= columns[pivot];
            }
        const uint32_t row = rows[pivot], column = columns[pivot];
        rows[pivot] = rows[bit];
        columns[pivot] = columns[bit];
        rows[bit] = row;
        columns[bit] = column;
    }
    for (int bit = 0; bit < 32; bit++)
        if (wanted >> bit & 1)
            for (int i = 0; i < 32; i++)
                text[size + (size_t)i / 8] ^=
                    (uint8_t)((columns[bit] >> i & 1) << (i % 8));
}

static void check_pair(const struct ic_dataset *dataset,
                       const struct ic_duplicates *duplicates, size_t at,
                       const char *name, const char *first)
{
    CHECK(at < duplicates->count);
    if (at >= duplicates->count)
        return;
    CHECK_STRING(dataset->samples[duplicates->items[at].sample].name, name);
    CHECK_STRING(dataset->samples[duplicates->items[at].first].name, first);
}

/* The pictures here are texts: their checksums are known although they are unreadable
 * as pictures. */
static void test_find(void)
{
    char *folder = folder_make();
    const char *const names[] = {"a/1.jpg", "a/2.jpg", "a/3.jpg", "b/1.jpg",
                                 "b/2.jpg", "b/3.jpg", "b/4.jpg", "b/5.jpg"};
    const char *const texts[] = {"one", "two", "one", "three", "two", "one", "", ""};
    uint8_t forged[12] = "another";
    struct ic_dataset dataset;
    struct ic_findings findings;
    struct ic_duplicates duplicates;

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        folder_put_text(folder, names[i], texts[i]);
    forge(forged, 7, ic_file_crc32(0, (const uint8_t *)"three", 5));
    folder_put(folder, "b/0.jpg", forged, 11); /* the checksum of "three" */
    CHECK_OK(ic_dataset_open(folder, IC_LABELS_FOLDER, &dataset, &error));
    CHECK_OK(ic_duplicates_find(&dataset, &duplicates, &error));
    CHECK_INT(duplicates.count, 0); /* no checksum is known yet */
    ic_duplicates_free(&duplicates);

    CHECK_OK(ic_check_pictures(&dataset, 2, false, NULL, &findings, &error));
    CHECK_INT(dataset.samples[3].checksum, dataset.samples[4].checksum);
    CHECK_OK(ic_duplicates_find(&dataset, &duplicates, &error));
    CHECK_INT(duplicates.count, 4);
    check_pair(&dataset, &duplicates, 0, "a/3.jpg", "a/1.jpg");
    check_pair(&dataset, &duplicates, 1, "b/2.jpg", "a/2.jpg");
    check_pair(&dataset, &duplicates, 2, "b/3.jpg", "a/1.jpg");
    check_pair(&dataset, &duplicates, 3, "b/5.jpg", "b/4.jpg");
    ic_duplicates_free(&duplicates);
    ic_duplicates_free(&duplicates); /* freeing an all-zero struct is allowed */

    folder_remove(folder);
    CHECK_OK(ic_duplicates_find(&dataset, &duplicates, &error));
    CHECK_INT(duplicates.count, 0); /* no file can be read any more */
    ic_duplicates_free(&duplicates);
    ic_findings_free(&findings);
    ic_dataset_close(&dataset);
}

int main(void)
{
    test_find();
    return check_result();
}
