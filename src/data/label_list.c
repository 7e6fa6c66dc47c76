/* SPDX-License-Identifier: MIT */
/*
 * Labels from a CSV file. See label_list.h.
 */
#include "data/label_list.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/csv_reader.h"
#include "base/file.h"
#include "base/text.h"
#include "data/layout.h"
#include "data/name.h"
#include "data/name_index.h"

#define MAX_LIST_BYTES ((size_t)1 << 28)

/* The columns of the file; -1: there is none. */
struct columns {
    int picture, label, side;
};

/* A file being read. */
struct list {
    struct ic_dataset *dataset;
    const char *path;
    struct ic_name_index names;
    struct columns columns;
    const char **class_of;
    unsigned *line_of;     /* of each sample: the row that names it, or 0 */
    size_t missing;        /* pictures that the data set lacks */
    unsigned missing_line; /* the first row that names one */
    char missing_name[200];
};

/* --- the columns ------------------------------------------------------------------ */

static const char *const picture_names[] = {
    "path", "file", "filename", "file_name", "image", "image_id", "image_path",
    "id",   "img",  "picture",  "name",      "fname", NULL};
static const char *const label_names[] = {"label",  "labels",   "class",   "class_name",
                                          "target", "category", "species", "breed",
                                          "tags",   NULL};
static const char *const side_names[] = {"split", "set",      "subset",
                                         "part",  "is_valid", NULL};

/* The first cell that is one of the names, in any case; -1: none is. */
static int find_column(const struct ic_csv_row *row, const char *const *names)
{
    for (int i = 0; i < row->count; i++)
        for (const char *const *name = names; *name != NULL; name++)
            if (strcasecmp(row->cells[i], *name) == 0)
                return i;
    return -1;
}

/* Finds the columns that a header names. Those that it does not name become the first
 * columns that are left. */
static struct columns read_header(const struct ic_csv_row *row)
{
    struct columns c = {find_column(row, picture_names), find_column(row, label_names),
                        find_column(row, side_names)};

    if (c.picture < 0)
        c.picture = c.label == 0 ? 1 : 0;
    for (int i = 0; c.label < 0 && i < row->count; i++)
        if (i != c.picture && i != c.side)
            c.label = i;
    return c;
}

static enum ic_name_answer find_picture(const struct list *list, const char *name,
                                        uint32_t *first, uint32_t *second)
{
    while (strncmp(name, "./", 2) == 0)
        name += 2;
    return ic_name_index_find(&list->names, name, strlen(name), first, second);
}

/* --- a row ------------------------------------------------------------------------ */

/* The cell, or "" where the row or the file has none. */
static const char *cell(const struct ic_csv_row *row, int column)
{
    return column >= 0 && column < row->count ? row->cells[column] : "";
}

/* Part of a message: a cell without control characters. */
#define SHOWN_BYTES 120
static const char *show(char out[SHOWN_BYTES], const char *text)
{
    return ic_text_show(out, SHOWN_BYTES, text, strlen(text));
}

/* Reads the side of a row: "train", "valid", "test" or a synonym, or a truth value that
 * says whether the picture validates. */
static bool read_side(const char *text, enum ic_part_name *ret_side)
{
    static const char *const yes[] = {"true", "1", "yes", NULL};
    static const char *const no[] = {"", "false", "0", "no", NULL};

    *ret_side = ic_layout_part_name(text);
    for (size_t i = 0; yes[i] != NULL; i++)
        if (strcasecmp(text, yes[i]) == 0)
            *ret_side = IC_PART_NAME_VALID;
    for (size_t i = 0; no[i] != NULL; i++)
        if (strcasecmp(text, no[i]) == 0)
            *ret_side = IC_PART_NAME_TRAIN;
    return *ret_side != IC_PART_NAME_NONE;
}

static void note_missing(struct list *list, const struct ic_csv_row *row,
                         const char *name)
{
    if (list->missing++ > 0)
        return;
    list->missing_line = row->line;
    ic_text_show(list->missing_name, sizeof list->missing_name, name, strlen(name));
}

/* Gives the sample the row's class and side. */
static ic_status take(struct list *list, const struct ic_csv_row *row, uint32_t sample,
                      enum ic_part_name side, struct ic_error *error)
{
    const char *const label = cell(row, list->columns.label);
    char shown[SHOWN_BYTES];

    if (list->line_of[sample] != 0)
        return ic_fail(error, IC_ERR_USAGE,
                       "%s line %u: %s was already named in line %u", list->path,
                       row->line, list->dataset->samples[sample].name,
                       list->line_of[sample]);
    list->line_of[sample] = row->line;
    if (*label == '\0')
        return ic_fail(error, IC_ERR_USAGE, "%s line %u gives %s no class", list->path,
                       row->line, list->dataset->samples[sample].name);
    if (!ic_text_is_plain(label))
        return ic_fail(error, IC_ERR_USAGE,
                       "%s line %u: the class %s holds a control character (shown as "
                       "'?')",
                       list->path, row->line, show(shown, label));
    list->class_of[sample] = ic_arena_strdup(&list->dataset->arena, label);
    if (list->class_of[sample] == NULL)
        return ic_fail_memory(error, "the name of a class", strlen(label) + 1);
    if (list->columns.side >= 0)
        list->dataset->samples[sample].part =
            side == IC_PART_NAME_VALID ? IC_PART_VALID : IC_PART_TRAIN;
    return IC_OK;
}

static ic_status read_row(struct list *list, const struct ic_csv_row *row,
                          struct ic_error *error)
{
    const char *const name = cell(row, list->columns.picture);
    const char *const side_text = cell(row, list->columns.side);
    enum ic_part_name side = IC_PART_NAME_TRAIN;
    uint32_t first, second;
    char shown[SHOWN_BYTES];

    if (row->unclosed)
        return ic_fail(error, IC_ERR_USAGE, "%s line %u: a quote (\") is not closed",
                       list->path, row->line);
    if (list->columns.side >= 0 && !read_side(side_text, &side))
        return ic_fail(error, IC_ERR_USAGE,
                       "%s line %u: the side is %s, expected train, valid or test",
                       list->path, row->line, show(shown, side_text));
    if (side == IC_PART_NAME_TEST)
        return IC_OK;
    switch (find_picture(list, name, &first, &second)) {
    case IC_NAME_NONE:
        note_missing(list, row, name);
        return IC_OK;
    case IC_NAME_SEVERAL:
        return ic_fail(error, IC_ERR_USAGE,
                       "%s line %u: %s is ambiguous: it matches %s and %s; give the "
                       "folder and the ending",
                       list->path, row->line, show(shown, name),
                       list->dataset->samples[first].name,
                       list->dataset->samples[second].name);
    case IC_NAME_ONE:
        break;
    }
    return take(list, row, first, side, error);
}

/* --- the file --------------------------------------------------------------------- */

static ic_status read_rows(struct list *list, char *text, size_t size,
                           struct ic_error *error)
{
    struct ic_csv_reader reader;
    struct ic_csv_row row;
    uint32_t first, second;
    ic_status status = IC_OK;

    ic_csv_reader_open(&reader, text, size);
    if (!ic_csv_reader_next(&reader, &row))
        return ic_fail(error, IC_ERR_USAGE,
                       "%s is empty: expected rows that name a picture and its class",
                       list->path);
    if (row.count < 2)
        return ic_fail(error, IC_ERR_USAGE,
                       "%s has only one column: expected a column of pictures and a "
                       "column of classes",
                       list->path);
    list->columns = (struct columns){0, 1, row.count > 2 ? 2 : -1};
    if (*ic_name_ending(row.cells[0]) == '\0' && !row.unclosed &&
        find_picture(list, row.cells[0], &first, &second) == IC_NAME_NONE) {
        list->columns = read_header(&row);
        if (!ic_csv_reader_next(&reader, &row))
            return ic_fail(error, IC_ERR_USAGE, "%s names no pictures", list->path);
    }
    do
        status = read_row(list, &row, error);
    while (status == IC_OK && ic_csv_reader_next(&reader, &row));
    return status;
}

static ic_status check_missing(const struct list *list, struct ic_error *error)
{
    if (list->missing == 0)
        return IC_OK;
    if (list->missing == 1)
        return ic_fail(error, IC_ERR_USAGE, "%s line %u names %s, which is not in %s",
                       list->path, list->missing_line, list->missing_name,
                       list->dataset->folder);
    return ic_fail(
        error, IC_ERR_USAGE,
        "%s line %u names %s, which is not in %s (%zu more name%s missing too)",
        list->path, list->missing_line, list->missing_name, list->dataset->folder,
        list->missing - 1, list->missing == 2 ? " is" : "s are");
}

/* Leaves out the samples that no row has named. */
static ic_status keep_named(const struct list *list, struct ic_error *error)
{
    struct ic_dataset *const dataset = list->dataset;
    size_t kept = 0;

    for (size_t i = 0; i < dataset->count; i++)
        if (list->line_of[i] != 0) {
            list->class_of[kept] = list->class_of[i];
            dataset->samples[kept++] = dataset->samples[i];
        }
    if (kept == 0)
        return ic_fail(error, IC_ERR_USAGE,
                       "%s names no picture of %s for training or validation",
                       list->path, dataset->folder);
    dataset->count = kept;
    return IC_OK;
}

ic_status ic_label_list_read(struct ic_dataset *dataset, const char *path,
                             const char **class_of, struct ic_error *error)
{
    struct list list = {.dataset = dataset, .path = path, .class_of = class_of};
    uint8_t *text = NULL;
    size_t size;
    ic_status status = ic_file_read(path, MAX_LIST_BYTES, &text, &size, error);

    if (status != IC_OK)
        return status;
    list.line_of = calloc(dataset->count, sizeof *list.line_of);
    if (list.line_of == NULL)
        status = ic_fail_memory(error, "a list of labels",
                                dataset->count * sizeof *list.line_of);
    else if (memchr(text, '\0', size) != NULL)
        status =
            ic_fail(error, IC_ERR_USAGE,
                    "%s contains zero bytes: save it as a CSV file in UTF-8", path);
    else
        status = ic_name_index_init(&list.names, dataset, error);
    if (status == IC_OK)
        status = read_rows(&list, (char *)text, size, error);
    if (status == IC_OK)
        status = check_missing(&list, error);
    if (status == IC_OK)
        status = keep_named(&list, error);
    ic_name_index_free(&list.names);
    free(list.line_of);
    free(text);
    return status;
}
