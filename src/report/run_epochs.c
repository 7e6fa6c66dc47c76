/* SPDX-License-Identifier: MIT */
/*
 * Reads metrics.csv. See run_epochs.h.
 */
#include "report/run_epochs.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/csv_reader.h"
#include "base/file.h"
#include "train/metrics.h"

#define TABLE_MOST ((size_t)1 << 28) /* bytes */

/* The columns that are read. The table has others between and after them. */
enum { PHASE, EPOCH, STEP, TRAIN_LOSS, VALID_LOSS, ERROR_RATE, SECONDS, COLUMNS };

static ic_status add_row(struct ic_run_epochs *epochs, const struct ic_csv_row *row,
                         size_t *capacity, const char *path, struct ic_error *error)
{
    struct ic_run_epoch epoch;

    if (row->count < COLUMNS)
        return ic_fail(error, IC_ERR_FORMAT,
                       "%s line %u has %d columns, not %d or more", path, row->line,
                       row->count, COLUMNS);
    if (epochs->count == *capacity) {
        const size_t more = *capacity > 0 ? 2 * *capacity : 32;
        struct ic_run_epoch *grown =
            realloc(epochs->items, more * sizeof *epochs->items);

        if (grown == NULL)
            return ic_fail_memory(error, path, more * sizeof *grown);
        epochs->items = grown;
        *capacity = more;
    }
    epoch = (struct ic_run_epoch){
        .epoch = atoi(row->cells[EPOCH]),
        .train_loss = atof(row->cells[TRAIN_LOSS]),
        .valid_loss = atof(row->cells[VALID_LOSS]),
        .error_rate = atof(row->cells[ERROR_RATE]),
        .seconds = atof(row->cells[SECONDS]),
    };
    snprintf(epoch.phase, sizeof epoch.phase, "%s", row->cells[PHASE]);
    epochs->items[epochs->count++] = epoch;
    return IC_OK;
}

static ic_status read_rows(struct ic_run_epochs *epochs, char *text, size_t size,
                           const char *path, struct ic_error *error)
{
    struct ic_best best = ic_best_none();
    struct ic_csv_reader reader;
    struct ic_csv_row row;
    size_t capacity = 0;
    ic_status status = IC_OK;

    ic_csv_reader_open(&reader, text, size);
    if (!ic_csv_reader_next(&reader, &row))
        return ic_fail(error, IC_ERR_FORMAT, "%s is empty", path);
    while (status == IC_OK && ic_csv_reader_next(&reader, &row))
        status = add_row(epochs, &row, &capacity, path, error);
    for (size_t i = 0; i < epochs->count; i++)
        if (ic_best_take(&best, epochs->items[i].error_rate,
                         epochs->items[i].valid_loss))
            epochs->best = i;
    return status;
}

ic_status ic_run_epochs_read(struct ic_run_epochs *ret_epochs, const char *folder,
                             struct ic_error *error)
{
    char *path = ic_file_join(folder, "metrics.csv");
    uint8_t *text = NULL;
    size_t size;
    ic_status status = path != NULL
                           ? ic_file_read(path, TABLE_MOST, &text, &size, error)
                           : ic_fail_memory(error, "a path", 0);

    *ret_epochs = (struct ic_run_epochs){0};
    if (status == IC_OK)
        status = read_rows(ret_epochs, (char *)text, size, path, error);
    if (status != IC_OK)
        ic_run_epochs_free(ret_epochs);
    free(text);
    free(path);
    return status;
}

void ic_run_epochs_free(struct ic_run_epochs *epochs)
{
    free(epochs->items);
    *epochs = (struct ic_run_epochs){0};
}
