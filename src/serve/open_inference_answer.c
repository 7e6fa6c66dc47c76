/* SPDX-License-Identifier: MIT */
/*
 * Answers of the Open Inference Protocol: two outputs, in JSON or as bytes behind it.
 *
 *     probabilities  FP32 [N, classes], in the order of the model's classes
 *     class          BYTES [N], the most probable one's name
 *
 * In binary form, numbers are IEEE 754 singles, lowest byte first, as in this machine's
 * memory (base/assumptions.h), and a name follows its length in four bytes.
 */
#include <stdlib.h>
#include <string.h>

#include "base/jansson.h"
#include "score/answer.h"
#include "serve/open_inference.h"

/* The bytes that follow the JSON. */
struct tail {
    uint8_t *bytes;
    size_t size, room;
};

/* The results for all pictures. */
struct results {
    const struct ic_model *model;
    size_t pictures;
    double *probabilities; /* pictures x classes */
    int *best;             /* one class per picture */
};

static bool append(struct tail *tail, const void *bytes, size_t size)
{
    if (tail->room - tail->size < size) {
        const size_t room = 2 * (tail->size + size);
        uint8_t *grown = realloc(tail->bytes, room);

        if (grown == NULL)
            return false;
        tail->bytes = grown;
        tail->room = room;
    }
    memcpy(tail->bytes + tail->size, bytes, size);
    tail->size += size;
    return true;
}

static bool compute(struct results *results, const struct ic_scoring *scoring)
{
    const size_t classes = (size_t)results->model->class_count;

    results->pictures = scoring->uploads.count;
    results->probabilities = calloc(results->pictures, classes * sizeof(double));
    results->best = calloc(results->pictures, sizeof *results->best);
    if (results->probabilities == NULL || results->best == NULL)
        return false;
    for (size_t i = 0; i < results->pictures; i++) {
        const float *logits = scoring->logits + i * classes;

        ic_softmax(results->probabilities + i * classes, logits, (int)classes);
        results->best[i] = ic_argmax(logits, (int)classes);
    }
    return true;
}

/* --- an output ----------------------------------------------------------------- */

/* {"name", "datatype", "shape"}; takes over `shape`. */
static json_t *tensor(const char *name, const char *datatype, json_t *shape)
{
    return json_pack("{s:s, s:s, s:o}", "name", name, "datatype", datatype, "shape",
                     shape);
}

/* Notes how many of the bytes belong to this output. */
static void set_binary(json_t *output, size_t size)
{
    json_object_set_new(output, "parameters",
                        json_pack("{s:I}", "binary_data_size", (json_int_t)size));
}

static json_t *probabilities(const struct results *results, struct tail *tail,
                             bool binary, bool *fits)
{
    const size_t classes = (size_t)results->model->class_count;
    const size_t count = results->pictures * classes, before = tail->size;
    json_t *output =
        tensor("probabilities", "FP32",
               json_pack("[I, I]", (json_int_t)results->pictures, (json_int_t)classes));
    json_t *data = binary ? NULL : json_array();

    for (size_t i = 0; i < count && *fits; i++) {
        const float single = (float)results->probabilities[i];

        if (binary)
            *fits = append(tail, &single, sizeof single);
        else
            json_array_append_new(data, json_real(results->probabilities[i]));
    }
    if (binary)
        set_binary(output, tail->size - before);
    else
        json_object_set_new(output, "data", data);
    return output;
}

static json_t *classes(const struct results *results, struct tail *tail, bool binary,
                       bool *fits)
{
    json_t *output =
        tensor("class", "BYTES", json_pack("[I]", (json_int_t)results->pictures));
    json_t *data = binary ? NULL : json_array();
    const size_t before = tail->size;

    for (size_t i = 0; i < results->pictures && *fits; i++) {
        const char *name = results->model->classes[results->best[i]];
        const uint32_t length = (uint32_t)strlen(name);

        if (binary)
            *fits = append(tail, &length, sizeof length) && append(tail, name, length);
        else
            json_array_append_new(data, json_string(name));
    }
    if (binary)
        set_binary(output, tail->size - before);
    else
        json_object_set_new(output, "data", data);
    return output;
}

/* --- the answer ---------------------------------------------------------------- */

/* The JSON of all requested outputs; the bytes of binary ones go to the tail. */
static json_t *make_json(const struct ic_request *request,
                         const struct results *results, struct tail *tail)
{
    const struct ic_infer_wish *wish = &request->wish;
    json_t *outputs = json_array();
    json_t *answer = json_pack("{s:s}", "model_name", request->model_name);
    bool fits = true;

    if (wish->id[0] != '\0')
        json_object_set_new(answer, "id", json_string(wish->id));
    if (wish->probabilities)
        json_array_append_new(
            outputs, probabilities(results, tail, wish->probabilities_binary, &fits));
    if (wish->class)
        json_array_append_new(outputs,
                              classes(results, tail, wish->class_binary, &fits));
    json_object_set_new(answer, "outputs", outputs);
    if (fits)
        return answer;
    json_decref(answer);
    return NULL;
}

/* Appends the bytes to the JSON in the response. */
static void append_tail(struct ic_response *response, const struct tail *tail)
{
    char *whole = realloc(response->body, response->size + tail->size);

    if (whole == NULL) {
        ic_response_json(response, 503, NULL);
        return;
    }
    memcpy(whole + response->size, tail->bytes, tail->size);
    response->type = "application/octet-stream";
    response->json_length = response->size;
    response->body = whole;
    response->size += tail->size;
}

void ic_open_inference_answer(struct ic_response *response,
                              const struct ic_request *request)
{
    struct results results = {
        .model = ic_classifier_model(request->scoring.served->classifier)};
    const unsigned before = ic_jansson_failures();
    struct tail tail = {0};
    json_t *json = NULL;

    if (compute(&results, &request->scoring))
        json = make_json(request, &results, &tail);
    ic_response_json_since(response, 200, json, before);
    if (tail.size > 0 && response->body != NULL)
        append_tail(response, &tail);
    free(results.probabilities);
    free(results.best);
    free(tail.bytes);
}

const struct ic_protocol ic_open_inference_protocol = {
    .read = ic_open_inference_read, .answer = ic_open_inference_answer};
