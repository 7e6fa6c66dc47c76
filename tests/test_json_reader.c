/* SPDX-License-Identifier: MIT */
/*
 * The JSON reader against jansson: both accept the same texts, and find the same
 * strings and numbers in them.
 */
#include <jansson.h>

#include "check.h"
#include "serve/base64.h"
#include "serve/json_reader.h"

static struct ic_error error;

/* A copy that ends where the text does, so that a sanitizer sees a read past the end.
 */
static uint8_t *copy_of(const char *text, size_t size)
{
    uint8_t *bytes = check_alloc(size, 1);

    memcpy(bytes, text, size);
    return bytes;
}

/* Whether the reader accepts any text; it must leave the text unchanged. */
static bool takes(const char *text, size_t size)
{
    uint8_t *bytes = copy_of(text, size);
    struct ic_json json;
    bool taken;

    ic_json_begin(&json, bytes, size);
    ic_json_skip(&json);
    taken = ic_json_end(&json, &error) == IC_OK;
    CHECK(taken || strstr(error.message, "invalid at byte") != NULL);
    CHECK(memcmp(bytes, text, size) == 0);
    free(bytes);
    return taken;
}

static void agree(const char *text, size_t size)
{
    json_error_t why;
    json_t *tree =
        json_loadb(text, size, JSON_DECODE_ANY | JSON_DECODE_INT_AS_REAL, &why);

    if (takes(text, size) != (tree != NULL))
        CHECK_FAIL("\"%.*s\": jansson says %s", (int)size, text,
                   tree != NULL ? "yes" : why.text);
    json_decref(tree);
}

static const char *const texts[] = {
    "",
    " ",
    "0",
    "-0",
    "00",
    "01",
    "-",
    "-1",
    "+1",
    ".5",
    "0.5",
    "1.",
    "1.0e",
    "1e5",
    "1E+5",
    "1e-05",
    "1e+",
    "12345678901234567890123",
    "-1.25e-3",
    "0x1",
    "true",
    "false",
    "null",
    "True",
    "tru",
    "nulls",
    "nan",
    "\"\"",
    "\"a\"",
    "\"",
    "\"\\\"",
    "\"\\\\\"",
    "\"\\a\"",
    "\"\\/\\b\\f\\n\\r\\t\\\"\"",
    "\"\\u0041\"",
    "\"\\u00\"",
    "\"\\u00zz\"",
    "\"\\u00e4\\u20ac\"",
    "\"\\ud83d\\ude00\"",
    "\"\\ud83d\"",
    "\"\\ud83dx\"",
    "\"\\ude00\"",
    "\"\\ude00\\ude00\"",
    "\"\\udfff\\udc00\"",
    "\"\x1f\"",
    "\"\x01\"",
    "\"\\ud83d\\u0041\"",
    "\"\\u0000\"",
    "\"\xc3\xa4\"",
    "\"\xc3\"",
    "\"\xc3",
    "\"\xe2\x82\xac\"",
    "\"\xf0\x9f\x98\x80\"",
    "\"\xff\"",
    "\"\xc0\x80\"",
    "\"\xed\xa0\x80\"",
    "\"\xf4\x90\x80\x80\"",
    "\"\n\"",
    "\"\x7f\"",
    "[]",
    "[ ]",
    "[,]",
    "[1,]",
    "[1 2]",
    "[1,2]",
    "[1",
    "[",
    "]",
    "[[],[[]]]",
    "[]]",
    "{}",
    "{\"a\":1}",
    "{\"a\" : [ ] , \"b\":{}}",
    "{\"a\"}",
    "{\"a\":}",
    "{\"a\":1,}",
    "{a:1}",
    "{1:1}",
    "{\"a\":1 \"b\":2}",
    "{\"a\":1]",
    "[{\"a\":[{\"b\":[1,{}]},\"c\"],\"d\":null}]",
    "1 2",
    "\xef\xbb\xbf{}",
    "\t\r\n {}\n",
    "\v{}",
    "[1]\0",
};

static void same_texts(void)
{
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        agree(texts[i], strlen(texts[i]));
    agree("[1]\0", 4);
    agree("\"a\0b\"", 5);
    /* Every prefix of a text that contains every kind of value. */
    {
        static const char all[] = "{\"a\\u00e4\": [1, -2.5e3, true, null, {\"b\": "
                                  "\"\xe2\x82\xac\\ud83d\\ude00\"}], \"c\": {}}";

        for (size_t size = 0; size < sizeof all; size++)
            agree(all, size);
    }
}

/* Random texts, assembled from pieces. */
static void many_texts(void)
{
    static const char *const pieces[] = {"{",     "}",     "[",       "]",      ",",
                                         ":",     " ",     "\"",      "\"a\":", "1",
                                         "-",     "0",     "e",       ".",      "true",
                                         "null",  "\"\\u", "\\",      "d",      "8",
                                         "\\ud8", "3d",    "\\ude00", "\xc3",   "\xa4"};
    unsigned state = 1;

    for (int i = 0; i < 200000; i++) {
        char text[80];
        size_t size = 0;

        for (int k = 1 + (int)(state >> 20) % 9; k > 0; k--) {
            const char *piece;

            state = state * 1664525 + 1013904223;
            piece = pieces[(state >> 16) % (sizeof pieces / sizeof *pieces)];
            memcpy(text + size, piece, strlen(piece));
            size += strlen(piece);
        }
        agree(text, size);
    }
}

static void values(void)
{
    char text[] =
        "{\"a\\\"\\u00e4\\ud83d\\ude00b\": [\"x\\/y\", 0, 255, true], \"n\": 7}";
    uint8_t *bytes = copy_of(text, strlen(text));
    struct ic_json json;
    struct ic_json_text key, string;
    uint64_t number;
    bool flag;

    ic_json_begin(&json, bytes, strlen(text));
    CHECK(ic_json_object(&json) && ic_json_key(&json, &key));
    CHECK(ic_json_is(&key, "a\"\xc3\xa4\xf0\x9f\x98\x80"
                           "b"));
    CHECK(!ic_json_is(&key, "a"));
    CHECK(ic_json_peek(&json) == '[' && ic_json_array(&json));
    CHECK(ic_json_item(&json) && ic_json_string(&json, &string));
    CHECK(ic_json_is(&string, "x/y"));
    CHECK(ic_json_item(&json) && ic_json_whole(&json, 255, &number) && number == 0);
    CHECK(ic_json_item(&json) && ic_json_whole(&json, 255, &number) && number == 255);
    CHECK(ic_json_item(&json) && ic_json_bool(&json, &flag) && flag);
    CHECK(!ic_json_item(&json) && !json.failed);
    CHECK(ic_json_key(&json, &key) && ic_json_is(&key, "n"));
    CHECK(ic_json_whole(&json, UINT64_MAX, &number) && number == 7);
    CHECK(!ic_json_key(&json, &key));
    CHECK_OK(ic_json_end(&json, &error));
    free(bytes);
}

/* The largest number is accepted; texts that only look like a number are not. */
static void numbers(void)
{
    static const struct {
        const char *text;
        uint64_t max;
        bool taken;
    } cases[] = {
        {"0", 0, true},
        {"1", 0, false},
        {"255", 255, true},
        {"256", 255, false},
        {"25", 24, false},
        {"-1", 255, false},
        {"1.0", 255, false},
        {"1e1", 255, false},
        {"01", 255, false},
        {"", 255, false},
        {"x", 255, false},
        {"999999999999999999999", 255, false},
        {"18446744073709551615", UINT64_MAX, true},
        {"18446744073709551616", UINT64_MAX, false},
        {"4294967295", UINT32_MAX, true},
        {"4294967296", UINT32_MAX, false},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        uint8_t *bytes = copy_of(cases[i].text, strlen(cases[i].text));
        struct ic_json json;
        uint64_t number;

        ic_json_begin(&json, bytes, strlen(cases[i].text));
        if (ic_json_whole(&json, cases[i].max, &number) != cases[i].taken)
            CHECK_FAIL("%s up to %llu", cases[i].text,
                       (unsigned long long)cases[i].max);
        if (cases[i].taken)
            CHECK(number == strtoull(cases[i].text, NULL, 10));
        free(bytes);
    }
}

static void depth(void)
{
    char text[200];

    for (int open = 30; open < 36; open++) {
        memset(text, '[', (size_t)open);
        memset(text + open, ']', (size_t)open);
        CHECK_INT(takes(text, 2 * (size_t)open), open <= IC_JSON_DEPTH);
    }
}

/* --- Base64 -------------------------------------------------------------------- */

static void base64(void)
{
    /* RFC 4648, section 10, and invalid texts. */
    static const char *const right[][2] = {{"", ""},
                                           {"Zg==", "f"},
                                           {"Zm8=", "fo"},
                                           {"Zm9v", "foo"},
                                           {"Zm9vYg==", "foob"},
                                           {"Zm9vYmE=", "fooba"},
                                           {"Zm9vYmFy", "foobar"},
                                           {"+/+/", "\xfb\xff\xbf"}};
    static const char *const wrong[] = {"Z",    "Zg",      "Zg=",  "Zh==",     "Zm9=",
                                        "====", "Z===",    "=Zm8", "Zg==Zg==", "Zm9v\n",
                                        "Zm-_", "Zm9\xff", "Zm 9"};
    uint8_t text[32];
    size_t size;

    for (size_t i = 0; i < sizeof right / sizeof *right; i++) {
        memcpy(text, right[i][0], strlen(right[i][0]));
        CHECK(ic_base64_decode(text, strlen(right[i][0]), &size));
        CHECK_INT(size, strlen(right[i][1]));
        CHECK(memcmp(text, right[i][1], size) == 0);
    }
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        memcpy(text, wrong[i], strlen(wrong[i]));
        if (ic_base64_decode(text, strlen(wrong[i]), &size))
            CHECK_FAIL("\"%s\" is taken for Base64", wrong[i]);
    }
}

int main(void)
{
    same_texts();
    many_texts();
    values();
    numbers();
    depth();
    base64();
    return check_result();
}
