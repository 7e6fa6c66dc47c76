/* SPDX-License-Identifier: MIT */
/*
 * Leaves unreadable pictures out, and hashes a data set. See dataset_checked.h.
 */
#include "data/dataset_checked.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"

/* Counts the readable pictures of each class; marks the others in `gone`. Refuses the
 * first class that would be left without any. */
static ic_status mark_gone(const struct ic_dataset *dataset,
                           const struct ic_findings *findings, bool *gone, size_t *left,
                           struct ic_error *error)
{
    for (size_t i = 0; i < findings->count; i++)
        gone[findings->items[i].sample] |= !findings->items[i].readable;
    for (size_t i = 0; i < dataset->count; i++)
        if (!gone[i] && dataset->samples[i].label >= 0)
            left[dataset->samples[i].label]++;
    for (size_t i = 0; i < dataset->count; i++) {
        const struct ic_sample *sample = &dataset->samples[i];

        if (gone[i] && sample->label >= 0 && left[sample->label] == 0)
            return ic_fail(
                error, IC_ERR_USAGE,
                "every picture of the class %s in %s is unreadable (the first is %s)",
                dataset->classes[sample->label], dataset->folder, sample->name);
    }
    return IC_OK;
}

ic_status ic_dataset_drop(struct ic_dataset *dataset,
                          const struct ic_findings *findings, struct ic_error *error)
{
    bool *gone = calloc(dataset->count + 1, sizeof *gone);
    size_t *left = calloc((size_t)dataset->class_count + 1, sizeof *left);
    size_t kept = 0;
    ic_status status;

    if (gone == NULL || left == NULL)
        status = ic_fail_memory(error, "the pictures to leave out",
                                (dataset->count + 1) * sizeof *gone);
    else
        status = mark_gone(dataset, findings, gone, left, error);
    if (status == IC_OK) {
        for (size_t i = 0; i < dataset->count; i++)
            if (!gone[i])
                dataset->samples[kept++] = dataset->samples[i];
        dataset->count = kept;
    }
    free(gone);
    free(left);
    return status;
}

static uint32_t add_string(uint32_t crc, const char *text)
{
    return ic_file_crc32(crc, text, strlen(text) + 1);
}

/* Adds a number byte by byte, so that the checksum is the same on every machine. */
static uint32_t add_number(uint32_t crc, uint32_t number)
{
    const uint8_t bytes[4] = {(uint8_t)number, (uint8_t)(number >> 8),
                              (uint8_t)(number >> 16), (uint8_t)(number >> 24)};

    return ic_file_crc32(crc, bytes, sizeof bytes);
}

uint32_t ic_dataset_fingerprint(const struct ic_dataset *dataset)
{
    uint32_t crc = 0;

    for (int i = 0; i < dataset->class_count; i++)
        crc = add_string(crc, dataset->classes[i]);
    for (size_t i = 0; i < dataset->count; i++) {
        const struct ic_sample *sample = &dataset->samples[i];

        crc = add_string(crc, sample->name);
        crc = add_number(crc, (uint32_t)sample->label);
        crc = add_number(crc, sample->checked);
        crc = add_number(crc, sample->checksum);
    }
    return crc;
}
