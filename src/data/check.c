/* SPDX-License-Identifier: MIT */
/*
 * Decodes every picture once and says what is wrong with each. The outcome of a picture
 * does not depend on the others, and the findings are sorted by sample, so any number
 * of workers gives the same findings.
 *
 * dataset_checked.c drops pictures and computes the fingerprint.
 */
#include "data/check.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/size.h"
#include "base/text.h"
#include "data/name.h"
#include "data/workers.h"
#include "image/exif.h"
#include "image/image.h"
#include "image/signature.h"

/* The state that the workers share. The mutex guards all of it but the data set, in
 * which each worker writes only the samples that it took. */
struct check_job {
    struct ic_dataset *dataset;
    bool names_too;
    const atomic_int *stop;
    pthread_mutex_t mutex;
    size_t next; /* the first sample that nobody took */
    struct ic_findings findings;
    size_t capacity; /* of the findings */
    ic_status status;
    struct ic_error error;
};

/* --- one picture ------------------------------------------------------------------ */

/* Appends as much of the text's first `length` bytes as fits. */
static void add_part(char *out, size_t size, const char *text, size_t length)
{
    const size_t used = strlen(out);

    ic_text_show(out + used, size - used, text, length);
}

/* Appends as much of the text to the reason as fits. */
static void add(struct ic_finding *finding, const char *text)
{
    add_part(finding->reason, sizeof finding->reason, text, strlen(text));
}

/* Finds where the message names the path, as a word. NULL: nowhere, since the path was
 * too long for the message. */
static const char *find_path(const char *message, const char *path)
{
    const size_t length = strlen(path);
    const char *found = message;

    while (length > 0 && (found = strstr(found, path)) != NULL) {
        const char after = found[length];

        if ((found == message || found[-1] == ' ') &&
            (after == '\0' || after == ' ' || after == ':'))
            return found;
        found++;
    }
    return NULL;
}

void ic_check_reason(char *out, size_t size, const char *message, const char *path)
{
    char *shown = strdup(path); /* messages are clean */
    const char *found = NULL;

    if (shown != NULL) {
        ic_text_clean(shown);
        found = find_path(message, shown);
    }
    out[0] = '\0';
    if (found != NULL) {
        add_part(out, size, message, (size_t)(found - message));
        add_part(out, size, "it", 2);
        message = found + strlen(shown);
    }
    add_part(out, size, message, strlen(message));
    free(shown);
}

/* The format that the name's ending promises; unknown when it promises none. */
static enum ic_image_format promised_format(const char *name)
{
    static const char *const jpeg[] = {"jpg", "jpeg", "jpe", "jfif", NULL};
    static const char *const png[] = {"png", NULL};
    static const char *const gif[] = {"gif", NULL};
    static const char *const bmp[] = {"bmp", "dib", NULL};
    static const char *const webp[] = {"webp", NULL};
    static const char *const tiff[] = {"tif", "tiff", NULL};
    static const char *const *const endings[] = {
        [IC_IMAGE_JPEG] = jpeg, [IC_IMAGE_PNG] = png,   [IC_IMAGE_GIF] = gif,
        [IC_IMAGE_BMP] = bmp,   [IC_IMAGE_WEBP] = webp, [IC_IMAGE_TIFF] = tiff};
    enum ic_image_format format = IC_IMAGE_FORMATS - 1;

    while (format != IC_IMAGE_UNKNOWN && !ic_name_has_ending(name, endings[format]))
        format--;
    return format;
}

/* Adds a clause about the picture. */
static void add_clause(struct ic_finding *finding, const char *clause, const char *rest)
{
    if (finding->reason[0] != '\0')
        add(finding, "; ");
    add(finding, clause);
    add(finding, rest);
}

/* Describes what is odd about a picture that decoded. False when nothing is. */
static bool describe_oddities(struct ic_finding *finding, const char *name,
                              const uint8_t *bytes, size_t size, const char *warning)
{
    const enum ic_image_format format = ic_image_identify(bytes, size);
    const enum ic_image_format promised = promised_format(name);
    const int orientation = ic_exif_orientation(bytes, size);

    if (promised != IC_IMAGE_UNKNOWN && promised != format)
        snprintf(finding->reason, sizeof finding->reason,
                 "it is a %s picture, not %s as its name says",
                 ic_image_format_name(format), ic_image_format_name(promised));
    if (*warning)
        add_clause(finding, "it decodes with a warning: ", warning);
    if (orientation > 1)
        add_clause(finding, "its camera notes that it is to be ",
                   ic_exif_turn(orientation));
    return finding->reason[0] != '\0';
}

/* Memory that decoding took: the file, the pixels, and the pixels' size again for the
 * coefficients of a progressive JPEG or the buffers of a resize. */
static size_t decode_bytes(size_t size, const struct ic_image *image)
{
    return size + 2 * 3 * (size_t)image->width * (size_t)image->height;
}

/* Reads and decodes a picture and keeps its checksum. True when there is a finding
 * about the picture. *ret_bytes gets the memory that decoding took. An error that says
 * nothing about the picture, such as a lack of memory, goes to ret_error, whose status
 * is otherwise IC_OK. */
static bool inspect(struct check_job *job, size_t index, struct ic_finding *finding,
                    size_t *ret_bytes, struct ic_error *ret_error)
{
    struct ic_sample *sample = &job->dataset->samples[index];
    char *path = ic_file_join(job->dataset->folder, sample->name);
    char warning[IC_IMAGE_WARNING_SIZE] = "";
    struct ic_image image = {0};
    struct ic_error error = {0};
    uint8_t *bytes = NULL;
    size_t size;
    bool found = true;

    *ret_error = error;
    *finding = (struct ic_finding){.sample = index};
    *ret_bytes = 0;
    if (path == NULL) {
        ic_fail_memory(&error, "a path", 0);
    } else if (ic_file_read(path, IC_IMAGE_MAX_FILE, &bytes, &size, &error) != IC_OK) {
        ic_check_reason(finding->reason, sizeof finding->reason, error.message, path);
    } else {
        sample->checksum = ic_file_crc32(0, bytes, size);
        sample->checked = true;
        if (ic_image_decode(bytes, size, "it", &image, warning, &error) != IC_OK) {
            add(finding, error.message);
        } else {
            finding->readable = true;
            *ret_bytes = decode_bytes(size, &image);
            found = job->names_too &&
                    describe_oddities(finding, sample->name, bytes, size, warning);
        }
    }
    if (error.status != IC_OK && ic_error_is_passing(&error))
        *ret_error = error;
    ic_image_free(&image);
    free(bytes);
    free(path);
    return found;
}

/* --- all pictures ----------------------------------------------------------------- */

/* Appends a finding; the caller holds the mutex. */
static void add_finding(struct check_job *job, const struct ic_finding *finding)
{
    struct ic_findings *findings = &job->findings;

    if (findings->count == job->capacity) {
        const size_t more = job->capacity ? 2 * job->capacity : 16;
        struct ic_finding *grown = NULL;
        size_t bytes;

        if (!ic_size_mul(more, sizeof *grown, &bytes) ||
            (grown = realloc(findings->items, bytes)) == NULL) {
            job->status = ic_fail_memory(&job->error, "what is wrong with pictures",
                                         more * sizeof *grown);
            return;
        }
        findings->items = grown;
        job->capacity = more;
    }
    findings->items[findings->count++] = *finding;
}

static bool must_stop(const struct check_job *job)
{
    return job->stop != NULL && *job->stop != 0;
}

static void *check_some(void *context)
{
    struct check_job *job = context;

    pthread_mutex_lock(&job->mutex);
    while (job->status == IC_OK && !must_stop(job) && job->next < job->dataset->count) {
        const size_t index = job->next++;
        struct ic_finding finding;
        struct ic_error error;
        size_t bytes;
        bool found;

        pthread_mutex_unlock(&job->mutex);
        found = inspect(job, index, &finding, &bytes, &error);
        pthread_mutex_lock(&job->mutex);
        if (error.status != IC_OK && job->status == IC_OK) {
            job->status = error.status;
            job->error = error;
            break;
        }
        if (bytes > job->dataset->decode_bytes)
            job->dataset->decode_bytes = bytes;
        if (found)
            add_finding(job, &finding);
    }
    pthread_mutex_unlock(&job->mutex);
    return NULL;
}

static int compare_findings(const void *a, const void *b)
{
    const struct ic_finding *first = a, *second = b;

    return (first->sample > second->sample) - (first->sample < second->sample);
}

ic_status ic_check_pictures(struct ic_dataset *dataset, int workers, bool names_too,
                            const atomic_int *stop, struct ic_findings *ret_findings,
                            struct ic_error *error)
{
    struct check_job job = {.dataset = dataset, .names_too = names_too, .stop = stop};
    struct ic_workers threads;
    struct ic_error start_error;
    ic_status status;

    *ret_findings = (struct ic_findings){0};
    pthread_mutex_init(&job.mutex, NULL);
    status = ic_workers_start(&threads, workers, check_some, &job, &start_error);
    if (status != IC_OK) {
        pthread_mutex_lock(&job.mutex);
        job.status = status;
        job.error = start_error;
        pthread_mutex_unlock(&job.mutex);
    }
    ic_workers_join(&threads);
    pthread_mutex_destroy(&job.mutex);
    if (job.status != IC_OK) {
        ic_findings_free(&job.findings);
        return ic_fail(error, job.status, "%s", job.error.message);
    }
    if (job.findings.count > 0)
        qsort(job.findings.items, job.findings.count, sizeof *job.findings.items,
              compare_findings);
    *ret_findings = job.findings;
    return IC_OK;
}

void ic_findings_free(struct ic_findings *findings)
{
    free(findings->items);
    *findings = (struct ic_findings){0};
}
