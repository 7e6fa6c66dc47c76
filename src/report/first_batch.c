/* SPDX-License-Identifier: MIT */
/*
 * Draws a run's first batch. See first_batch.h.
 */
#include "report/first_batch.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "report/contact_sheet.h"

static ic_status add_pictures(struct ic_contact_sheet *sheet,
                              const struct ic_first_batch_report *report,
                              struct ic_error *error)
{
    const size_t size = (size_t)report->size;
    uint8_t *rgb = report->batch->rgb;
    ic_status status = IC_OK;

    for (int i = 0; i < sheet->count && status == IC_OK; i++, rgb += size * size * 3)
        status = ic_contact_sheet_add(sheet, rgb, report->size,
                                      &report->classes[report->batch->labels[i]], NULL,
                                      error);
    return status;
}

static ic_status draw(const char *path, const struct ic_first_batch_report *report,
                      struct ic_error *error)
{
    const int all = report->batch->count;
    const int count = all < IC_FIRST_BATCH_MOST ? all : IC_FIRST_BATCH_MOST;
    struct ic_contact_sheet sheet = {0};
    char heading[120];
    ic_status status;

    if (count < all)
        snprintf(heading, sizeof heading,
                 "The first %d of the %d pictures of the first batch, %d x %d pixels",
                 count, all, report->size, report->size);
    else
        snprintf(heading, sizeof heading, "The first batch, %d x %d pixels",
                 report->size, report->size);
    status = ic_contact_sheet_open(&sheet, path, count, 1, heading, error);
    if (status == IC_OK)
        status = add_pictures(&sheet, report, error);
    if (status == IC_OK)
        return ic_contact_sheet_commit(&sheet, error);
    ic_contact_sheet_abort(&sheet);
    return status;
}

ic_status ic_first_batch_draw(const struct ic_first_batch_report *report,
                              struct ic_error *error)
{
    char *path = ic_file_join(report->folder, "first-batch.svg");
    ic_status status;

    assert(report->batch->own == report->batch->count);
    if (path == NULL)
        return ic_fail_memory(error, "a path", 0);
    status = draw(path, report, error);
    free(path);
    return status;
}
