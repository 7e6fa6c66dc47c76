/* SPDX-License-Identifier: MIT */
/*
 * Fuzzes requests of the Open Inference Protocol. The input is a line with the header
 * that gives the JSON's length (an empty line: no header), then the body.
 */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "serve/open_inference.h"

static void seed(const char *head, const char *json, const char *tail, size_t size)
{
    char text[1024];
    size_t at = strlen(head);

    memcpy(text, head, at);
    text[at++] = '\n';
    memcpy(text + at, json, strlen(json));
    at += strlen(json);
    memcpy(text + at, tail, size);
    fuzz_seed(text, at + size);
}

void fuzz_seeds(void)
{
    seed("",
         "{\"id\":\"a\",\"inputs\":[{\"name\":\"x\",\"shape\":[2,1,1,3],\"datatype\":"
         "\"UINT8\",\"data\":[[[[0,1,2]]],[[[3,40,255]]]]}]}",
         "", 0);
    seed("",
         "{\"inputs\":[{\"data\":[\"Zm9v\",\"\\u005am8=\"],\"datatype\":\"BYTES\","
         "\"shape\":[2,1]}],\"outputs\":[{\"name\":\"class\",\"parameters\":{"
         "\"binary_data\":true}}]}",
         "", 0);
    seed("99",
         "{\"inputs\":[{\"name\":\"x\",\"shape\":[2],\"datatype\":\"BYTES\","
         "\"parameters\":{\"binary_data_size\":13}}]}     ",
         "\x03\0\0\0foo\x02\0\0\0fo", 13);
    seed("99",
         "{\"inputs\":[{\"shape\":[1,1,2,3],\"datatype\":\"UINT8\","
         "\"parameters\":{\"binary_data_size\":6}}]}        ",
         "123456", 6);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    const uint8_t *line = memchr(bytes, '\n', size);
    const size_t length = line != NULL ? (size_t)(line - bytes) : 0;
    const size_t rest = line != NULL ? size - length - 1 : size;
    struct ic_request request = {.scoring.uploads.limit = 20};
    const struct ic_uploads *uploads = &request.scoring.uploads;
    struct ic_error error = {.message = ""};
    char *head = calloc(1, length + 1);
    uint8_t *copy = malloc(rest + !rest);
    struct ic_body body = {.bytes = copy, .size = rest};

    if (head == NULL || copy == NULL)
        goto out;
    memcpy(head, bytes, length);
    memcpy(copy, bytes + size - rest, rest);
    body.json_length = length > 0 ? head : NULL;
    if (ic_open_inference_read(&request, &body, &error) != IC_OK) {
        fuzz_check_refusal(&error);
    } else {
        fuzz_check(uploads->count > 0);
        fuzz_check(request.wish.class || request.wish.probabilities);
    }
    for (size_t i = 0; i < uploads->count; i++) {
        const struct ic_upload *upload = &uploads->items[i];

        fuzz_check(upload->bytes >= copy &&
                   upload->bytes + upload->size <= copy + rest);
        fuzz_check((size_t)upload->height * (size_t)upload->width * 3 ==
                   (upload->height > 0 ? upload->size : 0));
        fuzz_read(upload->bytes, upload->size);
    }
out:
    ic_uploads_free(&request.scoring.uploads);
    free(head);
    free(copy);
    return 0;
}
