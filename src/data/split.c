/*
 * Divides the samples into those that train and those that validate.
 *
 * "random" counts as fastai's RandomSplitter does (cut = int(valid_pct * n)); the
 * permutation is our own. "official" is the paper's: Parkhi et al., "Cats and Dogs",
 * CVPR 2012; pictures that neither of its lists names are on neither side.
 */
#include "data/split.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/random.h"
#include "base/size.h"
#include "base/text.h"
#include "data/name_index.h"

enum side { NOWHERE, TRAIN, VALID };

#define MAX_LIST_BYTES ((size_t)1 << 28)

/* Where a sample goes, and the list and line that say so. */
struct mark {
    enum side side;
    uint32_t line; /* 0: no list named it */
    const char *list;
};

/* A split being made. */
struct split_job {
    const struct ic_dataset *dataset;
    struct mark *marks; /* one a sample */
    struct ic_name_index names;
    size_t missing;      /* names that the data set lacks */
    char *first_missing; /* a sentence about the first of them */
};

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

static ic_status note_missing(struct split_job *job, const struct line *line,
                              struct ic_error *error)
{
    char shown[SHOWN_BYTES];

    if (job->missing++ > 0)
        return IC_OK;
    if (asprintf(&job->first_missing, "%s line %u names %s", line->list,
                 (unsigned)line->number, show(shown, line)) < 0) {
        job->first_missing = NULL;
        return ic_fail_memory(error, "a message", 0);
    }
    return IC_OK;
}

/* Puts the picture that a line names on a side. */
static ic_status mark_line(struct split_job *job, struct line line, enum side side,
                           struct ic_error *error)
{
    char shown[SHOWN_BYTES];
    const struct ic_sample *samples = job->dataset->samples;
    enum ic_name_answer answer;
    uint32_t first, second;
    struct mark *mark;

    /* A name may begin with '#' or a blank, so what is known is taken as it stands. */
    answer = ic_name_index_find(&job->names, line.text, line.length, &first, &second);
    if (answer == IC_NAME_NONE) {
        trim(&line);
        if (line.length == 0 || line.text[0] == '#')
            return IC_OK;
        answer =
            ic_name_index_find(&job->names, line.text, line.length, &first, &second);
    }
    if (answer == IC_NAME_NONE)
        return note_missing(job, &line, error);
    if (answer == IC_NAME_SEVERAL)
        return ic_fail(error, IC_ERR_USAGE,
                       "%s line %u: %s may be %s or %s; write it with its folder and "
                       "ending",
                       line.list, (unsigned)line.number, show(shown, &line),
                       samples[first].name, samples[second].name);
    mark = &job->marks[first];
    if (mark->line > 0)
        return ic_fail(error, IC_ERR_USAGE,
                       "%s line %u names %s again, which line %u of %s has named",
                       line.list, (unsigned)line.number, show(shown, &line),
                       (unsigned)mark->line, mark->list);
    *mark = (struct mark){side, line.number, line.list};
    return IC_OK;
}

/* Puts every picture that a list names on a side. `first_word`: the line goes on with
 * columns that are not ours. */
static ic_status mark_list(struct split_job *job, const char *list, bool first_word,
                           enum side side, struct ic_error *error)
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
        status = mark_line(job, line, side, error);
    }
    free(bytes);
    return status;
}

/* Refuses names that the data set lacks, unless they were dropped from it. */
static ic_status check_missing(const struct split_job *job, size_t dropped,
                               struct ic_error *error)
{
    if (job->missing <= dropped)
        return IC_OK;
    if (job->missing == 1)
        return ic_fail(error, IC_ERR_USAGE, "%s, which %s does not hold",
                       job->first_missing, job->dataset->folder);
    return ic_fail(error, IC_ERR_USAGE,
                   "%s, which %s does not hold (nor %zu more of the names)",
                   job->first_missing, job->dataset->folder, job->missing - 1);
}

/* --- the three ways -------------------------------------------------------------- */

static ic_status split_by_lists(struct split_job *job, const char *train_list,
                                const char *valid_list, bool first_word, size_t dropped,
                                struct ic_error *error)
{
    ic_status status = ic_name_index_init(&job->names, job->dataset, error);

    if (status == IC_OK && train_list != NULL)
        status = mark_list(job, train_list, first_word, TRAIN, error);
    if (status == IC_OK)
        status = mark_list(job, valid_list, first_word, VALID, error);
    if (status == IC_OK)
        status = check_missing(job, dropped, error);
    return status;
}

static ic_status split_official(struct split_job *job, size_t dropped,
                                struct ic_error *error)
{
    const char *folder = job->dataset->folder;
    char *train = ic_file_join(folder, "annotations/trainval.txt");
    char *valid = ic_file_join(folder, "annotations/test.txt");
    ic_status status = IC_OK;

    if (train == NULL || valid == NULL)
        status = ic_fail_memory(error, "a path", 0);
    else if (!ic_file_exists(train) || !ic_file_exists(valid))
        status = ic_fail(error, IC_ERR_USAGE,
                         "%s has no official split: expected annotations/trainval.txt "
                         "and annotations/test.txt below it",
                         folder);
    else
        status = split_by_lists(job, train, valid, true, dropped, error);
    free(train);
    free(valid);
    return status;
}

static ic_status split_file(struct split_job *job, const char *list, size_t dropped,
                            struct ic_error *error)
{
    if (!ic_file_exists(list))
        return ic_fail(error, IC_ERR_USAGE,
                       "no split %s: expected random, official or a file that names "
                       "the pictures for validation",
                       list);
    for (size_t i = 0; i < job->dataset->count; i++)
        job->marks[i].side = TRAIN;
    return split_by_lists(job, NULL, list, false, dropped, error);
}

static ic_status split_random(struct split_job *job, double valid_pct, uint64_t seed,
                              struct ic_error *error)
{
    const uint32_t count = (uint32_t)job->dataset->count;
    const uint32_t cut = (uint32_t)(valid_pct * count);
    struct ic_random random;
    uint32_t *order;
    size_t bytes;

    if (!ic_size_mul(count, sizeof *order, &bytes) || (order = malloc(bytes)) == NULL)
        return ic_fail_memory(error, "the order of a split", count * sizeof *order);
    ic_random_init(&random, seed, IC_RANDOM_SPLIT, 0, 0);
    ic_random_permutation(&random, order, count);
    for (uint32_t i = 0; i < count; i++)
        job->marks[order[i]].side = i < cut ? VALID : TRAIN;
    free(order);
    return IC_OK;
}

/* Keeps what stands under train/ and valid/; false when the layout does not say. */
static bool split_as_it_stands(struct split_job *job)
{
    for (size_t i = 0; i < job->dataset->count; i++) {
        const enum ic_sample_part part = job->dataset->samples[i].part;

        if (part == IC_PART_ANY)
            return false;
        job->marks[i].side = part == IC_PART_TRAIN ? TRAIN : VALID;
    }
    return true;
}

/* --- the outside ----------------------------------------------------------------- */

/* Turns the marks into lists of indices, which come out ascending. */
static ic_status collect(const struct split_job *job, const char *how,
                         struct ic_split *split, struct ic_error *error)
{
    const size_t count = job->dataset->count;
    size_t bytes;

    if (!ic_size_mul(count, sizeof *split->train, &bytes) ||
        (split->train = malloc(bytes)) == NULL ||
        (split->valid = malloc(bytes)) == NULL)
        return ic_fail_memory(error, "a split", count * sizeof *split->train);
    for (uint32_t i = 0; i < count; i++) {
        if (job->marks[i].side == TRAIN)
            split->train[split->train_count++] = i;
        else if (job->marks[i].side == VALID)
            split->valid[split->valid_count++] = i;
    }
    if (split->train_count > 0 && split->valid_count > 0)
        return IC_OK;
    return ic_fail(error, IC_ERR_USAGE,
                   "the split %s of %s leaves %zu pictures for training and %zu for "
                   "validation; both need at least one: take another split, or "
                   "another --valid-pct for a random one",
                   how, job->dataset->folder, split->train_count, split->valid_count);
}

ic_status ic_split_make(const struct ic_dataset *dataset, const char *how,
                        double valid_pct, uint64_t seed, size_t dropped,
                        struct ic_split *ret_split, struct ic_error *error)
{
    struct split_job job = {.dataset = dataset};
    ic_status status = IC_OK;

    *ret_split = (struct ic_split){0};
    job.marks = calloc(dataset->count, sizeof *job.marks);
    if (job.marks == NULL)
        return ic_fail_memory(error, "a split", dataset->count * sizeof *job.marks);
    if (strcmp(how, "official") == 0)
        status = split_official(&job, dropped, error);
    else if (strcmp(how, "random") != 0)
        status = split_file(&job, how, dropped, error);
    else if (split_as_it_stands(&job))
        status = IC_OK;
    else if (!(valid_pct > 0 && valid_pct < 1))
        status = ic_fail(error, IC_ERR_USAGE,
                         "the part for validation is %g, expected a number between 0 "
                         "and 1",
                         valid_pct);
    else
        status = split_random(&job, valid_pct, seed, error);
    if (status == IC_OK)
        status = collect(&job, how, ret_split, error);
    if (status != IC_OK)
        ic_split_free(ret_split);
    ic_name_index_free(&job.names);
    free(job.first_missing);
    free(job.marks);
    return status;
}

void ic_split_free(struct ic_split *split)
{
    free(split->train);
    free(split->valid);
    *split = (struct ic_split){0};
}
