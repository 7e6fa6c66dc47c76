/* SPDX-License-Identifier: MIT */
/*
 * Tensors of PyTorch checkpoints made by hand. Good ones are read, those with false
 * shapes, storages or names are refused, and none makes the reader read out of bounds
 * (run the test with sanitizers to see that). The last part damages good files in every
 * byte and length.
 */
#include "folder.h"
#include "hostile.h"
#include "torch_files.h"

static char *path;
static struct ic_error error;
static struct bytes pickle, file;

static void refused(ic_status status, const char *text)
{
    hostile_refused(path, &file, status, text);
}

/* The file holds "w", two by three, with the six values. */
static void accepted(const float expected[6])
{
    struct ic_tensor_file *opened = NULL;
    const struct ic_tensor *w;
    float found[6];

    bytes_write(path, file.at, file.size);
    CHECK_OK(ic_tensor_file_open(path, &opened, &error));
    if (opened == NULL)
        return;
    CHECK(ic_tensor_file_tensors(opened)->count == 1);
    CHECK(ic_tensor_file_safetensors(opened) == NULL);
    w = ic_tensor_find(ic_tensor_file_tensors(opened), "w");
    CHECK(w != NULL && w->rank == 2 && w->count == 6);
    if (w != NULL && w->count == 6) {
        CHECK(ic_tensor_to_float(found, w));
        CHECK(memcmp(found, expected, sizeof found) == 0);
    }
    ic_tensor_file_close(opened);
}

/* A zip checkpoint of {"w": tensor}. */
static void make_zip(const char *type, const struct torch_shape *shape, bool twice)
{
    bytes_clear(&pickle);
    pickle_dict(&pickle, type, shape, twice);
    torch_make_zip(&file, pickle.at, pickle.size);
}

/* --- good ones -------------------------------------------------------------------- */

static void test_good(void)
{
    static const float turned[6] = {1, 3, 5, 2, 4, 6};
    const struct torch_shape transposed = {6, 0, {2, 3}, {1, 2}};

    make_zip("FloatStorage", &torch_plain, false);
    accepted(torch_values);
    torch_make_legacy(&file, "FloatStorage", &torch_plain, 6);
    accepted(torch_values);
    make_zip("FloatStorage", &transposed, false);
    accepted(turned);
    torch_make_legacy(&file, "FloatStorage", &transposed, 6);
    accepted(turned);
}

static void test_wrapped(void)
{
    static const char *const wraps[] = {"state_dict", "model"};

    for (int i = 0; i < 2; i++) {
        bytes_clear(&pickle);
        bytes_put(&pickle, "\x80\x02}", 3);
        pickle_string(&pickle, wraps[i]);
        pickle_dict(&pickle, "FloatStorage", &torch_plain, false);
        pickle.size--; /* the end */
        bytes_text(&pickle, "s.");
        torch_make_zip(&file, pickle.at, pickle.size);
        accepted(torch_values);
        legacy_begin(&file);
        bytes_put(&file, pickle.at, pickle.size);
        legacy_end(&file, 6);
        accepted(torch_values);
    }
}

/* --- shapes ----------------------------------------------------------------------- */

static void test_shapes(void)
{
    static const struct {
        struct torch_shape shape;
        const char *text;
    } bad[] = {
        {{6, 1, {2, 3}, {3, 1}}, "beyond its storage"},
        {{6, INT64_MAX, {2, 3}, {3, 1}}, "beyond its storage"},
        {{6, -1, {2, 3}, {3, 1}}, "negative offset"},
        {{6, INT64_MIN, {2, 3}, {3, 1}}, "negative offset"},
        {{6, 0, {-2, 3}, {3, 1}}, "negative size"},
        {{6, 0, {-2, -3}, {3, 1}}, "negative size"},
        {{6, 0, {2, 3}, {-3, 1}}, "negative size or stride"},
        {{6, 5, {2, 3}, {-3, -1}}, "negative size or stride"},
        {{6, 0, {2, 3}, {4, 1}}, "beyond its storage"},
        {{6, 0, {2, 3}, {3, 2}}, "beyond its storage"},
        {{6, 0, {2, 3}, {0, 0}}, "overlaps itself"},
        {{6, 0, {2, 3}, {0, 1}}, "overlaps itself"},
        {{6, 0, {2, 3}, {1, 1}}, "overlaps itself"},
        {{6, 0, {3, 2}, {1, 2}}, "overlaps itself"},
        {{6, 0, {1 << 30, 1 << 30}, {0, 0}}, "overlaps itself"},
        {{6, 0, {INT64_MAX, 3}, {3, 1}}, "overflows"},
        {{6, 0, {INT64_MAX, 3}, {0, 0}}, "overflows"},
        {{6, 0, {2, 3}, {INT64_MAX, INT64_MAX}}, "overflows"},
        {{6, 0, {INT64_MAX, 1}, {1, 1}}, "overflows"},
        {{7, 0, {2, 3}, {3, 1}}, "cut off"},
        {{-6, 0, {2, 3}, {3, 1}}, "no storage of a known type"},
        {{INT64_MAX, 0, {2, 3}, {3, 1}}, "cut off"},
    };

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        const bool typeless = bad[i].shape.count < 0;

        make_zip("FloatStorage", &bad[i].shape, false);
        refused(IC_ERR_FORMAT, bad[i].text);
        torch_make_legacy(&file, "FloatStorage", &bad[i].shape, 6);
        refused(IC_ERR_FORMAT, typeless ? "beside its state dict" : bad[i].text);
    }
}

/* An empty tensor needs no bytes, but its sizes are still checked. */
static void test_empty(void)
{
    const struct torch_shape none = {6, 0, {0, 3}, {3, 1}};
    const struct torch_shape far = {6, INT64_MAX, {4, 0}, {INT64_MAX, 1}};
    struct ic_tensor_file *opened = NULL;

    make_zip("FloatStorage", &none, false);
    bytes_write(path, file.at, file.size);
    CHECK_OK(ic_tensor_file_open(path, &opened, &error));
    if (opened != NULL)
        CHECK_INT(ic_tensor_file_tensors(opened)->items[0].size, 0);
    ic_tensor_file_close(opened);
    make_zip("FloatStorage", &far, false);
    refused(IC_ERR_FORMAT, "overflows");
}

/* --- storages --------------------------------------------------------------------- */

/* Two tensors, "a" and "b", in these storages. */
static void put_two(struct bytes *out, const char *first_type, const char *first_key,
                    const char *second_type, const char *second_key)
{
    bytes_put(out, "\x80\x02}(", 4);
    pickle_string(out, "a");
    pickle_tensor(out, first_type, first_key, &torch_plain);
    pickle_string(out, "b");
    pickle_tensor(out, second_type, second_key, &torch_plain);
    bytes_text(out, "u.");
}

static void test_storages(void)
{
    make_zip("DoubleStorage", &torch_plain, false); /* wider than the bytes */
    refused(IC_ERR_FORMAT, "cut off");
    make_zip("ComplexFloatStorage", &torch_plain, false);
    refused(IC_ERR_FORMAT, "torch.ComplexFloatStorage");
    torch_make_legacy(&file, "FloatStorage", &torch_plain, (uint64_t)1 << 63);
    refused(IC_ERR_FORMAT, "9223372036854775808 values");
    torch_make_legacy(&file, "FloatStorage", &torch_plain, UINT64_MAX);
    refused(IC_ERR_FORMAT, "18446744073709551615 values");

    /* The same values twice are fine. A second type is refused where a file has no
     * sizes. */
    bytes_clear(&pickle);
    put_two(&pickle, "FloatStorage", "0", "FloatStorage", "0");
    torch_make_zip(&file, pickle.at, pickle.size);
    hostile_survived(path, file.at, file.size);
    legacy_begin(&file);
    put_two(&file, "HalfStorage", "0", "FloatStorage", "0");
    legacy_end(&file, 6);
    refused(IC_ERR_FORMAT, "its storage \"0\" has two types");

    bytes_clear(&pickle);
    put_two(&pickle, "FloatStorage", "0", "FloatStorage", "../data/0");
    torch_make_zip(&file, pickle.at, pickle.size);
    refused(IC_ERR_FORMAT, "tensor \"b\" lies in a storage that the file lacks");
    legacy_begin(&file);
    put_two(&file, "FloatStorage", "0", "FloatStorage", "1");
    legacy_end(&file, 6);
    refused(IC_ERR_FORMAT, "tensor \"b\" lies in a storage that the file lacks");
}

/* The list of keys of a legacy file. */
static void test_keys(void)
{
    static const struct {
        const char *keys, *text;
    } bad[] = {
        {"}.", "lists no storages"},
        {"].", "lies in a storage that the file lacks"},
        {"](X\1\0\0\0000X\1\0\0\0000e.", "its storage \"0\" stands twice"},
        {"](X\1\0\0\0000X\1\0\0\0001e.", "beside its state dict"},
        {"]Na.", "beside its state dict"},
    };
    static const size_t sizes[] = {2, 2, 16, 16, 4};

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        legacy_begin(&file);
        pickle_dict(&file, "FloatStorage", &torch_plain, false);
        bytes_put(&file, bad[i].keys, sizes[i]);
        for (int k = 0; k < 2; k++) {
            bytes_number(&file, 6, 8);
            bytes_put(&file, torch_values, sizeof torch_values);
        }
        refused(IC_ERR_FORMAT, bad[i].text);
    }
}

/* --- names ------------------------------------------------------------------------ */

/* {name: tensor} in a storage of that key. */
static void make_named(const char *name, const char *key)
{
    bytes_clear(&pickle);
    bytes_put(&pickle, "\x80\x02}", 3);
    pickle_string(&pickle, name);
    pickle_tensor(&pickle, "FloatStorage", key, &torch_plain);
    bytes_text(&pickle, "s.");
    torch_make_zip(&file, pickle.at, pickle.size);
}

static void test_names(void)
{
    char name[300];

    make_zip("FloatStorage", &torch_plain, true);
    refused(IC_ERR_FORMAT, "\"w\" stands twice");
    memset(name, 'x', sizeof name);
    name[256] = '\0';
    make_named(name, "0");
    refused(IC_ERR_FORMAT, "has a name of more than 255 bytes");
    make_named("w", name);
    refused(IC_ERR_FORMAT, "has no storage of a known type");
    name[255] = '\0';
    make_named("w", name);
    refused(IC_ERR_FORMAT, "lies in a storage that the file lacks");
    make_named("a\nb", "1"); /* still one line */
    refused(IC_ERR_FORMAT, "\"a?b\" lies in a storage");
}

/* A text of a megabyte, referred to a thousand times by two bytes each: the work must
 * not grow with the product. */
static void test_shared_names(void)
{
    const size_t length = (size_t)1 << 20;

    bytes_clear(&pickle);
    bytes_put(&pickle, "\x80\x02X", 3);
    bytes_number(&pickle, length, 4);
    bytes_fill(&pickle, 'k', length);
    bytes_put(&pickle,
              "q\0"
              "0",
              3);
    pickle_tensor(&pickle, "FloatStorage", "0", &torch_plain);
    bytes_put(&pickle,
              "q\1"
              "0}(",
              5);
    for (int i = 0; i < 100001; i++)
        bytes_put(&pickle, "h\0h\1", 4);
    bytes_text(&pickle, "u.");
    torch_make_zip(&file, pickle.at, pickle.size);
    refused(IC_ERR_LIMIT, "has 100001 entries, the limit is 100000");
    pickle.size -= 6;
    bytes_text(&pickle, "u.");
    torch_make_zip(&file, pickle.at, pickle.size);
    refused(IC_ERR_FORMAT, "has a name of more than 255 bytes");
}

/* A transposed tensor is copied. Under a hundred names the copies would be larger than
 * the file. */
static void test_many_copies(void)
{
    const struct torch_shape transposed = {6, 0, {2, 3}, {1, 2}};

    bytes_clear(&pickle);
    bytes_put(&pickle, "\x80\x02", 2);
    pickle_tensor(&pickle, "FloatStorage", "0", &transposed);
    bytes_put(&pickle,
              "q\1"
              "0}(",
              5);
    for (int i = 0; i < 100; i++) {
        char name[8];

        snprintf(name, sizeof name, "%d", i);
        pickle_string(&pickle, name);
        bytes_put(&pickle, "h\1", 2);
    }
    bytes_text(&pickle, "u.");
    torch_make_zip(&file, pickle.at, pickle.size);
    refused(IC_ERR_LIMIT, "its transposed tensors are larger than the file");
}

/* --- damage ----------------------------------------------------------------------- */

static void damage(const struct bytes *good)
{
    static const unsigned char flips[] = {0x01, 0x80, 0xff};

    for (size_t size = 0; size < good->size; size++)
        hostile_survived(path, good->at, size);
    for (size_t i = 0; i < good->size; i++)
        for (size_t k = 0; k < sizeof flips; k++) {
            good->at[i] ^= flips[k];
            hostile_survived(path, good->at, good->size);
            good->at[i] ^= flips[k];
        }
}

static void test_damage(void)
{
    size_t size;

    make_zip("FloatStorage", &torch_plain, false);
    damage(&file);
    torch_make_legacy(&file, "FloatStorage", &torch_plain, 6);
    damage(&file);
    size = file.size;
    for (file.size = 0; file.size < size; file.size++)
        refused(IC_ERR_FORMAT, ""); /* a legacy file has no spare byte */
}

int main(void)
{
    char *folder = folder_make();

    path = folder_path(folder, "checkpoint.pth");
    test_good();
    test_wrapped();
    test_shapes();
    test_empty();
    test_storages();
    test_keys();
    test_names();
    test_shared_names();
    test_many_copies();
    test_damage();
    bytes_free(&pickle);
    bytes_free(&file);
    free(path);
    folder_remove(folder);
    return check_result();
}
