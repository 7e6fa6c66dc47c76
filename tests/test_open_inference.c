/* SPDX-License-Identifier: MIT */
/*
 * Requests of the Open Inference Protocol: their parts and forms, and refusals. The
 * answers are tested through a server (tests/serve.py).
 */
#include "bytes.h"
#include "check.h"
#include "serve/open_inference.h"

static struct ic_error error;
static struct ic_request request;
static struct bytes body;

/* Reads JSON and `size` bytes after it; negative: without the header for the JSON's
 * length. */
static ic_status read_body(const char *json, const void *tail, int size)
{
    char length[24];
    struct ic_body whole;

    ic_uploads_free(&request.scoring.uploads);
    request = (struct ic_request){.scoring.uploads.limit = 4};
    bytes_free(&body);
    body.at = check_alloc(strlen(json) + (size_t)(size > 0 ? size : 0), 1);
    memcpy(body.at, json, strlen(json));
    body.size = strlen(json);
    if (size > 0) {
        memcpy(body.at + body.size, tail, (size_t)size);
        body.size += (size_t)size;
    }
    snprintf(length, sizeof length, "%zu", strlen(json));
    whole = (struct ic_body){
        .bytes = body.at, .size = body.size, .json_length = size >= 0 ? length : NULL};
    return ic_open_inference_read(&request, &whole, &error);
}

static void is(size_t index, const void *bytes, size_t size, int height, int width)
{
    const struct ic_upload *upload = &request.scoring.uploads.items[index];

    CHECK(index < request.scoring.uploads.count);
    if (index >= request.scoring.uploads.count)
        return;
    CHECK_INT(upload->size, size);
    CHECK(upload->size == size && memcmp(upload->bytes, bytes, size) == 0);
    CHECK_INT(upload->height, height);
    CHECK_INT(upload->width, width);
}

/* --- valid requests ------------------------------------------------------------ */

static void pixels(void)
{
    static const uint8_t twelve[] = {0, 1, 2, 3, 40, 50, 60, 255, 8, 9, 10, 11};
    static const char flat[] =
        "{\"inputs\":[{\"name\":\"x\",\"shape\":[2,1,2,3],\"datatype\":\"UINT8\","
        "\"data\":[0,1,2,3,40,50,60,255,8,9,10,11]}]}";
    static const char nested[] =
        "{\"inputs\":[{\"data\": [ [[[0,1,2],[3,40,50]]], [[[60,255,8], [9,10,11]]] ],"
        "\"datatype\":\"UINT8\",\"na\\u006de\":\"a\\\"b\",\"shape\":[2,1,2,3]}],"
        "\"parameters\":{\"x\":[1,{}]}}";
    static const char binary[] =
        "{\"inputs\":[{\"name\":\"x\",\"shape\":[2,1,2,3],\"datatype\":\"UINT8\","
        "\"parameters\":{\"binary_data_size\":12}}]}";

    CHECK_OK(read_body(flat, NULL, -1));
    is(0, twelve, 6, 1, 2);
    is(1, twelve + 6, 6, 1, 2);
    CHECK_OK(read_body(nested, NULL, -1));
    is(0, twelve, 6, 1, 2);
    is(1, twelve + 6, 6, 1, 2);
    CHECK_OK(read_body(nested, NULL, 0));
    CHECK_OK(read_body(binary, twelve, 12));
    CHECK_INT(request.scoring.uploads.count, 2);
    is(0, twelve, 6, 1, 2);
    is(1, twelve + 6, 6, 1, 2);
}

static void files(void)
{
    static const char base64[] =
        "{\"inputs\":[{\"name\":\"x\",\"data\":[\"Zm9v\",[\"\\u005am8=\"]],"
        "\"shape\":[2,1],\"datatype\":\"BYTES\"}]}";
    static const char binary[] =
        "{\"inputs\":[{\"name\":\"x\",\"shape\":[2],\"datatype\":\"BYTES\","
        "\"parameters\":{\"binary_data_size\":13}}]}";

    CHECK_OK(read_body(base64, NULL, -1));
    is(0, "foo", 3, 0, 0);
    is(1, "fo", 2, 0, 0);
    CHECK_OK(read_body(binary, "\x03\0\0\0foo\x02\0\0\0fo", 13));
    is(0, "foo", 3, 0, 0);
    is(1, "fo", 2, 0, 0);
}

#define INPUT "\"inputs\":[{\"shape\":[1],\"datatype\":\"BYTES\",\"data\":[\"\"]}]"

/* wish JSON PROBABILITIES CLASS: 0 not requested, 1 in JSON, 2 as bytes. */
static void wish(const char *json, int probabilities, int class)
{
    const struct ic_infer_wish *found = &request.wish;

    CHECK_OK(read_body(json, NULL, -1));
    CHECK_INT(found->probabilities ? 1 + found->probabilities_binary : 0,
              probabilities);
    CHECK_INT(found->class ? 1 + found->class_binary : 0, class);
}

static void wishes(void)
{
    wish("{" INPUT "}", 1, 1);
    CHECK_STRING(request.wish.id, "");
    wish("{\"id\":\"a\\u00e4\"," INPUT ",\"outputs\":[]}", 1, 1);
    CHECK_STRING(request.wish.id, "a\xc3\xa4");
    wish("{" INPUT ",\"parameters\":{\"binary_data_output\":true}}", 2, 2);
    wish("{" INPUT ",\"parameters\":{\"binary_data_output\":false}}", 1, 1);
    wish("{" INPUT ",\"outputs\":[{\"name\":\"class\"}]}", 0, 1);
    wish("{\"outputs\":[{\"parameters\":{\"binary_data\":true},\"name\":"
         "\"probabilities\"}"
         "]," INPUT "}",
         2, 0);
    wish("{" INPUT ",\"parameters\":{\"binary_data_output\":true},\"outputs\":["
         "{\"name\":\"probabilities\",\"parameters\":{\"binary_data\":false}},"
         "{\"name\":\"class\",\"parameters\":{\"classification\":1}}]}",
         1, 2);
}

/* --- invalid requests ---------------------------------------------------------- */

static void refused(const char *json, const char *tail, int size, const char *sentence)
{
    CHECK_FAILS(read_body(json, tail, size), IC_ERR_FORMAT, sentence);
}

/* A request whose input has these members. */
static void refused_input(const char *members, const char *sentence)
{
    char json[512];

    snprintf(json, sizeof json, "{\"inputs\":[{%s}]}", members);
    refused(json, NULL, -1, sentence);
}

static void wrong_inputs(void)
{
    static const char shape[] = "the input's shape must be";

    refused("", NULL, -1, "invalid at byte 1: expected an object");
    refused("{}", NULL, -1, "must have one input, found 0");
    refused("{\"inputs\":[]}", NULL, -1, "must have one input, found 0");
    refused("{\"inputs\":[{},{}]}", NULL, -1, "must have one input, found 2");
    refused("{\"inputs\":{}}", NULL, -1, "expected an array");
    refused_input("", "datatype must be BYTES or UINT8");
    refused_input("\"datatype\":\"FP32\"", "datatype must be BYTES or UINT8");
    refused_input("\"datatype\":\"BYTES\"", shape);
    refused_input("\"datatype\":\"BYTES\",\"shape\":[]", shape);
    refused_input("\"datatype\":\"BYTES\",\"shape\":[0]", shape);
    refused_input("\"datatype\":\"BYTES\",\"shape\":[1,2]", shape);
    refused_input("\"datatype\":\"BYTES\",\"shape\":[-1]", "a whole number from 0");
    refused_input("\"datatype\":\"BYTES\",\"shape\":[1,1,1,1,1]", "at most 4 numbers");
    refused_input("\"datatype\":\"BYTES\",\"shape\":[4294967296]", "a whole number");
    refused_input("\"datatype\":\"UINT8\",\"shape\":[1,2,2]", shape);
    refused_input("\"datatype\":\"UINT8\",\"shape\":[1,2,2,4]", shape);
    refused_input("\"datatype\":\"UINT8\",\"shape\":[1,0,2,3]", shape);
    refused_input("\"datatype\":\"UINT8\",\"shape\":[1,2,32769,3]", shape);
    refused_input("\"datatype\":\"UINT8\",\"shape\":[0,2,2,3]", shape);
    refused_input("\"datatype\":\"BYTES\",\"shape\":[1]", "either data or binary");
    refused_input("\"datatype\":\"BYTES\",\"shape\":[1],\"data\":[\"\"],"
                  "\"parameters\":{\"binary_data_size\":0}",
                  "either data or binary");
    refused_input("\"datatype\":\"BYTES\",\"shape\":[1],\"data\":\"\"",
                  "expected an array of data");
}

static void wrong_data(void)
{
#define BYTES2 "\"datatype\":\"BYTES\",\"shape\":[2],\"data\":"
#define PIXEL  "\"datatype\":\"UINT8\",\"shape\":[1,1,1,3],\"data\":"
    refused_input(BYTES2 "[]", "2 elements fewer than its shape says");
    refused_input(BYTES2 "[\"\"]", "1 elements fewer than its shape says");
    refused_input(BYTES2 "[\"\",\"\",\"\"]", "no more data than the shape says");
    refused_input(BYTES2 "[\"\",\"?\"]", "picture 2 is not Base64");
    refused_input(BYTES2 "[\"\",7]", "expected a string");
    refused_input(PIXEL "[1,2]", "1 elements fewer than its shape says");
    refused_input(PIXEL "[1,2,3,4]", "no more data than the shape says");
    refused_input(PIXEL "[1,2,256]", "a whole number from 0 to 255");
    refused_input(PIXEL "[1,2,-3]", "a whole number from 0 to 255");
    refused_input(PIXEL "[1,2,3.0]", "a whole number from 0 to 255");
    refused_input(PIXEL "[1,2,\"3\"]", "a whole number from 0 to 255");
    refused_input(PIXEL "[1,2,null]", "a whole number from 0 to 255");
    CHECK_FAILS(read_body("{\"inputs\":[{\"datatype\":\"UINT8\",\"shape\":[5,1,1,3],"
                          "\"data\":[1,2,3,1,2,3,1,2,3,1,2,3,1,2,3]}]}",
                          NULL, -1),
                IC_ERR_LIMIT, "exceeds the limit of 4 pictures");
}

static void wrong_binary(void)
{
#define INPUT_OF(type, shape, size)                                                \
    "{\"inputs\":[{\"datatype\":\"" type "\",\"shape\":" shape ",\"parameters\":{" \
    "\"binary_data_size\":" size "}}]}"
    const char *two = INPUT_OF("BYTES", "[2]", "13");

    refused(two, "\x03\0\0\0foo\x02\0\0\0fo", 12, "12 bytes follow the JSON");
    refused(two, "\x03\0\0\0foo\x02\0\0\0fo", -1, "0 bytes follow the JSON");
    refused(two, "\x03\0\0\0foo\x03\0\0\0fo", 13, "ends within picture 2");
    refused(two,
            "\xff\xff\xff\xff"
            "foo\x02\0\0\0fo",
            13, "ends within picture 1");
    refused(two, "\x06\0\0\0fooxxx\x02\0\0", 13, "ends within picture 2");
    refused(two, "\x03\0\0\0foo\x01\0\0\0fo", 13, "1 bytes follow the last picture");
    refused(INPUT_OF("BYTES", "[4294967295]", "4"), "\0\0\0\0", 4, "within picture 2");
    refused(INPUT_OF("UINT8", "[1,1,1,3]", "4"), "1234", 4, "says 3 bytes of pixels");
    refused(INPUT_OF("UINT8", "[4294967295,32768,32768,3]", "4"), "1234", 4,
            "says 13835058052060938240 bytes of pixels");
    refused(INPUT_OF("UINT8", "[1,1,1,3]", "99999999999999999999"), "123", 3,
            "a whole number");
    refused("{" INPUT "}", "x", 1, "1 bytes follow the JSON, but the input has");
    refused(INPUT_OF("UINT8", "[1,1,1,3]", "true"), "123", 3, "a whole number");
}

static void wrong_wishes(void)
{
    char id[200];

    snprintf(id, sizeof id, "{\"id\":\"%0128d\"," INPUT "}", 0);
    refused(id, NULL, -1, "an id of at most 127 bytes");
    refused("{\"id\":7," INPUT "}", NULL, -1, "expected a string");
    refused("{" INPUT ",\"outputs\":[{\"name\":\"logits\"}]}", NULL, -1,
            "an output named \"probabilities\" or \"class\"");
    refused("{" INPUT ",\"outputs\":[{}]}", NULL, -1, "an output named");
    refused("{" INPUT ",\"parameters\":{\"binary_data_output\":1}}", NULL, -1,
            "true or false");
}

/* The header that gives the JSON's length. */
static void wrong_lengths(void)
{
    static const char *const lengths[] = {
        "", "-1", "99", "7x", " 7", "0x7", "99999999999999999999999999"};
    uint8_t text[] = "{" INPUT "}";

    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        struct ic_body whole = {.bytes = text, .size = 10, .json_length = lengths[i]};

        CHECK_FAILS(ic_open_inference_read(&request, &whole, &error), IC_ERR_FORMAT,
                    "Inference-Header-Content-Length must be");
    }
}

int main(void)
{
    pixels();
    files();
    wishes();
    wrong_inputs();
    wrong_data();
    wrong_binary();
    wrong_wishes();
    wrong_lengths();
    ic_uploads_free(&request.scoring.uploads);
    bytes_free(&body);
    return check_result();
}
