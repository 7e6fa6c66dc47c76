/* SPDX-License-Identifier: MIT */
/*
 * Turns records into calls. See batch.h.
 */
#include "track/batch.h"

#include <string.h>

#include "track/limits.h"

static bool is_kind(const json_t *record, const char *kind)
{
    const char *own = json_string_value(json_object_get(record, "kind"));

    return own != NULL && strcmp(own, kind) == 0;
}

/* Appends a record's metrics; other values are skipped. False when out of memory. */
static bool add_metrics(json_t *metrics, const json_t *record)
{
    const json_t *step = json_object_get(record, "step");
    const json_t *time = json_object_get(record, "time");
    json_t *values = json_object_get(record, "metrics"), *value;
    const char *key;

    if (!json_is_integer(step) || !json_is_integer(time))
        return true;
    json_object_foreach(values, key, value)
    {
        char clean[IC_LIMIT_KEY + 1];

        if (!ic_outbox_is_real(value))
            continue;
        ic_limits_key(clean, key);
        if (json_array_append_new(metrics, json_pack("{s:s, s:O, s:O, s:O}", "key",
                                                     clean, "value", value, "timestamp",
                                                     time, "step", step)) != 0)
            return false;
    }
    return true;
}

/* The most bytes that a record's metrics take of a body. */
static size_t body_bytes(const json_t *record)
{
    const json_t *values = json_object_get(record, "metrics");

    return json_object_size(values) * (IC_LIMIT_KEY + 120);
}

ic_status ic_batch_take(const struct ic_outbox *outbox, int64_t *position,
                        json_t **ret_metrics, json_t **ret_other,
                        struct ic_error *error)
{
    json_t *metrics = json_array(), *record = NULL;
    int64_t next = *position;
    size_t bytes = 0;
    ic_status status = IC_OK;
    bool memory = metrics != NULL;

    *ret_metrics = *ret_other = NULL;
    while (memory &&
           (status = ic_outbox_read(outbox, &next, &record, error)) == IC_OK &&
           record != NULL) {
        const size_t entries = json_object_size(json_object_get(record, "metrics"));
        const size_t before = json_array_size(metrics);

        bytes += body_bytes(record);
        if (!is_kind(record, "step") && !is_kind(record, "epoch")) {
            if (before == 0) {
                *ret_other = record;
                *position = next;
                record = NULL;
            }
            break;
        }
        if (before > 0 &&
            (before + entries > IC_LIMIT_ENTRIES || bytes > IC_LIMIT_BODY))
            break;
        if (entries <= IC_LIMIT_ENTRIES && bytes <= IC_LIMIT_BODY)
            memory = add_metrics(metrics, record);
        *position = next;
        json_decref(record);
        record = NULL;
    }
    if (status == IC_OK && record == NULL && json_array_size(metrics) == 0)
        *position = next; /* past damaged or empty records */
    json_decref(record);
    if (status == IC_OK && !memory)
        status = ic_fail_memory(error, "a request", 0);
    if (status == IC_OK && json_array_size(metrics) > 0) {
        *ret_metrics = metrics;
        return IC_OK;
    }
    json_decref(metrics);
    return status;
}

json_t *ic_batch_texts(const json_t *object, size_t most)
{
    json_t *entries = json_array(), *value;
    bool whole = entries != NULL;
    const char *key;

    json_object_foreach((json_t *)object, key, value)
    {
        char clean[IC_LIMIT_KEY + 1];

        if (!json_is_string(value))
            continue;
        ic_limits_key(clean, key);
        whole = whole && json_array_append_new(
                             entries, json_pack("{s:s, s:o*}", "key", clean, "value",
                                                ic_limits_text(json_string_value(value),
                                                               most))) == 0;
    }
    if (whole)
        return entries;
    json_decref(entries);
    return NULL;
}

json_t *ic_batch_part(const json_t *entries, size_t first)
{
    json_t *part = json_array();
    const size_t count = json_array_size(entries);
    size_t bytes = 0;

    for (size_t i = first; part != NULL && i < count && i < first + IC_LIMIT_TEXTS;
         i++) {
        json_t *entry = json_array_get(entries, i);
        const json_t *value = json_object_get(entry, "value");

        /* As ASCII, a byte becomes up to six ("\u00e9"). */
        bytes += 6 * json_string_length(value) + IC_LIMIT_KEY + 40;
        if (i > first && bytes > IC_LIMIT_BODY)
            break;
        if (json_array_append(part, entry) != 0) {
            json_decref(part);
            part = NULL;
        }
    }
    return part;
}
