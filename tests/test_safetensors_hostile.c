/* SPDX-License-Identifier: MIT */
/*
 * Bad safetensors files: each is refused with a sentence, and none makes the reader
 * read out of bounds (run the test with sanitizers to see that).
 */
#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bytes.h"
#include "check.h"
#include "format/safetensors.h"

static char folder[] = "/tmp/im2cat-hostile-XXXXXX";
static char path[64];
static struct ic_error error;

static void write_bytes(const void *bytes, size_t size)
{
    bytes_write(path, bytes, size);
}

/* A file with that header, its length in front, and `data_size` bytes after it. */
static void write_file(const char *header, size_t data_size)
{
    const size_t length = strlen(header);
    unsigned char *bytes = check_alloc(8 + length + data_size, 1);

    for (int i = 0; i < 8; i++)
        bytes[i] = (unsigned char)((uint64_t)length >> 8 * i);
    memcpy(bytes + 8, header, length);
    write_bytes(bytes, 8 + length + data_size);
    free(bytes);
}

static void check_status(ic_status status, const char *text)
{
    struct ic_safetensors *file = (void *)&error; /* to see that it is overwritten */

    CHECK_FAILS(ic_safetensors_open(path, &file, &error), status, text);
    CHECK(file == NULL);
    CHECK(strstr(error.message, path) != NULL);
    CHECK(strchr(error.message, '\n') == NULL);
    ic_safetensors_close(file);
}

static void refused(const char *header, size_t data_size, const char *text)
{
    write_file(header, data_size);
    check_status(IC_ERR_FORMAT, text);
}

static void accepted(const char *header, size_t data_size)
{
    struct ic_safetensors *file;

    write_file(header, data_size);
    CHECK_OK(ic_safetensors_open(path, &file, &error));
    ic_safetensors_close(file);
}

/* --- the file and its length ------------------------------------------------------ */

static void length_refused(uint64_t length, const char *rest, ic_status status,
                           const char *text)
{
    unsigned char bytes[64];

    for (int i = 0; i < 8; i++)
        bytes[i] = (unsigned char)(length >> 8 * i);
    memcpy(bytes + 8, rest, strlen(rest));
    write_bytes(bytes, 8 + strlen(rest));
    check_status(status, text);
}

static void test_lengths(void)
{
    struct ic_safetensors *file;
    char missing[80];
    FILE *stream;

    snprintf(missing, sizeof missing, "%s/missing", folder);
    CHECK_FAILS(ic_safetensors_open(missing, &file, &error), IC_ERR_IO, missing);
    CHECK_FAILS(ic_safetensors_open(folder, &file, &error), IC_ERR_IO, "folder");
    write_bytes("", 0);
    check_status(IC_ERR_FORMAT, "this one has 0");
    write_bytes("\2\0\0\0\0\0\0", 7);
    check_status(IC_ERR_FORMAT, "this one has 7");
    length_refused(0, "", IC_ERR_FORMAT, "not a JSON object");
    length_refused(0, "{}", IC_ERR_FORMAT, "not a JSON object");
    length_refused(1, "{}", IC_ERR_FORMAT, "not valid JSON");
    length_refused(3, "{}", IC_ERR_FORMAT, "3 bytes is announced, and 2 bytes follow");
    length_refused((uint64_t)1 << 63, "{}", IC_ERR_FORMAT, "9223372036854775808 bytes");
    length_refused(UINT64_MAX, "{}", IC_ERR_FORMAT, "18446744073709551615 bytes");
    length_refused(UINT64_MAX - 7, "{}", IC_ERR_FORMAT, "18446744073709551608 bytes");
    length_refused(100 << 20, "{}", IC_ERR_FORMAT, "104857600 bytes");

    /* A header of 101 MiB that really exists; the file is sparse. */
    length_refused(101 << 20, "{", IC_ERR_FORMAT, "105906176 bytes");
    CHECK(truncate(path, (off_t)102 << 20) == 0);
    check_status(IC_ERR_LIMIT, "105906176 bytes, the limit is");

    /* A zip file, as torch.save writes it, and a picture. */
    write_bytes("PK\3\4\0\0\10\10\0\0\0\0\0\0\0\0\0\0\0\0", 20);
    check_status(IC_ERR_FORMAT, "not a safetensors file");
    write_bytes("\xff\xd8\xff\xe0\0\20JFIF\0\1\1\0", 14);
    check_status(IC_ERR_FORMAT, "not a safetensors file");

    stream = fopen(path, "wb");
    fclose(stream);
    if (geteuid() != 0) {
        chmod(path, 0);
        check_status(IC_ERR_IO, "Permission denied");
        chmod(path, 0600);
    }
}

/* --- the header ------------------------------------------------------------------- */

static void test_json(void)
{
    static const char *const bad[] = {
        "{",
        "{}x",
        "{}{}",
        "{\"a\"}",
        "{\"a\":}",
        "{'a':1}",
        "{\"a\":\"\\u0000\"}",
        "{\"a\\u0000b\":{\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[0,4]}}",
        "{\"\xff\":1}",
        "{\"\xc0\x80\":1}",     /* overlong */
        "{\"\xed\xa0\x80\":1}", /* surrogate */
        "{\"a\":1e999}",
        "{\"a\":99999999999999999999}",
        "{\"__metadata__\":{\"a\":\"1\",\"a\":\"2\"}}",
        "{\"__metadata__\":{},\"__metadata__\":{}}",
        "{\"a\":{\"shape\":[],\"shape\":[],\"dtype\":\"F32\"}}",
    };
    char *deep = check_alloc(200001, 1);

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        refused(bad[i], 4, "the header is not valid JSON");
    refused("{\"a\":{\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[0,4]},"
            "\"a\":{\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[4,8]}}",
            8, "duplicate object key");
    refused("[]", 0, "not a JSON object");
    refused("3", 0, "not a JSON object");
    refused("\"a\"", 0, "not a JSON object");
    refused(" {}", 0, "not a JSON object");
    accepted("{}", 0);
    accepted("{} \n\t  ", 0);

    /* Brackets at the deepest allowed nesting. */
    memset(deep, '[', 200000);
    memcpy(deep, "{\"a\":", 5);
    refused(deep, 0, "not valid JSON");
    free(deep);
}

static void test_metadata(void)
{
    accepted("{\"__metadata__\":{}}", 0);
    accepted("{\"__metadata__\":{\"\":\"\"}}", 0);
    refused("{\"__metadata__\":[]}", 0, "__metadata__ is not a JSON object");
    refused("{\"__metadata__\":null}", 0, "__metadata__ is not a JSON object");
    refused("{\"__metadata__\":\"x\"}", 0, "__metadata__ is not a JSON object");
    refused("{\"__metadata__\":{\"k\":1}}", 0, "metadata \"k\" is not a string");
    refused("{\"__metadata__\":{\"k\":null}}", 0, "metadata \"k\" is not a string");
    refused("{\"__metadata__\":{\"k\":{\"l\":\"m\"}}}", 0, "\"k\" is not a string");
    refused("{\"__metadata__\":{\"dtype\":\"F32\",\"shape\":[],"
            "\"data_offsets\":[0,4]}}",
            4, "\"shape\" is not a string");
}

/* --- one tensor ------------------------------------------------------------------- */

/* A file with one tensor "t", assembled from the texts of its three members. */
static void tensor_refused(const char *dtype, const char *shape, const char *offsets,
                           size_t data_size, const char *text)
{
    char header[512];

    snprintf(header, sizeof header,
             "{\"t\":{\"dtype\":%s,\"shape\":%s,\"data_offsets\":%s}}", dtype, shape,
             offsets);
    if (text == NULL)
        accepted(header, data_size);
    else
        refused(header, data_size, text);
}

static void test_members(void)
{
    static const char *const not_described[] = {
        "{\"t\":1}",
        "{\"t\":null}",
        "{\"t\":[]}",
        "{\"t\":{}}",
        "{\"t\":{\"dtype\":\"F32\",\"shape\":[1]}}",
        "{\"t\":{\"shape\":[1],\"data_offsets\":[0,4]}}",
        "{\"t\":{\"dtype\":\"F32\",\"data_offsets\":[0,4]}}",
        "{\"t\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4],\"x\":0}}",
    };

    for (size_t i = 0; i < sizeof not_described / sizeof not_described[0]; i++)
        refused(not_described[i], 4,
                "is not described by dtype, shape and data_offsets");
    refused("{\"t\":{\"x\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}", 4,
            "dtype is not a string");
    refused("{\"t\":{\"dtype\":\"F32\",\"x\":[1],\"data_offsets\":[0,4]}}", 4,
            "shape is not a list");
    refused("{\"t\":{\"dtype\":\"F32\",\"shape\":[1],\"x\":[0,4]}}", 4,
            "data_offsets is not a list");
}

static void test_dtypes(void)
{
    static const char *const unknown[] = {"BOOL", "I16", "U16",  "F8_E4M3",
                                          "f32",  "",    "F32 ", "C64"};
    char text[64];

    for (size_t i = 0; i < sizeof unknown / sizeof unknown[0]; i++) {
        snprintf(text, sizeof text, "\"%s\"", unknown[i]);
        tensor_refused(text, "[1]", "[0,4]", 4, text);
    }
    tensor_refused("1", "[1]", "[0,4]", 4, "dtype is not a string");
    tensor_refused("[\"F32\"]", "[1]", "[0,4]", 4, "dtype is not a string");
    tensor_refused("\"F32\"", "[1]", "[0,4]", 4, NULL);
}

static void test_shapes(void)
{
    const char *const text = "something that is not a size", *const f = "\"F32\"";

    tensor_refused(f, "[-1]", "[0,4]", 4, text);
    tensor_refused(f, "[-1,-1]", "[0,4]", 4, text);
    tensor_refused(f, "[1.0]", "[0,4]", 4, text);
    tensor_refused(f, "[1e308]", "[0,4]", 4, text);
    tensor_refused(f, "[true]", "[0,4]", 4, text);
    tensor_refused(f, "[1e309]", "[0,4]", 4, "not valid JSON");
    tensor_refused(f, "[\"1\"]", "[0,4]", 4, text);
    tensor_refused(f, "[null]", "[0,4]", 4, text);
    tensor_refused(f, "[[1]]", "[0,4]", 4, text);
    tensor_refused(f, "1", "[0,4]", 4, "shape is not a list");
    tensor_refused(f, "{}", "[0,4]", 4, "shape is not a list");
    tensor_refused(f, "[1,1,1,1,1,1,1,1]", "[0,4]", 4, NULL);
    tensor_refused(f, "[1,1,1,1,1,1,1,1,1]", "[0,4]", 4, "at most 8 sizes");
    tensor_refused(f, "[9223372036854775807,3]", "[0,4]", 4, "overflows");
    tensor_refused(f, "[4294967296,4294967296]", "[0,4]", 4, "overflows");
    tensor_refused(f, "[4294967296,4294967297]", "[0,4]", 4, "overflows");
    tensor_refused(f, "[4611686018427387905]", "[0,4]", 4, "overflows");
    tensor_refused(f, "[4294967296,4294967296,0]", "[0,0]", 0, "overflows");
    tensor_refused(f, "[0,4294967296,4294967296]", "[0,0]", 0, NULL);
    tensor_refused(f, "[2]", "[0,4]", 4,
                   "has 4 bytes of data, its shape and type need 8");
    tensor_refused(f, "[]", "[0,0]", 0,
                   "has 0 bytes of data, its shape and type need 4");
    tensor_refused(f, "[0]", "[0,4]", 4,
                   "has 4 bytes of data, its shape and type need 0");
    tensor_refused("\"U8\"", "[4611686018427387905]", "[0,4]", 4,
                   "has 4 bytes of data");
    tensor_refused("\"F16\"", "[2]", "[0,3]", 3, "has 3 bytes of data");
    tensor_refused("\"BF16\"", "[1]", "[0,3]", 3, "has 3 bytes of data");
    tensor_refused("\"F64\"", "[1]", "[0,9]", 9, "has 9 bytes of data");
}

static void test_offsets(void)
{
    const char *const text = "data_offsets is not a list", *const f = "\"F32\"";

    tensor_refused(f, "[1]", "[0]", 4, text);
    tensor_refused(f, "[1]", "[]", 4, text);
    tensor_refused(f, "[1]", "[0,4,8]", 4, text);
    tensor_refused(f, "[1]", "4", 4, text);
    tensor_refused(f, "[1]", "[0,4.0]", 4, text);
    tensor_refused(f, "[1]", "[0,1e308]", 4, text);
    tensor_refused(f, "[1]", "[null,4]", 4, text);
    tensor_refused(f, "[1]", "[\"0\",4]", 4, text);
    tensor_refused(f, "[1]", "[4,0]", 4, text);
    tensor_refused(f, "[1]", "[-4,0]", 4, text);
    tensor_refused(f, "[1]", "[0,-4]", 4, text);
    tensor_refused(f, "[1]", "[0,5]", 4, "ends at byte 5 of the data, which has 4");
    tensor_refused(f, "[1]", "[0,9223372036854775807]", 4, "9223372036854775807");
    tensor_refused(f, "[1]", "[9223372036854775803,9223372036854775807]", 4, "cut off");
    tensor_refused(f, "[1]", "[0,4]", 3, "cut off");
    tensor_refused(f, "[1]", "[0,4]", 0, "cut off");
    tensor_refused(f, "[1]", "[0,4]", 5, "the tensors have 4 bytes, the data 5");
    tensor_refused(f, "[1]", "[1,5]", 5, "begins at byte 1");
    refused("{}", 1, "the tensors have 0 bytes, the data 1");
}

/* --- several tensors -------------------------------------------------------------- */

static void two(const char *a, const char *b, size_t data_size, const char *text)
{
    char header[512];

    snprintf(header, sizeof header,
             "{\"a\":{\"dtype\":\"U8\",%s},\"b\":{\"dtype\":\"U8\",%s}}", a, b);
    if (text == NULL)
        accepted(header, data_size);
    else
        refused(header, data_size, text);
}

static void test_places(void)
{
#define AT(size, begin, end) \
    "\"shape\":[" #size "],\"data_offsets\":[" #begin "," #end "]"
    two(AT(2, 0, 2), AT(3, 2, 5), 5, NULL);
    two(AT(3, 2, 5), AT(2, 0, 2), 5, NULL); /* any order in the header */
    two(AT(2, 0, 2), AT(2, 0, 2), 2, "begins at byte 0");
    two(AT(2, 0, 2), AT(2, 1, 3), 3, "begins at byte 1");
    two(AT(4, 0, 4), AT(2, 1, 3), 4, "begins at byte 1");
    two(AT(2, 0, 2), AT(2, 3, 5), 5, "begins at byte 3");
    two(AT(2, 1, 3), AT(2, 3, 5), 5, "begins at byte 1");
    two(AT(0, 0, 0), AT(0, 0, 0), 0, NULL);
    two(AT(0, 2, 2), AT(2, 0, 2), 2, NULL);
    two(AT(0, 0, 0), AT(2, 0, 2), 2, NULL);
    two(AT(2, 0, 2), AT(0, 1, 1), 2, "begins at byte 1"); /* inside the other */
    two(AT(0, 1, 1), AT(0, 0, 0), 1, "begins at byte 1");
}

/* Unaligned tensors can be read. */
static void test_unaligned(void)
{
    const char *header =
        "{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]},"
        "\"b\":{\"dtype\":\"F64\",\"shape\":[1],\"data_offsets\":[1,9]}}";
    struct ic_safetensors *file;
    float value = 1;

    write_file(header, 9);
    CHECK_OK(ic_safetensors_open(path, &file, &error));
    CHECK(ic_tensor_to_float(&value, ic_safetensors_find(file, "b")));
    CHECK(value == 0);
    ic_safetensors_close(file);
}

/* Many tensors: the time grows little faster than their number. */
static void test_many(void)
{
    const int count = 50000;
    char *header = check_alloc((size_t)count, 90), *at = header;
    struct ic_safetensors *file;

    for (int i = 0; i < count; i++)
        at += sprintf(
            at, "%c\"t%d\":{\"dtype\":\"U8\",\"shape\":[],\"data_offsets\":[%d,%d]}",
            i ? ',' : '{', i, count - 1 - i, count - i);
    strcpy(at, "}");
    write_file(header, (size_t)count);
    CHECK_OK(ic_safetensors_open(path, &file, &error));
    CHECK_INT(ic_safetensors_count(file), count);
    CHECK_STRING(ic_safetensors_at(file, 0)->name, "t49999");
    CHECK(ic_safetensors_find(file, "t25000") == ic_safetensors_at(file, 24999));
    ic_safetensors_close(file);
    free(header);
}

/* --- truncated and changed at random ---------------------------------------------- */

static size_t make_good(unsigned char *bytes, size_t room)
{
    static const int64_t shape[] = {2, 3};
    static const float data[12] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
    struct ic_safetensors_writer *writer = ic_safetensors_writer_new();
    size_t size;
    FILE *stream;

    ic_safetensors_set_metadata(writer, "format", "pt");
    ic_safetensors_add(writer, "conv.weight", IC_F32, 2, shape, data);
    ic_safetensors_add(writer, "half", IC_F16, 2, shape, data);
    ic_safetensors_add(writer, "tracked", IC_I64, 0, NULL, data);
    ic_safetensors_add(writer, "double", IC_F64, 2, shape, data);
    CHECK_OK(ic_safetensors_commit(writer, path, &error));
    ic_safetensors_writer_free(writer);
    stream = fopen(path, "rb");
    size = fread(bytes, 1, room, stream);
    fclose(stream);
    return size;
}

/* In a file that opens, the tensors follow one another up to the end of the file, and
 * all values can be read. */
static void check_consistent(const struct ic_safetensors *file, size_t size)
{
    const unsigned char *end = NULL;
    float *values = check_alloc(size, sizeof *values);
    size_t total = 0;

    for (size_t i = 0; i < ic_safetensors_count(file); i++) {
        const struct ic_tensor *tensor = ic_safetensors_at(file, i);
        CHECK(end == NULL || tensor->data == end);
        end = (const unsigned char *)tensor->data + tensor->size;
        total += tensor->size;
        CHECK(ic_safetensors_find(file, tensor->name) == tensor);
        CHECK(total < size);
        ic_tensor_to_float(values, tensor);
    }
    free(values);
}

static void test_cut(void)
{
    unsigned char bytes[2048];
    const size_t size = make_good(bytes, sizeof bytes - 1);

    for (size_t cut = 0; cut < size; cut++) {
        write_bytes(bytes, cut);
        check_status(IC_ERR_FORMAT, "");
    }
    bytes[size] = 0;
    write_bytes(bytes, size + 1);
    check_status(IC_ERR_FORMAT, "the tensors have");
}

static void test_flips(void)
{
    unsigned char good[2048], bytes[2048];
    const size_t size = make_good(good, sizeof good);
    struct ic_safetensors *file;
    uint64_t state = 1;
    int opened = 0;

    for (int trial = 0; trial < 6000; trial++) {
        memcpy(bytes, good, size);
        for (int flips = 1 + trial % 3; flips > 0; flips--) {
            state = state * 6364136223846793005u + 1442695040888963407u; /* Knuth */
            bytes[(state >> 33) % size] ^= (unsigned char)(1 << (state >> 61));
        }
        write_bytes(bytes, size);
        error.message[0] = '\0';
        if (ic_safetensors_open(path, &file, &error) == IC_OK) {
            check_consistent(file, size);
            opened++;
        } else
            CHECK(strstr(error.message, path) != NULL && file == NULL);
        ic_safetensors_close(file);
    }
    /* Bit flips in the data and in names go unnoticed; most others are refused. */
    CHECK(opened > 600 && opened < 5000);
}

int main(void)
{
    if (mkdtemp(folder) == NULL) {
        perror("mkdtemp");
        return 99;
    }
    snprintf(path, sizeof path, "%s/file", folder);
    test_lengths();
    test_json();
    test_metadata();
    test_members();
    test_dtypes();
    test_shapes();
    test_offsets();
    test_places();
    test_unaligned();
    test_many();
    test_cut();
    test_flips();
    unlink(path);
    CHECK(rmdir(folder) == 0);
    return check_result();
}
