/* SPDX-License-Identifier: MIT */
/*
 * Valid safetensors files: written and read again, values converted, and a file of the
 * format's own package read and reproduced byte for byte. Bad files are in
 * test_safetensors_hostile.c.
 */
#include <inttypes.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check.h"
#include "format/safetensors.h"
#include "golden.h"

static char folder[] = "/tmp/im2cat-safetensors-XXXXXX";
static char path[64];
static struct ic_error error;

/* --- types ------------------------------------------------------------------------ */

static void test_types(void)
{
    static const struct {
        enum ic_dtype dtype;
        const char *name;
        int size;
    } expected[] = {
        {IC_F32, "F32", 4}, {IC_F16, "F16", 2}, {IC_BF16, "BF16", 2},
        {IC_F64, "F64", 8}, {IC_I64, "I64", 8}, {IC_I32, "I32", 4},
        {IC_U8, "U8", 1},
    };

    CHECK_INT(IC_DTYPES, sizeof expected / sizeof expected[0]);
    for (int i = 0; i < IC_DTYPES; i++) {
        CHECK_STRING(ic_dtype_name(expected[i].dtype), expected[i].name);
        CHECK_INT(ic_dtype_size(expected[i].dtype), expected[i].size);
    }
}

/* The value of `bits` with the given widths of exponent and fraction, by the
 * definition: (-1)^s 2^(e - bias) (1 + f), without the leading 1 when e is 0. */
static double small_float(unsigned bits, int exponent_bits, int fraction_bits)
{
    const int top = (1 << exponent_bits) - 1, bias = top / 2;
    const int exponent = (int)(bits >> fraction_bits) & top;
    const double fraction =
        (double)(bits & ((1u << fraction_bits) - 1)) / pow(2, fraction_bits);
    const double sign = bits >> (exponent_bits + fraction_bits) & 1 ? -1 : 1;

    if (exponent == top)
        return fraction > 0 ? NAN : sign * INFINITY;
    if (exponent == 0)
        return sign * pow(2, 1 - bias) * fraction;
    return sign * pow(2, exponent - bias) * (1 + fraction);
}

/* All values of a 16-bit type, read from an odd address. */
static void check_all_halves(enum ic_dtype dtype, int exponent_bits, int fraction_bits)
{
    unsigned char *bytes = check_alloc(65536 * 2 + 1, 1);
    float *values = check_alloc(65536, sizeof *values);
    const struct ic_tensor tensor = {
        .dtype = dtype, .count = 65536, .size = 131072, .data = bytes + 1};

    for (unsigned i = 0; i < 65536; i++) {
        bytes[1 + 2 * i] = (unsigned char)i;
        bytes[2 + 2 * i] = (unsigned char)(i >> 8);
    }
    CHECK(ic_tensor_to_float(values, &tensor));
    for (unsigned i = 0; i < 65536; i++) {
        const double expected = small_float(i, exponent_bits, fraction_bits);
        if (isnan(expected) ? !isnan(values[i])
                            : (double)values[i] != expected ||
                                  !signbit(values[i]) != !signbit(expected))
            CHECK_FAIL("%s 0x%04x is %.9g, expected %.9g", ic_dtype_name(dtype), i,
                       values[i], expected);
    }
    free(bytes);
    free(values);
}

static void test_conversion(void)
{
    static const double wide[] = {
        0.1,         -0.0,     1e300,    -1e300,
        1e-300,      0x1p-149, INFINITY, 0x1.000001p0 /* a tie, to even */,
        0x1.000003p0};
    static const float narrow[] = {0.1f,      -0.0f,    INFINITY, -INFINITY,    0,
                                   0x1p-149f, INFINITY, 1.0f,     0x1.000004p0f};
    unsigned char bytes[sizeof wide + 1];
    float values[9];
    struct ic_tensor tensor = {
        .dtype = IC_F64, .count = 9, .size = sizeof wide, .data = bytes + 1};

    check_all_halves(IC_F16, 5, 10);
    check_all_halves(IC_BF16, 8, 7);
    memcpy(bytes + 1, wide, sizeof wide);
    CHECK(ic_tensor_to_float(values, &tensor));
    for (int i = 0; i < 9; i++) {
        CHECK(values[i] == narrow[i]);
        CHECK(!signbit(values[i]) == !signbit(narrow[i]));
    }
    tensor.dtype = IC_F32;
    tensor.size = 9 * 4;
    memcpy(bytes + 1, narrow, sizeof narrow);
    CHECK(ic_tensor_to_float(values, &tensor));
    CHECK(memcmp(values, narrow, sizeof narrow) == 0);
    for (enum ic_dtype dtype = IC_I64; dtype < IC_DTYPES; dtype++) {
        tensor.dtype = dtype;
        CHECK(!ic_tensor_to_float(values, &tensor));
    }
}

/* --- round trip ------------------------------------------------------------------- */

static void check_tensor(const struct ic_safetensors *file, const char *name,
                         enum ic_dtype dtype, int rank, const int64_t *shape,
                         const void *data)
{
    const struct ic_tensor *tensor = ic_safetensors_find(file, name);
    size_t count = 1;

    if (tensor == NULL) {
        CHECK_FAIL("tensor %s is missing", name);
        return;
    }
    CHECK_STRING(tensor->name, name);
    CHECK_INT(tensor->dtype, dtype);
    CHECK_INT(tensor->rank, rank);
    for (int i = 0; i < rank; i++) {
        CHECK_INT(tensor->shape[i], shape[i]);
        count *= (size_t)shape[i];
    }
    CHECK_INT(tensor->count, count);
    CHECK_INT(tensor->size, count * ic_dtype_size(dtype));
    CHECK(memcmp(tensor->data, data, tensor->size) == 0);
}

static void test_round_trip(void)
{
    static const int64_t shape[][8] = {
        {2, 3, 1, 2}, {5}, {1, 1, 1, 1, 1, 1, 1, 3}, {0}};
    static const int rank[] = {4, 1, 8, 1, 0};
    static const char *const name[] = {"layer1.0.conv1.weight", "b", "z\"\\/\n\xc3\xa9",
                                       "", "scalar"};
    unsigned char data[12 * 8];
    struct ic_safetensors_writer *writer = ic_safetensors_writer_new();
    struct ic_safetensors *file;
    char full[64];

    for (size_t i = 0; i < sizeof data; i++)
        data[i] = (unsigned char)(37 * i + 11);
    ic_safetensors_set_metadata(writer, "format", "pt");
    ic_safetensors_set_metadata(writer, "twice", "one");
    ic_safetensors_set_metadata(writer, "twice", "two \"\t\xe2\x82\xac");
    for (enum ic_dtype dtype = 0; dtype < IC_DTYPES; dtype++)
        for (int i = 0; i < 5; i++) {
            snprintf(full, sizeof full, "%s.%s", ic_dtype_name(dtype), name[i]);
            ic_safetensors_add(writer, full, dtype, rank[i], i < 4 ? shape[i] : NULL,
                               i == 3 ? NULL : data + i);
        }
    CHECK_OK(ic_safetensors_commit(writer, path, &error));
    ic_safetensors_writer_free(writer);

    CHECK_OK(ic_safetensors_open(path, &file, &error));
    if (file == NULL)
        return;
    CHECK_INT(ic_safetensors_count(file), 5 * IC_DTYPES);
    CHECK(ic_safetensors_at(file, 5 * IC_DTYPES) == NULL);
    CHECK(ic_safetensors_find(file, "nothing") == NULL);
    CHECK(ic_safetensors_find(file, "__metadata__") == NULL);
    CHECK_STRING(ic_safetensors_metadata(file, "format"), "pt");
    CHECK_STRING(ic_safetensors_metadata(file, "twice"), "two \"\t\xe2\x82\xac");
    CHECK(ic_safetensors_metadata(file, "none") == NULL);
    for (enum ic_dtype dtype = 0; dtype < IC_DTYPES; dtype++)
        for (int i = 0; i < 5; i++) {
            snprintf(full, sizeof full, "%s.%s", ic_dtype_name(dtype), name[i]);
            check_tensor(file, full, dtype, rank[i], shape[i], data + i);
        }
    /* Widest type first, hence aligned; names of one type in the order of adding. */
    CHECK_STRING(ic_safetensors_at(file, 0)->name, "F64.layer1.0.conv1.weight");
    CHECK_STRING(ic_safetensors_at(file, 5)->name, "I64.layer1.0.conv1.weight");
    for (size_t i = 0; i < ic_safetensors_count(file); i++) {
        const struct ic_tensor *tensor = ic_safetensors_at(file, i);
        CHECK((uintptr_t)tensor->data % ic_dtype_size(tensor->dtype) == 0);
    }
    ic_safetensors_close(file);
}

static void test_empty(void)
{
    struct ic_safetensors_writer *writer = ic_safetensors_writer_new();
    struct ic_safetensors *file;
    struct stat about;

    CHECK_OK(ic_safetensors_commit(writer, path, &error));
    CHECK(stat(path, &about) == 0);
    CHECK_INT(about.st_size, 16); /* "{}" and six spaces */
    CHECK_OK(ic_safetensors_open(path, &file, &error));
    CHECK_INT(ic_safetensors_count(file), 0);
    CHECK(ic_safetensors_at(file, 0) == NULL);
    CHECK(ic_safetensors_find(file, "a") == NULL);
    CHECK(ic_safetensors_metadata(file, "a") == NULL);
    ic_safetensors_close(file);
    ic_safetensors_close(NULL);
    ic_safetensors_writer_free(writer);
    ic_safetensors_writer_free(NULL);
}

/* --- values computed while they are written --------------------------------------- */

/* A source whose byte i is i * 7 + i / 251, and which fails at byte `fails_at`. */
struct pattern {
    size_t unit, fails_at, largest; /* largest: the largest piece requested */
};

static uint8_t pattern_at(size_t i)
{
    return (uint8_t)(i * 7 + i / 251);
}

static ic_status read_pattern(const void *context, void *bytes, size_t offset,
                              size_t size, struct ic_error *read_error)
{
    struct pattern *pattern = *(struct pattern *const *)context;

    CHECK(size > 0 && offset % pattern->unit == 0 && size % pattern->unit == 0);
    pattern->largest = size > pattern->largest ? size : pattern->largest;
    if (offset + size > pattern->fails_at)
        return ic_fail(read_error, IC_ERR_DEVICE, "the source broke");
    for (size_t i = 0; i < size; i++)
        ((uint8_t *)bytes)[i] = pattern_at(offset + i);
    return IC_OK;
}

static ic_status write_pattern(struct pattern *pattern, int64_t count)
{
    struct ic_safetensors_writer *writer = ic_safetensors_writer_new();
    const struct ic_source source = {pattern->unit, &pattern, read_pattern};
    const float one = 1;
    ic_status status;

    ic_safetensors_add(writer, "one", IC_F32, 0, NULL, &one);
    ic_safetensors_add_source(writer, "pattern", IC_U8, 1, &count, &source);
    status = ic_safetensors_commit(writer, path, &error);
    ic_safetensors_writer_free(writer);
    return status;
}

static void check_pattern(int64_t count)
{
    struct ic_safetensors *file = NULL;
    const struct ic_tensor *tensor;
    size_t wrong = 0;

    CHECK_OK(ic_safetensors_open(path, &file, &error));
    tensor = ic_safetensors_find(file, "pattern");
    CHECK(tensor != NULL && tensor->size == (size_t)count);
    for (size_t i = 0; tensor != NULL && i < tensor->size; i++)
        wrong += ((const uint8_t *)tensor->data)[i] != pattern_at(i);
    CHECK_INT(wrong, 0);
    ic_safetensors_close(file);
}

/* Pieces of about a MiB in whole units; a larger unit comes whole. */
static void test_source(void)
{
    static const struct {
        size_t unit, count;
    } cases[] = {{4, 0}, {4, 4}, {12, 3000000}, {1 << 20, 3 << 20}, {3 << 20, 6 << 20}};

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct pattern pattern = {cases[i].unit, SIZE_MAX, 0};

        CHECK_OK(write_pattern(&pattern, (int64_t)cases[i].count));
        check_pattern((int64_t)cases[i].count);
        CHECK(pattern.largest <= 1 << 20 || pattern.largest == cases[i].unit);
    }
    /* A source that fails in its second piece leaves the file unchanged. */
    CHECK_FAILS(write_pattern(&(struct pattern){12, 2000000, 0}, 3000000),
                IC_ERR_DEVICE, "the source broke");
    check_pattern(6 << 20);
}

/* --- what the writer refuses ------------------------------------------------------ */

static void check_refused(struct ic_safetensors_writer *writer, ic_status status,
                          const char *text)
{
    unlink(path);
    CHECK_FAILS(ic_safetensors_commit(writer, path, &error), status, text);
    CHECK(strstr(error.message, path) != NULL);
    CHECK(access(path, F_OK) != 0);
    ic_safetensors_writer_free(writer);
}

static void test_writer_refuses(void)
{
    static const int64_t huge[] = {INT64_MAX, INT64_MAX}, negative[] = {-1},
                         one[] = {1};
    static const float value = 1;
    struct ic_safetensors_writer *writer = ic_safetensors_writer_new();

    ic_safetensors_add(writer, "a", IC_F32, 1, one, &value);
    ic_safetensors_add(writer, "a", IC_F32, 1, one, &value);
    ic_safetensors_add(writer, "later", IC_F32, 2, huge, &value); /* the first counts */
    check_refused(writer, IC_ERR_USAGE, "\"a\" is taken");

    writer = ic_safetensors_writer_new();
    ic_safetensors_add(writer, "__metadata__", IC_F32, 1, one, &value);
    check_refused(writer, IC_ERR_USAGE, "\"__metadata__\" is taken");

    writer = ic_safetensors_writer_new();
    ic_safetensors_add(writer, "big", IC_U8, 2, huge, &value);
    check_refused(writer, IC_ERR_LIMIT, "\"big\" overflows");

    writer = ic_safetensors_writer_new();
    ic_safetensors_add(writer, "minus", IC_F32, 1, negative, &value);
    check_refused(writer, IC_ERR_LIMIT, "\"minus\" overflows");

    writer = ic_safetensors_writer_new();
    ic_safetensors_add(writer, "bad \xff", IC_F32, 1, one, &value);
    check_refused(writer, IC_ERR_USAGE, "is not UTF-8");

    writer = ic_safetensors_writer_new();
    ic_safetensors_set_metadata(writer, "key", "bad \xe9");
    check_refused(writer, IC_ERR_USAGE, "\"key\" is not UTF-8");

    writer = ic_safetensors_writer_new();
    ic_safetensors_set_metadata(writer, "bad \xe9", "text");
    check_refused(writer, IC_ERR_USAGE, "is not UTF-8");

    /* Sizes that fit individually, but not together. */
    writer = ic_safetensors_writer_new();
    ic_safetensors_add(writer, "x", IC_U8, 1, huge, &value);
    ic_safetensors_add(writer, "y", IC_U8, 1, huge, &value);
    check_refused(writer, IC_ERR_LIMIT, "the sum of all sizes overflows");
}

static void test_unwritable(void)
{
    struct ic_safetensors_writer *writer = ic_safetensors_writer_new();
    char nowhere[80], fifo[80];

    snprintf(nowhere, sizeof nowhere, "%s/none/x", folder);
    snprintf(fifo, sizeof fifo, "%s/fifo", folder);
    CHECK_FAILS(ic_safetensors_commit(writer, nowhere, &error), IC_ERR_IO, nowhere);
    CHECK_FAILS(ic_safetensors_commit(writer, folder, &error), IC_ERR_USAGE, folder);
    CHECK(mkfifo(fifo, 0600) == 0);
    CHECK_FAILS(ic_safetensors_commit(writer, fifo, &error), IC_ERR_USAGE, fifo);
    CHECK(unlink(fifo) == 0);
    /* A failure that no tensor caused can be repaired. */
    CHECK_OK(ic_safetensors_commit(writer, path, &error));
    ic_safetensors_writer_free(writer);
}

/* --- the format's own package ----------------------------------------------------- */

static void read_hex(FILE *golden, unsigned char *out, size_t count)
{
    unsigned byte;

    for (size_t i = 0; i < count; i++) {
        if (fscanf(golden, "%2x", &byte) != 1)
            exit(99);
        out[i] = (unsigned char)byte;
    }
}

/* Reads "name type rank shape / values" and checks the tensor against it. */
static void check_golden_tensor(FILE *golden, const struct ic_tensor *tensor)
{
    char name[200], kind[8], text[32];
    int rank;
    int64_t dim;
    float values[16];

    if (fscanf(golden, "%199s %7s %d", name, kind, &rank) != 3)
        exit(99);
    for (size_t i = 0; i < strlen(tensor->name); i++) {
        snprintf(text, sizeof text, "%02x", (unsigned char)tensor->name[i]);
        CHECK(memcmp(name + 2 * i, text, 2) == 0);
    }
    CHECK_INT(strlen(name), 2 * strlen(tensor->name));
    CHECK_STRING(ic_dtype_name(tensor->dtype), kind);
    CHECK_INT(tensor->rank, rank);
    for (int i = 0; i < rank; i++) {
        CHECK_INT(fscanf(golden, "%" SCNd64, &dim), 1);
        CHECK_INT(tensor->shape[i], dim);
    }
    CHECK(fscanf(golden, " %1[/]", text) == 1);
    memset(values, 0, sizeof values);
    ic_tensor_to_float(values, tensor);
    for (size_t i = 0; i < tensor->count && i < 16; i++) {
        const unsigned char *data = tensor->data;
        double expected, found = values[i];
        int64_t wide;
        int32_t word;

        CHECK_INT(fscanf(golden, "%lf", &expected), 1);
        if (tensor->dtype == IC_I64)
            found = (double)(memcpy(&wide, data + 8 * i, 8), wide);
        else if (tensor->dtype == IC_I32)
            found = (memcpy(&word, data + 4 * i, 4), word);
        else if (tensor->dtype == IC_U8)
            found = data[i];
        else
            expected = (float)expected;
        if (found != expected)
            CHECK_FAIL("%s[%zu] is %.9g, expected %.9g", tensor->name, i, found,
                       expected);
    }
}

static void check_file_bytes(const char *name, const unsigned char *bytes, size_t size)
{
    unsigned char *found = check_alloc(size + 1, 1);
    FILE *stream = fopen(name, "rb");

    CHECK(stream != NULL && fread(found, 1, size + 1, stream) == size);
    CHECK(memcmp(found, bytes, size) == 0);
    if (stream != NULL)
        fclose(stream);
    free(found);
}

static void test_golden(void)
{
    FILE *golden = golden_open_body("safetensors.txt"), *stream = fopen(path, "wb");
    struct ic_safetensors_writer *writer = ic_safetensors_writer_new();
    struct ic_safetensors *file;
    unsigned char bytes[4096];
    size_t size, count;

    CHECK(fscanf(golden, "bytes %zu", &size) == 1 && size <= sizeof bytes);
    read_hex(golden, bytes, size);
    CHECK(stream != NULL && fwrite(bytes, 1, size, stream) == size);
    fclose(stream);

    CHECK_OK(ic_safetensors_open(path, &file, &error));
    CHECK_INT(fscanf(golden, " tensors %zu", &count), 1);
    CHECK_INT(ic_safetensors_count(file), count);
    CHECK_STRING(ic_safetensors_metadata(file, "format"), "pt");
    for (size_t i = 0; i < count; i++)
        check_golden_tensor(golden, ic_safetensors_at(file, i));

    /* The same tensors, written by us, are the same file. */
    ic_safetensors_set_metadata(writer, "format", "pt");
    for (size_t i = 0; i < count; i++) {
        const struct ic_tensor *tensor = ic_safetensors_at(file, i);
        ic_safetensors_add(writer, tensor->name, tensor->dtype, tensor->rank,
                           tensor->shape, tensor->data);
    }
    unlink(path);
    CHECK_OK(ic_safetensors_commit(writer, path, &error));
    check_file_bytes(path, bytes, size);
    ic_safetensors_writer_free(writer);
    ic_safetensors_close(file);
    fclose(golden);
}

int main(void)
{
    if (mkdtemp(folder) == NULL) {
        perror("mkdtemp");
        return 99;
    }
    snprintf(path, sizeof path, "%s/file.safetensors", folder);
    test_types();
    test_conversion();
    test_round_trip();
    test_empty();
    test_source();
    test_writer_refuses();
    test_unwritable();
    test_golden();
    unlink(path);
    CHECK(rmdir(folder) == 0); /* no other file was left */
    return check_result();
}
