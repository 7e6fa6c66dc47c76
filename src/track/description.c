/* SPDX-License-Identifier: MIT */
/*
 * Describes a run. See description.h.
 */
#include "track/description.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/jansson.h"
#include "base/text.h"

/* Sets a text, in which bytes that are not UTF-8 become '?'. NULL is left out. */
static bool set_text(json_t *object, const char *key, const char *text)
{
    char *copy;
    bool set;

    if (text == NULL)
        return true;
    copy = strdup(text);
    if (copy == NULL)
        return false;
    ic_text_clean(copy);
    set = json_object_set_new(object, key, json_string(copy)) == 0;
    free(copy);
    return set;
}

static bool set_number(json_t *object, const char *key, long long number)
{
    char text[32];

    snprintf(text, sizeof text, "%lld", number);
    return set_text(object, key, text);
}

/* Removes the quotes of a job file's value, in place. */
static void unquote(char *value)
{
    char *out = value;

    if (*value != '"')
        return;
    for (value++; *value != '\0' && *value != '"'; value++) {
        if (*value == '\\' && value[1] != '\0')
            value++;
        *out++ = *value;
    }
    *out = '\0';
}

/* Sets a parameter for each line "key = value" of a job. */
static bool set_job(json_t *params, const struct ic_job *job)
{
    char *text = ic_job_to_text(job, false), *rest = text, *line;
    bool whole = text != NULL;

    while (whole && (line = strsep(&rest, "\n")) != NULL) {
        char *value = strstr(line, " = ");

        if (value == NULL)
            continue;
        *value = '\0';
        unquote(value + 3);
        whole = set_text(params, line, value + 3);
    }
    free(text);
    return whole;
}

static bool set_params(json_t *params, const struct ic_start_report *report)
{
    return params != NULL && set_job(params, report->job) &&
           set_text(params, "im2cat_version", PACKAGE_VERSION) &&
           set_text(params, "computes_on", report->device) &&
           set_number(params, "class_count", report->class_count) &&
           set_number(params, "train_images", (long long)report->train_images) &&
           set_number(params, "valid_images", (long long)report->valid_images) &&
           set_number(params, "steps", report->steps) &&
           set_number(params, "ranks", report->ranks) &&
           (report->ranks == 1 || set_text(params, "transport", report->transport));
}

static bool set_tags(json_t *tags, const struct ic_run_words *words)
{
    char host[256] = "";

    if (gethostname(host, sizeof host - 1) != 0)
        host[0] = '\0';
    return tags != NULL && set_text(tags, "mlflow.source.name", "im2cat train") &&
           set_text(tags, "mlflow.source.type", "LOCAL") &&
           set_text(tags, "mlflow.user", words->user) &&
           set_text(tags, "im2cat.version", PACKAGE_VERSION) &&
           (host[0] == '\0' || set_text(tags, "im2cat.host", host));
}

/* The last part of a path. */
static const char *last_part(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash != NULL && slash[1] != '\0' ? slash + 1 : path;
}

/* Sets the data set. MLflow keeps 36 characters of a digest; every fingerprint,
 * "COUNT-CRC...", is shorter. */
static bool set_dataset(json_t *dataset, const struct ic_start_report *report)
{
    char *real = realpath(report->job->data, NULL);
    const char *folder = real != NULL ? real : report->job->data;
    char digest[37];
    json_t *source = json_object();
    char *text = NULL;
    bool whole;

    ic_text_show(digest, sizeof digest, report->fingerprint,
                 strlen(report->fingerprint));
    whole = source != NULL && set_text(source, "uri", folder);
    if (whole)
        text = ic_jansson_dump(source, JSON_COMPACT | JSON_ENSURE_ASCII,
                               ic_jansson_failures());
    whole = text != NULL && dataset != NULL &&
            set_text(dataset, "name", last_part(folder)) &&
            set_text(dataset, "digest", digest) &&
            set_text(dataset, "source_type", "local") &&
            set_text(dataset, "source", text);
    json_decref(source);
    free(text);
    free(real);
    return whole;
}

json_t *ic_description_make(const struct ic_run_words *words,
                            const struct ic_start_report *report)
{
    json_t *params = json_object(), *tags = json_object(), *dataset = json_object();
    json_t *record = json_pack("{s:s, s:I}", "kind", "begin", "time",
                               (json_int_t)ic_run_record_now());
    const bool whole = record != NULL && set_text(record, "name", words->name) &&
                       set_text(record, "experiment", words->experiment) &&
                       set_text(record, "experiment_id", words->experiment_id) &&
                       set_text(record, "run_id", words->run_id) &&
                       set_params(params, report) && set_tags(tags, words) &&
                       set_dataset(dataset, report) &&
                       json_object_set(record, "params", params) == 0 &&
                       json_object_set(record, "tags", tags) == 0 &&
                       json_object_set(record, "dataset", dataset) == 0;

    json_decref(params);
    json_decref(tags);
    json_decref(dataset);
    if (whole)
        return record;
    json_decref(record);
    return NULL;
}
