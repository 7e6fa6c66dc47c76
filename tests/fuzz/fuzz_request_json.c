/* SPDX-License-Identifier: MIT */
/*
 * Fuzzes JSON in requests: the reader against jansson, and pictures in Base64.
 */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "serve/instances.h"
#include "serve/json_reader.h"

static void seed(const char *text)
{
    fuzz_seed(text, strlen(text));
}

void fuzz_seeds(void)
{
    seed("{\"instances\":[{\"b64\":\"Zm9v\"},{\"k\":[1,{}],\"b64\":\"Zg==\"}]}");
    seed(
        "{\"inputs\":[\"Zm9v\",\"\\u005am8=\"],\"params\":{\"a\":[true,null,-1.5e3]}}");
    seed("{\"signature_name\":\"\\ud83d\\ude00\xe2\x82\xac\\n\",\"instances\":[\"\"]}");
    seed("[[[[[[[[1]]]]]]], {\"a\":{\"b\":{\"c\":[[]]}}}, 0.5, -0, 1E+5, \"\\\"\"]");
}

/* The deepest nesting of a tree. */
static int depth_of(const json_t *tree)
{
    const char *key;
    json_t *value;
    size_t index;
    int deepest = 0;

    if (json_is_object(tree))
        json_object_foreach((json_t *)tree, key, value)
        {
            const int depth = depth_of(value);

            deepest = depth > deepest ? depth : deepest;
        }
    json_array_foreach(tree, index, value)
    {
        const int depth = depth_of(value);

        deepest = depth > deepest ? depth : deepest;
    }
    return deepest + (json_is_object(tree) || json_is_array(tree));
}

/* jansson accepts all that the reader accepts, except numbers beyond a double's range.
 * A text that jansson alone accepts is nested too deep. jansson skips zero bytes, so
 * inputs with them are left out. */
static void compare(uint8_t *copy, const uint8_t *bytes, size_t size)
{
    struct ic_error error = {.message = ""};
    struct ic_json json;
    json_error_t why;
    json_t *tree = json_loadb((const char *)bytes, size,
                              JSON_DECODE_ANY | JSON_DECODE_INT_AS_REAL, &why);
    ic_status status;

    ic_json_begin(&json, copy, size);
    ic_json_skip(&json);
    status = ic_json_end(&json, &error);
    fuzz_check(memcmp(copy, bytes, size) == 0);
    if (status != IC_OK)
        fuzz_check_refusal(&error);
    if (status == IC_OK && tree == NULL) /* 1e999 */
        fuzz_check(json_error_code(&why) == json_error_numeric_overflow);
    if (status != IC_OK && tree != NULL)
        fuzz_check(depth_of(tree) > IC_JSON_DEPTH);
    json_decref(tree);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct ic_uploads uploads = {.limit = 20};
    struct ic_error error = {.message = ""};
    uint8_t *copy = malloc(size + !size);

    if (copy == NULL)
        return 0;
    memcpy(copy, bytes, size);
    if (size > 0 && memchr(bytes, 0, size) == NULL)
        compare(copy, bytes, size);
    if (ic_instances_read(&uploads, copy, size, &error) != IC_OK)
        fuzz_check_refusal(&error);
    else
        fuzz_check(uploads.count > 0);
    for (size_t i = 0; i < uploads.count; i++) {
        fuzz_check(uploads.items[i].bytes >= copy &&
                   uploads.items[i].bytes + uploads.items[i].size <= copy + size);
        fuzz_read(uploads.items[i].bytes, uploads.items[i].size);
    }
    ic_uploads_free(&uploads);
    free(copy);
    return 0;
}
