/* SPDX-License-Identifier: MIT */
/*
 * Reads pictures from JSON. See instances.h.
 */
#include "serve/instances.h"

#include "serve/base64.h"
#include "serve/json_reader.h"

/* Reads the Base64 of one item. */
static bool read_item(struct ic_json *json, struct ic_json_text *base64)
{
    struct ic_json_text key;
    bool found = false;

    if (ic_json_peek(json) == '"')
        return ic_json_string(json, base64);
    if (ic_json_peek(json) != '{')
        return ic_json_fail(json,
                            "a picture: {\"b64\": \"...\"} or a string in Base64");
    ic_json_object(json);
    while (ic_json_key(json, &key)) {
        if (ic_json_is(&key, "b64"))
            found = ic_json_string(json, base64);
        else
            ic_json_skip(json);
    }
    return !json->failed &&
           (found || ic_json_fail(json, "an object with the member \"b64\""));
}

static ic_status read_list(struct ic_uploads *uploads, struct ic_json *json,
                           struct ic_error *error)
{
    struct ic_json_text base64;
    ic_status status = IC_OK;

    ic_json_array(json);
    while (status == IC_OK && ic_json_item(json) && read_item(json, &base64)) {
        struct ic_upload upload = {.bytes = base64.at};

        if (!ic_base64_decode(base64.at, base64.size, &upload.size))
            status = ic_fail(error, IC_ERR_FORMAT, "picture %zu is not Base64",
                             uploads->count + 1);
        else
            status = ic_uploads_add(uploads, &upload, error);
    }
    return status;
}

ic_status ic_instances_read(struct ic_uploads *uploads, uint8_t *bytes, size_t size,
                            struct ic_error *error)
{
    struct ic_json json;
    struct ic_json_text key;
    ic_status status = IC_OK;
    int lists = 0;

    ic_json_begin(&json, bytes, size);
    ic_json_object(&json);
    while (status == IC_OK && ic_json_key(&json, &key)) {
        if (ic_json_is(&key, "instances") || ic_json_is(&key, "inputs")) {
            lists++;
            status = read_list(uploads, &json, error);
        } else {
            ic_json_skip(&json);
        }
    }
    if (status == IC_OK)
        status = ic_json_end(&json, error);
    if (status == IC_OK && lists != 1)
        status = ic_fail(error, IC_ERR_FORMAT,
                         "the request's JSON must have one member \"instances\" or "
                         "\"inputs\", found %d",
                         lists);
    if (status == IC_OK && uploads->count == 0)
        status = ic_fail(error, IC_ERR_FORMAT, "the request has no pictures");
    return status;
}
