/*
 * The table of a job's options: default, range, words, and how they are written down.
 * See job.h.
 */
#include "train/job.h"

#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/machine.h"
#include "base/word.h"
#include "data/augment.h"
#include "data/dataset.h"
#include "data/square.h"
#include "train/optimizer.h"
#include "train/words.h"

enum kind { TEXT, WORD, INT, INT64, SEED, REAL };

/* The weights depend on this option: it must be the same after a resume. Folders and
 * the list of a split do not count, since what they hold is compared by a fingerprint.
 */
#define DEFINING true
#define FREE     false

struct option {
    const char *name; /* of the long option */
    enum kind kind;
    size_t offset; /* within struct ic_job */
    bool defining;
    double minimum, maximum;  /* of numbers, both allowed */
    const char *const *words; /* of a WORD; NULL-terminated */
};

/* A row of the table for an option of each kind; `member` is of struct ic_job. */
#define TEXT_ROW(name, member, defining)                                  \
    {                                                                     \
        name, TEXT, offsetof(struct ic_job, member), defining, 0, 0, NULL \
    }
#define WORD_ROW(name, member, defining, words)                            \
    {                                                                      \
        name, WORD, offsetof(struct ic_job, member), defining, 0, 0, words \
    }
#define NUMBER_ROW(name, kind, member, defining, minimum, maximum)                    \
    {                                                                                 \
        name, kind, offsetof(struct ic_job, member), defining, minimum, maximum, NULL \
    }

static const struct option options[] = {
    TEXT_ROW("data", data, FREE),
    WORD_ROW("labels", labels, DEFINING, ic_labels_names),
    WORD_ROW("arch", arch, DEFINING, ic_words_arch),
    WORD_ROW("head", head, DEFINING, ic_words_head),
    TEXT_ROW("pretrained", pretrained, FREE),
    WORD_ROW("recipe", recipe, DEFINING, ic_words_recipe),
    NUMBER_ROW("epochs", INT, epochs, DEFINING, 1, 100000),
    NUMBER_ROW("freeze-epochs", INT, freeze_epochs, DEFINING, 0, 100000),
    WORD_ROW("freeze", freeze, DEFINING, ic_words_freeze),
    NUMBER_ROW("patience", INT, patience, DEFINING, 0, 100000),
    NUMBER_ROW("lr", REAL, lr, DEFINING, 1e-9, 1e9),
    NUMBER_ROW("batch", INT, batch, DEFINING, 1, 65536),
    NUMBER_ROW("micro-batch", INT, micro_batch, DEFINING, 0, 65536),
    NUMBER_ROW("size", INT, size, DEFINING, 32, 4096),
    WORD_ROW("resize", resize, DEFINING, ic_fit_names),
    WORD_ROW("augment", augment, DEFINING, ic_augment_names),
    NUMBER_ROW("presize", INT, presize, DEFINING, 0, 16384),
    WORD_ROW("decode", decode, DEFINING, ic_decode_names),
    NUMBER_ROW("valid-pct", REAL, valid_pct, DEFINING, 0.001, 0.999),
    TEXT_ROW("split", split, FREE),
    NUMBER_ROW("seed", SEED, seed, DEFINING, 0, 0),
    WORD_ROW("bad-images", bad_images, DEFINING, ic_words_bad_images),
    WORD_ROW("optimizer", optimizer, DEFINING, ic_words_optimizer),
    NUMBER_ROW("weight-decay", REAL, weight_decay, DEFINING, 0, 100),
    NUMBER_ROW("label-smoothing", REAL, label_smoothing, DEFINING, 0, 0.99),
    NUMBER_ROW("ema", REAL, ema, DEFINING, 0, 0.999999),
    NUMBER_ROW("clip-norm", REAL, clip_norm, DEFINING, 0, 1e9),
    NUMBER_ROW("mixup", REAL, mixup, DEFINING, 0, 100),
    WORD_ROW("conv", compute.conv, DEFINING, ic_conv_algorithm_names),
    WORD_ROW("device", compute.device, DEFINING, ic_backend_names),
    WORD_ROW("precision", compute.precision, DEFINING, ic_precision_names),
    NUMBER_ROW("threads", INT, compute.threads, FREE, 0, 4096),
    NUMBER_ROW("workers", INT, workers, FREE, 0, 4096),
    TEXT_ROW("out", out, FREE),
    NUMBER_ROW("max-steps", INT64, max_steps, DEFINING, 0, 1e15),
    NUMBER_ROW("checkpoint-every", INT64, checkpoint_every, FREE, 0, 1e15),
};

static const size_t option_count = sizeof options / sizeof options[0];

void ic_job_defaults(struct ic_job *job)
{
    *job = (struct ic_job){
        .labels = "species",
        .arch = "resnet34",
        .pretrained = "none",
        .epochs = 1,
        .freeze_epochs = 1,
        .freeze = "weights",
        .lr = 2e-3,
        .batch = 64,
        .size = 224,
        .resize = "crop",
        .augment = "none",
        .decode = "exact",
        .valid_pct = 0.2,
        .split = "random",
        .seed = 42,
        .bad_images = "fail",
        .optimizer = "adam",
        .weight_decay = 0.01,
        .compute = ic_compute_default,
        .checkpoint_every = 100,
    };
}

int ic_job_micro_batch(const struct ic_job *job)
{
    return job->micro_batch > 0 && job->micro_batch < job->batch ? job->micro_batch
                                                                 : job->batch;
}

static const void *value_at(const struct ic_job *job, const struct option *option)
{
    return (const char *)job + option->offset;
}

static const char *text_at(const struct ic_job *job, const struct option *option)
{
    return *(const char *const *)value_at(job, option);
}

static double number_at(const struct ic_job *job, const struct option *option)
{
    const void *value = value_at(job, option);

    switch (option->kind) {
    case INT:
        return *(const int *)value;
    case INT64:
        return (double)*(const int64_t *)value;
    default:
        return *(const double *)value;
    }
}

/* --- checking ------------------------------------------------------------------ */

static ic_status check_option(const struct ic_job *job, const struct option *option,
                              struct ic_error *error)
{
    int index;

    switch (option->kind) {
    case TEXT:
    case WORD:
        if (text_at(job, option) == NULL || text_at(job, option)[0] == '\0')
            return ic_fail(error, IC_ERR_USAGE, "--%s is missing", option->name);
        if (strchr(text_at(job, option), '\n') != NULL)
            return ic_fail(error, IC_ERR_USAGE, "--%s holds a line end", option->name);
        if (option->kind == WORD)
            return ic_word_find(option->name, text_at(job, option), option->words,
                                &index, error);
        return IC_OK;
    case SEED:
        return IC_OK;
    default: {
        const double value = number_at(job, option);

        if (!(value >= option->minimum && value <= option->maximum))
            return ic_fail(error, IC_ERR_USAGE,
                           "--%s is %.10g, must be between %.10g and %.10g",
                           option->name, value, option->minimum, option->maximum);
        return IC_OK;
    }
    }
}

ic_status ic_job_check(struct ic_job *job, struct ic_error *error)
{
    ic_status status = IC_OK;

    if (job->head == NULL)
        job->head = strcmp(job->pretrained, "none") == 0 ? "plain" : "fastai";
    if (job->recipe == NULL)
        job->recipe = strcmp(job->pretrained, "none") == 0 ? "one-cycle" : "fine-tune";
    for (size_t i = 0; i < option_count && status == IC_OK; i++)
        status = check_option(job, &options[i], error);
    if (status != IC_OK)
        return status;
    if (job->presize == 0 && strcmp(job->augment, "fastai") == 0)
        job->presize = ic_augment_presize(job->size);
    if (job->presize != 0 && job->presize < job->size)
        return ic_fail(error, IC_ERR_USAGE,
                       "--presize is %d, must be 0 or at least --size, which is %d",
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

/* In double quotes where a reader of job files would otherwise see less: a comment or
 * blanks at an end. Paths with line ends are no values (see check_option). */
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
                        const struct option *option)
{
    const void *value = value_at(job, option);

    switch (option->kind) {
    case TEXT:
    case WORD:
        print_text(stream, text_at(job, option));
        break;
    case INT:
        fprintf(stream, "%d", *(const int *)value);
        break;
    case INT64:
        fprintf(stream, "%lld", (long long)*(const int64_t *)value);
        break;
    case SEED:
        fprintf(stream, "%llu", (unsigned long long)*(const uint64_t *)value);
        break;
    case REAL:
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
    for (size_t i = 0; i < option_count; i++) {
        if (defining_only && !options[i].defining)
            continue;
        fprintf(stream, "%s = ", options[i].name);
        print_value(stream, job, &options[i]);
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
    for (size_t i = 0; i < option_count; i++) {
        const char *name = options[i].name;
        int old_length = 0, new_length = 0;
        const char *old_value = find_value(old_text, name, &old_length);
        const char *new_value = find_value(new_text, name, &new_length);

        if (old_value == NULL && new_value == NULL)
            continue;
        if (old_value == NULL || new_value == NULL)
            return ic_fail(error, IC_ERR_USAGE,
                           "%s was written by another version of im2cat: --%s is not "
                           "in both jobs",
                           path, name);
        if (old_length != new_length ||
            memcmp(old_value, new_value, (size_t)old_length) != 0)
            return ic_fail(error, IC_ERR_USAGE,
                           "%s belongs to another job: --%s was %.*s, is now %.*s",
                           path, name, old_length, old_value, new_length, new_value);
    }
    return IC_OK;
}
