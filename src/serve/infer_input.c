/* SPDX-License-Identifier: MIT */
/*
 * Takes pictures out of an input's data. See infer_input.h.
 */
#include "serve/infer_input.h"

#include "serve/base64.h"

/* Where the input's data lies, and the request's list of pictures. */
struct sink {
    struct ic_uploads *uploads;
    const struct ic_infer_input *input;
    uint8_t *out;  /* pixels are written here, over JSON already read */
    uint64_t left; /* elements that are still to come */
    bool files;
    ic_status status;
    struct ic_error *error;
};

static void take_element(struct ic_json *json, struct sink *sink)
{
    struct ic_json_text base64;
    struct ic_upload upload = {0};
    uint64_t value;

    if (sink->left == 0) {
        ic_json_fail(json, "no more data than the shape says");
    } else if (!sink->files) {
        if (ic_json_whole(json, 255, &value))
            *sink->out++ = (uint8_t)value;
    } else if (ic_json_string(json, &base64)) {
        upload.bytes = base64.at;
        if (ic_base64_decode(base64.at, base64.size, &upload.size))
            sink->status = ic_uploads_add(sink->uploads, &upload, sink->error);
        else
            sink->status =
                ic_fail(sink->error, IC_ERR_FORMAT, "picture %zu is not Base64",
                        sink->uploads->count + 1);
    }
    sink->left--;
}

/* Takes elements of arrays that are nested like the shape, or flat: the order of the
 * elements is the same. Nesting may be as deep as the reader allows. */
static void take_elements(struct ic_json *json, struct sink *sink)
{
    ic_json_array(json);
    while (sink->status == IC_OK && ic_json_item(json)) {
        if (ic_json_peek(json) == '[')
            take_elements(json, sink);
        else
            take_element(json, sink);
    }
}

static ic_status add_pixels(struct ic_uploads *uploads,
                            const struct ic_infer_input *input, const uint8_t *bytes,
                            struct ic_error *error)
{
    const int height = (int)input->shape[1], width = (int)input->shape[2];
    const size_t size = (size_t)height * (size_t)width * 3;
    ic_status status = IC_OK;

    for (uint64_t n = 0; n < input->shape[0] && status == IC_OK; n++)
        status = ic_uploads_add(uploads,
                                &(struct ic_upload){.bytes = bytes + n * size,
                                                    .size = size,
                                                    .height = height,
                                                    .width = width},
                                error);
    return status;
}

ic_status ic_infer_take_json(struct ic_uploads *uploads,
                             const struct ic_infer_input *input, bool files,
                             const struct ic_json *whole, struct ic_error *error)
{
    struct sink sink = {.uploads = uploads,
                        .input = input,
                        .out = input->data,
                        .left = input->elements,
                        .files = files,
                        .error = error};
    struct ic_json json;

    ic_json_begin(&json, whole->begin, (size_t)(whole->end - whole->begin));
    json.at = input->data;
    take_elements(&json, &sink);
    if (sink.status != IC_OK)
        return sink.status;
    if (json.failed)
        return ic_json_failure(&json, error);
    if (sink.left > 0)
        return ic_fail(error, IC_ERR_FORMAT,
                       "the input has %llu elements fewer than its shape says",
                       (unsigned long long)sink.left);
    return files ? IC_OK : add_pixels(uploads, input, input->data, error);
}

ic_status ic_infer_take_binary(struct ic_uploads *uploads,
                               const struct ic_infer_input *input, bool files,
                               const uint8_t *bytes, size_t size,
                               struct ic_error *error)
{
    const uint8_t *end = bytes + size;
    ic_status status = IC_OK;

    if (input->binary_size != size)
        return ic_fail(error, IC_ERR_FORMAT,
                       "%zu bytes follow the JSON, but binary_data_size says %llu",
                       size, (unsigned long long)input->binary_size);
    if (!files && input->elements != size)
        return ic_fail(error, IC_ERR_FORMAT,
                       "the shape says %llu bytes of pixels, found %zu",
                       (unsigned long long)input->elements, size);
    if (!files)
        return add_pixels(uploads, input, bytes, error);
    for (uint64_t n = 0; n < input->elements && status == IC_OK; n++) {
        struct ic_upload upload = {0};

        if (end - bytes >= 4) {
            upload.size = (size_t)bytes[0] | (size_t)bytes[1] << 8 |
                          (size_t)bytes[2] << 16 | (size_t)bytes[3] << 24;
            upload.bytes = bytes + 4;
        }
        if (upload.bytes == NULL || upload.size > (size_t)(end - upload.bytes))
            return ic_fail(error, IC_ERR_FORMAT, "the request ends within picture %zu",
                           uploads->count + 1);
        bytes = upload.bytes + upload.size;
        status = ic_uploads_add(uploads, &upload, error);
    }
    if (status == IC_OK && bytes != end)
        status = ic_fail(error, IC_ERR_FORMAT, "%zu bytes follow the last picture",
                         (size_t)(end - bytes));
    return status;
}
