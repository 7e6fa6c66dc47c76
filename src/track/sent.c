/* SPDX-License-Identifier: MIT */
/*
 * The state of sending, as a JSON file. See sent.h.
 */
#include "track/sent.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifdef __APPLE__
#include <sys/random.h> /* getentropy, which others have in unistd.h */
#endif

#include "base/file.h"
#include "base/jansson.h"

enum { FILE_MOST = 64 << 10, TEXT_MOST = 4096 };

/* The texts and their keys. */
static char **field_of(struct ic_sent *sent, int i, const char **ret_key)
{
    static const char *const keys[] = {"address",   "experiment_id", "run_id",
                                       "artifacts", "model_id",      NULL};
    char **const fields[] = {&sent->address,   &sent->experiment_id, &sent->run_id,
                             &sent->artifacts, &sent->model_id,      NULL};

    *ret_key = keys[i];
    return fields[i];
}

static ic_status draw_mark(struct ic_sent *sent, struct ic_error *error)
{
    unsigned char bytes[16];

    if (getentropy(bytes, sizeof bytes) != 0)
        return ic_fail_errno(error, "cannot get random numbers from the system");
    for (size_t i = 0; i < sizeof bytes; i++)
        snprintf(sent->mark + 2 * i, 3, "%02x", bytes[i]);
    return IC_OK;
}

/* Forgets everything but the path. */
static void forget(struct ic_sent *sent)
{
    const char *key;
    char **field;

    for (int i = 0; (field = field_of(sent, i, &key)) != NULL; i++) {
        free(*field);
        *field = NULL;
    }
    sent->tried = false;
    sent->position = 0;
}

ic_status ic_sent_set(char **field, const char *text, struct ic_error *error)
{
    char *copy = strdup(text);

    if (copy == NULL)
        return ic_fail_memory(error, "a text", strlen(text) + 1);
    free(*field);
    *field = copy;
    return IC_OK;
}

static ic_status refuse(const struct ic_sent *sent, const char *key,
                        struct ic_error *error)
{
    return ic_fail(
        error, IC_ERR_FORMAT,
        "%s is damaged (\"%s\"): delete it to send the run again, as a new run",
        sent->path, key);
}

static bool is_mark(const char *text)
{
    return text != NULL && strlen(text) == 32 && strspn(text, "0123456789abcdef") == 32;
}

bool ic_sent_is_id(const char *id)
{
    return id != NULL && id[0] != '\0' && strlen(id) <= 256 &&
           strspn(id, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                      "0123456789-_") == strlen(id);
}

/* Whether the key may have the text as its value. */
static bool is_sound(const char *key, const char *text)
{
    const size_t length = strlen(key);

    if (text == NULL || strlen(text) > TEXT_MOST)
        return false;
    return length < 3 || strcmp(key + length - 3, "_id") != 0 || ic_sent_is_id(text);
}

static ic_status read_fields(struct ic_sent *sent, const json_t *root,
                             struct ic_error *error)
{
    const json_t *position = json_object_get(root, "position");
    const char *mark = json_string_value(json_object_get(root, "mark")), *key;
    ic_status status = IC_OK;
    char **field;

    for (int i = 0; status == IC_OK && (field = field_of(sent, i, &key)) != NULL; i++) {
        const json_t *value = json_object_get(root, key);
        const char *text = json_string_value(value);

        if (value == NULL)
            continue;
        if (!is_sound(key, text))
            return refuse(sent, key, error);
        status = ic_sent_set(field, text, error);
    }
    if (status == IC_OK && !is_mark(mark))
        status = refuse(sent, "mark", error);
    if (status == IC_OK &&
        (!json_is_integer(position) || json_integer_value(position) < 0))
        status = refuse(sent, "position", error);
    if (status != IC_OK)
        return status;
    memcpy(sent->mark, mark, sizeof sent->mark);
    sent->position = json_integer_value(position);
    sent->tried = json_is_true(json_object_get(root, "tried"));
    return IC_OK;
}

ic_status ic_sent_open(struct ic_sent *sent, const char *folder, struct ic_error *error)
{
    uint8_t *bytes = NULL;
    json_t *root = NULL;
    size_t size;
    ic_status status;

    *sent = (struct ic_sent){.path = ic_file_join(folder, "mlflow.json")};
    if (sent->path == NULL)
        return ic_fail_memory(error, "a path", 0);
    if (!ic_file_exists(sent->path)) {
        status = draw_mark(sent, error);
    } else {
        status = ic_file_read(sent->path, FILE_MOST, &bytes, &size, error);
        if (status == IC_OK) {
            root = ic_jansson_load((const char *)bytes, size, JSON_REJECT_DUPLICATES,
                                   NULL);
            status = json_is_object(root) ? read_fields(sent, root, error)
                                          : refuse(sent, "no object", error);
        }
    }
    json_decref(root);
    free(bytes);
    if (status != IC_OK)
        ic_sent_close(sent);
    return status;
}

void ic_sent_close(struct ic_sent *sent)
{
    forget(sent);
    free(sent->path);
    *sent = (struct ic_sent){0};
}

ic_status ic_sent_address(struct ic_sent *sent, const char *address,
                          struct ic_error *error)
{
    ic_status status;

    if (sent->address != NULL && strcmp(sent->address, address) == 0)
        return IC_OK;
    forget(sent);
    status = draw_mark(sent, error);
    if (status == IC_OK)
        status = ic_sent_set(&sent->address, address, error);
    return status;
}

ic_status ic_sent_save(const struct ic_sent *sent, struct ic_error *error)
{
    json_t *root = json_pack("{s:s, s:b, s:I}", "mark", sent->mark, "tried",
                             (int)sent->tried, "position", (json_int_t)sent->position);
    bool whole = root != NULL;
    char *text = NULL, **field;
    const char *key;
    ic_status status;

    for (int i = 0; (field = field_of((struct ic_sent *)sent, i, &key)) != NULL; i++)
        if (*field != NULL)
            whole = whole && json_object_set_new(root, key, json_string(*field)) == 0;
    if (whole)
        text = ic_jansson_dump(root, JSON_INDENT(1) | JSON_ENSURE_ASCII,
                               ic_jansson_failures());
    json_decref(root);
    if (text == NULL)
        return ic_fail_memory(error, "a file's text", 0);
    status = ic_file_write(sent->path, text, strlen(text), error);
    free(text);
    return status;
}
