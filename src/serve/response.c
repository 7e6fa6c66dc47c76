/* SPDX-License-Identifier: MIT */
/*
 * Makes answers. See response.h.
 */
#include "serve/response.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/jansson.h"
#include "base/text.h"
#include "score/answer.h"

void ic_response_json_since(struct ic_response *response, int status, json_t *json,
                            unsigned before)
{
    ic_response_free(response);
    response->status = status;
    response->type = "application/json";
    response->body =
        json != NULL ? ic_jansson_dump(json, IC_ANSWER_FLAGS, before) : NULL;
    response->size = response->body != NULL ? strlen(response->body) : 0;
    json_decref(json);
    if (response->body == NULL)
        response->status = 503;
}

void ic_response_json(struct ic_response *response, int status, json_t *json)
{
    ic_response_json_since(response, status, json, ic_jansson_failures());
}

void ic_response_error(struct ic_response *response, int status, const char *format,
                       ...)
{
    char sentence[512];
    va_list args;

    va_start(args, format);
    vsnprintf(sentence, sizeof sentence, format, args);
    va_end(args);
    ic_text_clean(sentence);
    ic_response_json(response, status, json_pack("{s:s}", "error", sentence));
}

const char *ic_response_phrase(int status)
{
    switch (status) {
    case 413:
        return "Content Too Large";
    case 503:
        return "Service Unavailable";
    default:
        return "Error";
    }
}

void ic_response_free(struct ic_response *response)
{
    free(response->body);
    response->body = NULL;
    response->size = 0;
}
