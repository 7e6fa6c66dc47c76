/* SPDX-License-Identifier: MIT */
/*
 * Fuzzes forms, multipart/form-data. The input is a line with the boundary, then the
 * body.
 */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "serve/multipart.h"

#define PART(name) \
    "Content-Disposition: form-data; name=\"x\"; filename=" name "\r\n\r\n12\r\n"

static void seed(const char *text)
{
    fuzz_seed(text, strlen(text));
}

void fuzz_seeds(void)
{
    seed("; boundary=b\n--b\r\n" PART("\"a.png\"") "--b\r\n" PART("c") "--b--\r\n");
    seed("; boundary=\"b c\"\npreamble\r\n--b c \r\n\r\n12\r\n--b c--\r\nepilogue");
    seed(";x=\"y\\\"\";boundary=--\n----\r\n\r\n--\r\n------");
    seed("; boundary=b\n--b\r\nContent-Type: x\r\n\r\n\r\n--b\r\n\r\n\r\n--b");
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    const uint8_t *line = memchr(bytes, '\n', size);
    const size_t length = line != NULL ? (size_t)(line - bytes) : 0;
    const size_t rest = line != NULL ? size - length - 1 : size;
    struct ic_uploads uploads = {.limit = 20};
    struct ic_error error = {.message = ""};
    char *type = calloc(1, length + 20);
    uint8_t *body = malloc(rest);

    if (type == NULL || (body == NULL && rest > 0))
        goto out;
    memcpy(type, "multipart/form-data", 19);
    memcpy(type + 19, bytes, length);
    if (rest > 0)
        memcpy(body, bytes + size - rest, rest);
    if (ic_multipart_read(&uploads, body, rest, type, &error) != IC_OK)
        fuzz_check_refusal(&error);
    else
        fuzz_check(uploads.count > 0);
    for (size_t i = 0; i < uploads.count; i++) {
        const struct ic_upload *upload = &uploads.items[i];
        char name[IC_UPLOAD_NAME];

        fuzz_check(upload->bytes >= body && upload->size <= rest &&
                   upload->bytes + upload->size <= body + rest);
        fuzz_read(upload->bytes, upload->size);
        fuzz_read(upload->name, upload->name_length);
        fuzz_check(strlen(ic_upload_name(&uploads, i, name)) > 0);
    }
out:
    ic_uploads_free(&uploads);
    free(type);
    free(body);
    return 0;
}
