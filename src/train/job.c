/* SPDX-License-Identifier: MIT */
/*
 * A job's defaults, checks and text, from the table of its options. See job.h and
 * job_options.h.
 */
#include "train/job.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/machine.h"
#include "base/word.h"
#include "data/layout.h"
#include "train/job_options.h"

#define FIELD(field) field

const struct ic_option ic_job_options[] = {
    IC_JOB_OPTIONS_START(struct ic_job, FIELD),
    IC_JOB_OPTIONS_EPOCHS(struct ic_job, FIELD),
    IC_JOB_OPTIONS_FREEZE(struct ic_job, FIELD),
    IC_JOB_OPTIONS_RATE(struct ic_job, FIELD),
    IC_JOB_OPTIONS_STEP(struct ic_job, FIELD),
    IC_JOB_OPTIONS_EMA(struct ic_job, FIELD),
    IC_JOB_OPTIONS_GRADIENT(struct ic_job, FIELD),
    IC_JOB_OPTIONS_COMPUTE(struct ic_job, FIELD),
    IC_JOB_OPTIONS_RUN(struct ic_job, FIELD),
    {0}};

void ic_job_defaults(struct ic_job *job)
{
    *job = (struct ic_job){0};
    for (const struct ic_option *o = ic_job_options; o->name != NULL; o++) {
        struct ic_error error;

        if (o->fallback != NULL && ic_option_set(o, (char *)job + o->offset,
                                                 o->fallback, o->name, &error) != IC_OK)
            assert(!"a default is out of its range");
    }
}

int ic_job_micro_batch(const struct ic_job *job)
{
    return job->micro_batch > 0 && job->micro_batch < job->batch ? job->micro_batch
                                                                 : job->batch;
}

static const void *value_at(const struct ic_job *job, const struct ic_option *option)
{
    return (const char *)job + option->offset;
}

static const char *text_at(const struct ic_job *job, const struct ic_option *option)
{
    return *(const char *const *)value_at(job, option);
}

static double number_at(const struct ic_job *job, const struct ic_option *option)
{
    const void *value = value_at(job, option);

    switch (option->type) {
    case IC_OPTION_INT:
        return *(const int *)value;
    case IC_OPTION_INT64:
        return (double)*(const int64_t *)value;
    case IC_OPTION_UINT64:
        return (double)*(const uint64_t *)value;
    default:
        return *(const double *)value;
    }
}

/* --- checking ------------------------------------------------------------------ */

static ic_status check_text(const struct ic_job *job, const struct ic_option *option,
                            struct ic_error *error)
{
    const char *text = text_at(job, option);
    int index;

    if (text == NULL || text[0] == '\0')
        return ic_fail(error, IC_ERR_USAGE, "--%s is missing", option->name);
    if (strchr(text, '\n') != NULL)
        return ic_fail(error, IC_ERR_USAGE, "--%s contains a line break", option->name);
    if (option->choices == NULL)
        return IC_OK;
    return ic_word_find(option->name, text, option->choices, &index, error);
}

static ic_status check_option(const struct ic_job *job, const struct ic_option *option,
                              struct ic_error *error)
{
    double value;

    if (option->type == IC_OPTION_FLAG)
        return IC_OK;
    if (option->type == IC_OPTION_TEXT)
        return check_text(job, option, error);
    value = number_at(job, option);
    if (!(value >= option->min && value <= option->max))
        return ic_fail(error, IC_ERR_USAGE,
                       "--%s is %.10g, but must be between %.10g and %.10g",
                       option->name, value, option->min, option->max);
    return IC_OK;
}

/* Refuses a part of --augment fastai that is not at its default where it has no effect.
 */
static ic_status check_parts(const struct ic_job *job, struct ic_error *error)
{
    const struct ic_augment_parts *const asked = &job->parts, *const usual =
                                                                  &ic_augment_fastai;
    const struct {
        const char *option;
        double asked, usual;
    } parts[] = {
        {"max-rotate", asked->max_rotate, usual->max_rotate},
        {"max-zoom", asked->max_zoom, usual->max_zoom},
        {"max-warp", asked->max_warp, usual->max_warp},
        {"p-affine", asked->affine_chance, usual->affine_chance},
        {"max-lighting", asked->max_lighting, usual->max_lighting},
        {"p-lighting", asked->light_chance, usual->light_chance},
        {"min-scale", asked->min_scale, usual->min_scale},
    };

    if (strcmp(job->augment, "none") == 0 && asked->flip != usual->flip)
        return ic_fail(error, IC_ERR_USAGE,
                       "--p-flip applies only with --augment flip or fastai");
    if (strcmp(job->augment, "fastai") == 0)
        return IC_OK;
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
        if (parts[i].asked != parts[i].usual)
            return ic_fail(error, IC_ERR_USAGE,
                           "--%s applies only with --augment fastai", parts[i].option);
    return IC_OK;
}

/* Refuses two options that would do the same thing twice. */
static ic_status check_pairs(const struct ic_job *job, struct ic_error *error)
{
    if (job->mixup > 0 && job->cutmix > 0)
        return ic_fail(error, IC_ERR_USAGE,
                       "--mixup and --cutmix both mix pictures: choose one of them");
    if (strcmp(job->sampling, "balanced") == 0 &&
        strcmp(job->class_weights, "balanced") == 0)
        return ic_fail(error, IC_ERR_USAGE,
                       "--sampling balanced and --class-weights balanced both make up "
                       "for small classes: choose one of them");
    return IC_OK;
}

ic_status ic_job_check(struct ic_job *job, struct ic_error *error)
{
    enum ic_labels labels = IC_LABELS_SPECIES;
    ic_status status = IC_OK;

    if (job->labels == NULL && job->data != NULL) {
        status = ic_layout_labels(job->data, &labels, error);
        job->labels = ic_labels_names[labels];
    }
    if (job->head == NULL)
        job->head = strcmp(job->pretrained, "none") == 0 ? "plain" : "fastai";
    if (job->recipe == NULL)
        job->recipe = strcmp(job->pretrained, "none") == 0 ? "one-cycle" : "fine-tune";
    for (const struct ic_option *o = ic_job_options; o->name != NULL; o++)
        if (status == IC_OK)
            status = check_option(job, o, error);
    if (status == IC_OK)
        status = check_parts(job, error);
    if (status == IC_OK)
        status = check_pairs(job, error);
    if (status != IC_OK)
        return status;
    if (job->presize == 0 && strcmp(job->augment, "fastai") == 0)
        job->presize = ic_augment_presize(job->size);
    if (job->presize != 0 && job->presize < job->size)
        return ic_fail(error, IC_ERR_USAGE,
                       "--presize is %d, but must be 0 or at least --size, which is %d",
                       job->presize, job->size);
    job->compute.threads = ic_machine_threads(job->compute.threads);
    if (job->workers == 0)
        job->workers = job->compute.threads;
    return IC_OK;
}

/* --- as text ------------------------------------------------------------------- */

/* The fewest digits that read back as the same number. */
static void print_real(FILE *stream, double value)
{
    char text[40];
    int digits = 1;

    do
        snprintf(text, sizeof text, "%.*g", digits, value);
    while (++digits <= 17 && strtod(text, NULL) != value);
    fputs(text, stream);
}

/* Prints a text, in double quotes where a reader of job files would otherwise drop a
 * part of it: a comment, or blanks at an end. Paths with line ends are not values (see
 * check_option). */
static void print_text(FILE *stream, const char *text)
{
    const size_t length = strlen(text);
    const char *blanks = " \t\r\v\f";

    if (strpbrk(text, "\"#") == NULL && strchr(blanks, text[0]) == NULL &&
        strchr(blanks, text[length - 1]) == NULL) {
        fputs(text, stream);
        return;
    }
    fputc('"', stream);
    for (; *text != '\0'; text++) {
        if (*text == '"' || *text == '\\')
            fputc('\\', stream);
        fputc(*text, stream);
    }
    fputc('"', stream);
}

static void print_value(FILE *stream, const struct ic_job *job,
                        const struct ic_option *option)
{
    const void *value = value_at(job, option);

    switch (option->type) {
    case IC_OPTION_TEXT:
        print_text(stream, text_at(job, option));
        break;
    case IC_OPTION_FLAG:
        fputs(*(const bool *)value ? "yes" : "no", stream);
        break;
    case IC_OPTION_INT:
        fprintf(stream, "%d", *(const int *)value);
        break;
    case IC_OPTION_INT64:
        fprintf(stream, "%lld", (long long)*(const int64_t *)value);
        break;
    case IC_OPTION_UINT64:
        fprintf(stream, "%llu", (unsigned long long)*(const uint64_t *)value);
        break;
    case IC_OPTION_REAL:
        print_real(stream, *(const double *)value);
        break;
    }
}

char *ic_job_to_text(const struct ic_job *job, bool defining_only)
{
    char *text = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&text, &size);

    if (stream == NULL)
        return NULL;
    for (const struct ic_option *o = ic_job_options; o->name != NULL; o++) {
        if (o->command_line_only || (defining_only && !o->defining))
            continue;
        fprintf(stream, "%s = ", o->name);
        print_value(stream, job, o);
        fputc('\n', stream);
    }
    if (fclose(stream) != 0) {
        free(text);
        return NULL;
    }
    return text;
}

/* The value of `name` in a job's text: *ret_length characters, or NULL. */
static const char *find_value(const char *text, const char *name, int *ret_length)
{
    const size_t length = strlen(name);

    while (*text != '\0') {
        const char *end = text + strcspn(text, "\n");

        if (strncmp(text, name, length) == 0 && strncmp(text + length, " = ", 3) == 0) {
            *ret_length = (int)(end - (text + length + 3));
            return text + length + 3;
        }
        text = *end == '\0' ? end : end + 1;
    }
    return NULL;
}

ic_status ic_job_compare(const char *old_text, const char *new_text, const char *path,
                         struct ic_error *error)
{
    for (const struct ic_option *o = ic_job_options; o->name != NULL; o++) {
        const char *name = o->name;
        int old_length = 0, new_length = 0;
        const char *old_value = find_value(old_text, name, &old_length);
        const char *new_value = find_value(new_text, name, &new_length);

        if (old_value == NULL && new_value == NULL)
            continue;
        if (old_value == NULL || new_value == NULL)
            return ic_fail(error, IC_ERR_USAGE,
                           "%s was written by another version of im2cat: only one of "
                           "the two knows --%s",
                           path, name);
        if (old_length != new_length ||
            memcmp(old_value, new_value, (size_t)old_length) != 0)
            return ic_fail(
                error, IC_ERR_USAGE,
                "%s belongs to a different job: --%s was %.*s and is now %.*s", path,
                name, old_length, old_value, new_length, new_value);
    }
    return IC_OK;
}
