/* SPDX-License-Identifier: MIT */
/*
 * The plain protocol: the bodies and answers of POST /score.
 *
 *     {"predictions": [{"class": "cat", "probability": 0.998,
 *                       "probabilities": {"cat": 0.998, "dog": 0.002}}]}
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/jansson.h"
#include "score/answer.h"
#include "serve/instances.h"
#include "serve/multipart.h"
#include "serve/protocol.h"

/* Recognises JSON by its header, or by its first character, which begins no picture. */
static bool is_json(const struct ic_body *body)
{
    size_t at = 0;

    if (body->type != NULL && strncasecmp(body->type, "application/json", 16) == 0)
        return true;
    while (at < body->size && isspace(body->bytes[at]))
        at++;
    return at < body->size && body->bytes[at] == '{';
}

static ic_status read_body(struct ic_request *request, struct ic_body *body,
                           struct ic_error *error)
{
    struct ic_uploads *uploads = &request->scoring.uploads;
    const struct ic_upload picture = {.bytes = body->bytes, .size = body->size};

    if (body->size == 0)
        return ic_fail(error, IC_ERR_FORMAT,
                       "the request has no body; it must be a picture, a form "
                       "(multipart/form-data) or JSON");
    if (body->type != NULL && strncasecmp(body->type, "multipart/", 10) == 0)
        return ic_multipart_read(uploads, body->bytes, body->size, body->type, error);
    if (is_json(body))
        return ic_instances_read(uploads, body->bytes, body->size, error);
    return ic_uploads_add(uploads, &picture, error);
}

static json_t *prediction(const struct ic_model *model, const float *logits,
                          double *probabilities)
{
    json_t *object = json_object();

    ic_softmax(probabilities, logits, model->class_count);
    ic_answer_put(object, model, ic_argmax(logits, model->class_count), probabilities);
    json_object_set_new(object, "probabilities",
                        ic_answer_probabilities(model, probabilities));
    return object;
}

static void answer(struct ic_response *response, const struct ic_request *request)
{
    const struct ic_scoring *scoring = &request->scoring;
    const struct ic_model *model = ic_classifier_model(scoring->served->classifier);
    const size_t classes = (size_t)model->class_count;
    double *probabilities = calloc(classes, sizeof *probabilities);
    const unsigned before = ic_jansson_failures();
    json_t *list = json_array();

    for (size_t i = 0; probabilities != NULL && i < scoring->uploads.count; i++)
        json_array_append_new(
            list, prediction(model, scoring->logits + i * classes, probabilities));
    ic_response_json_since(
        response, 200,
        probabilities != NULL ? json_pack("{s:O}", "predictions", list) : NULL, before);
    json_decref(list);
    free(probabilities);
}

const struct ic_protocol ic_predictions_protocol = {.read = read_body,
                                                    .answer = answer};
