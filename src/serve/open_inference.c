/* SPDX-License-Identifier: MIT */
/*
 * Requests of the Open Inference Protocol, version 2, and its binary tensor data
 * extension (https://github.com/kserve/open-inference-protocol,
 * https://github.com/triton-inference-server/server,
 * docs/protocol/extension_binary_data.md).
 *
 * A request has one input, of any name:
 *
 *     UINT8 [N, H, W, 3]   pixels, RGB, rows from the top
 *     BYTES [N] or [N, 1]  picture files; Base64 where they stand in the JSON
 *
 * With the extension the JSON is the first Inference-Header-Content-Length bytes, and
 * the input's bytes follow: raw pixels, or each file preceded by its length in four
 * bytes, lowest byte first. The members of an object come in any order, so data in the
 * JSON are skipped first and read when shape and type are known.
 */
#include <stdlib.h>
#include <string.h>

#include "image/image.h"
#include "serve/infer_input.h"
#include "serve/open_inference.h"

/* The outputs that the request asks for, until all of it is known. */
struct outputs {
    int named;                              /* how many are named; 0: all are wanted */
    bool probabilities, class;              /* named */
    int probabilities_binary, class_binary; /* -1: not said */
    bool all_binary;
};

/* --- the JSON ------------------------------------------------------------------ */

static void read_shape(struct ic_json *json, struct ic_infer_input *input)
{
    ic_json_array(json);
    for (input->rank = 0; ic_json_item(json); input->rank++) {
        if (input->rank == IC_INFER_RANK) {
            ic_json_fail(json, "a shape of at most 4 numbers");
            return;
        }
        ic_json_whole(json, UINT32_MAX, &input->shape[input->rank]);
    }
}

/* Reads the parameter binary_data_size of the input; others are skipped. */
static void read_input_parameters(struct ic_json *json, struct ic_infer_input *input)
{
    struct ic_json_text key;

    ic_json_object(json);
    while (ic_json_key(json, &key)) {
        if (ic_json_is(&key, "binary_data_size"))
            input->binary = ic_json_whole(json, INT64_MAX, &input->binary_size);
        else
            ic_json_skip(json);
    }
}

static void read_input(struct ic_json *json, struct ic_infer_input *input)
{
    struct ic_json_text key;

    ic_json_object(json);
    while (ic_json_key(json, &key)) {
        if (ic_json_is(&key, "shape")) {
            read_shape(json, input);
        } else if (ic_json_is(&key, "datatype")) {
            ic_json_string(json, &input->datatype);
        } else if (ic_json_is(&key, "parameters")) {
            read_input_parameters(json, input);
        } else if (ic_json_is(&key, "data")) {
            if (ic_json_peek(json) != '[')
                ic_json_fail(json, "an array of data");
            input->data = json->at;
            ic_json_skip(json);
        } else {
            ic_json_skip(json);
        }
    }
}

/* Reads `word` in an object of parameters as true or false: 1 or 0; -1 when it is
 * missing. */
static int read_flag(struct ic_json *json, const char *word)
{
    struct ic_json_text key;
    int found = -1;

    ic_json_object(json);
    while (ic_json_key(json, &key)) {
        bool value = false;

        if (ic_json_is(&key, word))
            found = ic_json_bool(json, &value) ? value : -1;
        else
            ic_json_skip(json);
    }
    return found;
}

static void read_output(struct ic_json *json, struct outputs *outputs)
{
    struct ic_json_text key, name = {0};
    int binary = -1;

    ic_json_object(json);
    while (ic_json_key(json, &key)) {
        if (ic_json_is(&key, "name"))
            ic_json_string(json, &name);
        else if (ic_json_is(&key, "parameters"))
            binary = read_flag(json, "binary_data");
        else
            ic_json_skip(json);
    }
    outputs->named++;
    if (json->failed)
        return;
    if (ic_json_is(&name, "probabilities")) {
        outputs->probabilities = true;
        outputs->probabilities_binary = binary;
    } else if (ic_json_is(&name, "class")) {
        outputs->class = true;
        outputs->class_binary = binary;
    } else {
        ic_json_fail(json, "an output named \"probabilities\" or \"class\"");
    }
}

static void read_id(struct ic_json *json, char *id)
{
    struct ic_json_text text;

    if (!ic_json_string(json, &text))
        return;
    if (text.size >= IC_REQUEST_ID) {
        ic_json_fail(json, "an id of at most 127 bytes");
        return;
    }
    memcpy(id, text.at, text.size);
    id[text.size] = '\0';
}

/* Reads the JSON up to its end; *inputs gets the number of inputs. */
static ic_status read_json(struct ic_json *json, struct ic_infer_input *input,
                           struct outputs *outputs, char *id, int *inputs,
                           struct ic_error *error)
{
    struct ic_json_text key;

    ic_json_object(json);
    while (ic_json_key(json, &key)) {
        if (ic_json_is(&key, "id")) {
            read_id(json, id);
        } else if (ic_json_is(&key, "parameters")) {
            outputs->all_binary = read_flag(json, "binary_data_output") == 1;
        } else if (ic_json_is(&key, "inputs")) {
            ic_json_array(json);
            for (; ic_json_item(json); ++*inputs)
                read_input(json, input);
        } else if (ic_json_is(&key, "outputs")) {
            ic_json_array(json);
            while (ic_json_item(json))
                read_output(json, outputs);
        } else {
            ic_json_skip(json);
        }
    }
    return ic_json_end(json, error);
}

/* Checks type and shape; *files tells which of the two types it is. */
static ic_status check_input(struct ic_infer_input *input, bool *files,
                             struct ic_error *error)
{
    const uint64_t *shape = input->shape;
    bool right;

    *files = ic_json_is(&input->datatype, "BYTES");
    if (!*files && !ic_json_is(&input->datatype, "UINT8"))
        return ic_fail(error, IC_ERR_FORMAT,
                       "the input's datatype must be BYTES or UINT8");
    if (*files)
        right = input->rank == 1 || (input->rank == 2 && shape[1] == 1);
    else
        right = input->rank == 4 && shape[1] > 0 && shape[1] <= IC_IMAGE_MAX_SIDE &&
                shape[2] > 0 && shape[2] <= IC_IMAGE_MAX_SIDE && shape[3] == 3;
    if (!right || shape[0] == 0)
        return ic_fail(error, IC_ERR_FORMAT, "the input's shape must be %s",
                       *files
                           ? "[N] or [N, 1] for BYTES, with N at least 1"
                           : "[N, height, width, 3] for UINT8, with N at least 1 and "
                             "sides of 1 to 32768");
    input->elements = 1; /* 2^32 * 2^15 * 2^15 * 3 < 2^64 */
    for (int i = 0; i < input->rank; i++)
        input->elements *= shape[i];
    return IC_OK;
}

/* Finds the size of the JSON that the body begins with. */
static ic_status find_json(const struct ic_body *body, size_t *ret_size,
                           struct ic_error *error)
{
    const char *text = body->json_length;
    size_t size = 0;

    *ret_size = body->size;
    if (text == NULL)
        return IC_OK;
    for (; *text >= '0' && *text <= '9' && size <= body->size; text++)
        size = 10 * size + (size_t)(*text - '0');
    if (*text != '\0' || text == body->json_length || size > body->size)
        return ic_fail(error, IC_ERR_FORMAT,
                       "Inference-Header-Content-Length must be a number of bytes, at "
                       "most the body's %zu",
                       body->size);
    *ret_size = size;
    return IC_OK;
}

static void settle_wish(struct ic_infer_wish *wish, const struct outputs *outputs)
{
    wish->probabilities = outputs->named == 0 || outputs->probabilities;
    wish->class = outputs->named == 0 || outputs->class;
    wish->probabilities_binary =
        outputs->probabilities_binary == 1 ||
        (outputs->probabilities_binary < 0 && outputs->all_binary);
    wish->class_binary = outputs->class_binary == 1 ||
                         (outputs->class_binary < 0 && outputs->all_binary);
}

ic_status ic_open_inference_read(struct ic_request *request, struct ic_body *body,
                                 struct ic_error *error)
{
    struct ic_uploads *uploads = &request->scoring.uploads;
    struct outputs outputs = {.probabilities_binary = -1, .class_binary = -1};
    struct ic_infer_input input = {0};
    struct ic_json json;
    size_t json_size;
    int inputs = 0;
    bool files;
    ic_status status = find_json(body, &json_size, error);

    if (status != IC_OK)
        return status;
    ic_json_begin(&json, body->bytes, json_size);
    status = read_json(&json, &input, &outputs, request->wish.id, &inputs, error);
    if (status == IC_OK && inputs != 1)
        status = ic_fail(error, IC_ERR_FORMAT,
                         "the request must have one input, found %d", inputs);
    if (status == IC_OK)
        status = check_input(&input, &files, error);
    if (status == IC_OK && (input.data != NULL) == input.binary)
        status = ic_fail(error, IC_ERR_FORMAT,
                         "the input must have either data or binary_data_size");
    if (status != IC_OK)
        return status;
    settle_wish(&request->wish, &outputs);
    if (input.binary)
        return ic_infer_take_binary(uploads, &input, files, body->bytes + json_size,
                                    body->size - json_size, error);
    if (json_size != body->size)
        return ic_fail(
            error, IC_ERR_FORMAT,
            "%zu bytes follow the JSON, but the input has no binary_data_size",
            body->size - json_size);
    return ic_infer_take_json(uploads, &input, files, &json, error);
}
