/* SPDX-License-Identifier: MIT */
/*
 * Lists of pictures: see split_marks.h.
 */
#include "data/split_marks.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/text.h"

#define MAX_LIST_BYTES ((size_t)1 << 28)

ic_status ic_split_marks_open(struct ic_split_marks *marks,
                              const struct ic_dataset *dataset, struct ic_error *error)
{
    *marks = (struct ic_split_marks){
        .dataset = dataset, .items = calloc(dataset->count, sizeof *marks->items)};
    return marks->items != NULL ? IC_OK
                                : ic_fail_memory(error, "a split",
                                                 dataset->count * sizeof *marks->items);
}

void ic_split_marks_free(struct ic_split_marks *marks)
{
    ic_name_index_free(&marks->names);
    free(marks->first_missing);
    free(marks->items);
}

/* --- lists --------------------------------------------------------------------- */

/* A line of a list: the name in it and where it stands. */
struct line {
    const char *list; /* path of the file, for messages */
    const char *text;
    size_t length;
    uint32_t number;
};

/* Part of a message: the start of the line's name, without control characters. */
#define SHOWN_BYTES 120
static const char *show(char out[SHOWN_BYTES], const struct line *line)
{
    return ic_text_show(out, SHOWN_BYTES, line->text, line->length);
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

static void trim(struct line *line)
{
    while (line->length > 0 && is_blank(line->text[line->length - 1]))
        line->length--;
    while (line->length > 0 && is_blank(line->text[0])) {
        line->text++;
        line->length--;
    }
}

static void cut_after_first_word(struct line *line)
{
    trim(line);
    for (size_t i = 0; i < line->length; i++)
        if (is_blank(line->text[i]))
            line->length = i;
}

static ic_status note_missing(struct ic_split_marks *marks, const struct line *line,
                              struct ic_error *error)
{
    char shown[SHOWN_BYTES];

    if (marks->missing++ > 0)
        return IC_OK;
    if (asprintf(&marks->first_missing, "%s line %u names %s", line->list,
                 (unsigned)line->number, show(shown, line)) < 0) {
        marks->first_missing = NULL;
        return ic_fail_memory(error, "a message", 0);
    }
    return IC_OK;
}

/* Puts the picture that a line names on a side. */
static ic_status mark_line(struct ic_split_marks *marks, struct line line,
                           enum ic_split_side side, struct ic_error *error)
{
    char shown[SHOWN_BYTES];
    const struct ic_sample *samples = marks->dataset->samples;
    enum ic_name_answer answer;
    uint32_t first, second;
    struct ic_split_mark *mark;

    /* A name may begin with '#' or a blank, so what is known is taken as it stands. */
    answer = ic_name_index_find(&marks->names, line.text, line.length, &first, &second);
    if (answer == IC_NAME_NONE) {
        trim(&line);
        if (line.length == 0 || line.text[0] == '#')
            return IC_OK;
        answer =
            ic_name_index_find(&marks->names, line.text, line.length, &first, &second);
    }
    if (answer == IC_NAME_NONE)
        return note_missing(marks, &line, error);
    if (answer == IC_NAME_SEVERAL)
        return ic_fail(error, IC_ERR_USAGE,
                       "%s line %u: %s is ambiguous: it matches %s and %s; give the "
                       "folder and the ending",
                       line.list, (unsigned)line.number, show(shown, &line),
                       samples[first].name, samples[second].name);
    mark = &marks->items[first];
    if (mark->line > 0)
        return ic_fail(error, IC_ERR_USAGE,
                       "%s line %u: %s was already named in line %u of %s", line.list,
                       (unsigned)line.number, show(shown, &line), (unsigned)mark->line,
                       mark->list);
    *mark = (struct ic_split_mark){side, line.number, line.list};
    return IC_OK;
}

/* Puts every picture that a list names on a side. With `first_word` the first word of a
 * line is the name, and the rest is not read. */
static ic_status mark_list(struct ic_split_marks *marks, const char *list,
                           bool first_word, enum ic_split_side side,
                           struct ic_error *error)
{
    struct line line = {.list = list};
    uint8_t *bytes;
    size_t size;
    ic_status status = ic_file_read(list, MAX_LIST_BYTES, &bytes, &size, error);
    const char *at, *end;

    if (status != IC_OK)
        return status;
    at = (const char *)bytes;
    end = at + size;
    if (size >= 3 && memcmp(at, "\xef\xbb\xbf", 3) == 0)
        at += 3; /* a byte order mark, as some editors write it */
    while (status == IC_OK && at < end) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));

        line.text = at;
        line.length = (size_t)((stop == NULL ? end : stop) - at);
        line.number++;
        at = stop == NULL ? end : stop + 1;
        if (line.length > 0 && line.text[line.length - 1] == '\r')
            line.length--;
        if (first_word)
            cut_after_first_word(&line);
        status = mark_line(marks, line, side, error);
    }
    free(bytes);
    return status;
}

/* Refuses names that the data set lacks, unless they were dropped from it. */
static ic_status check_missing(const struct ic_split_marks *marks, size_t dropped,
                               struct ic_error *error)
{
    if (marks->missing <= dropped)
        return IC_OK;
    if (marks->missing == 1)
        return ic_fail(error, IC_ERR_USAGE, "%s, which is not in %s",
                       marks->first_missing, marks->dataset->folder);
    return ic_fail(error, IC_ERR_USAGE,
                   "%s, which is not in %s (%zu more name%s missing too)",
                   marks->first_missing, marks->dataset->folder, marks->missing - 1,
                   marks->missing == 2 ? " is" : "s are");
}

ic_status ic_split_marks_take(struct ic_split_marks *marks, const char *train_list,
                              const char *valid_list, bool first_word, size_t dropped,
                              struct ic_error *error)
{
    ic_status status = ic_name_index_init(&marks->names, marks->dataset, error);

    if (status == IC_OK && train_list != NULL)
        status = mark_list(marks, train_list, first_word, IC_SPLIT_TRAIN, error);
    if (status == IC_OK)
        status = mark_list(marks, valid_list, first_word, IC_SPLIT_VALID, error);
    if (status == IC_OK)
        status = check_missing(marks, dropped, error);
    return status;
}
