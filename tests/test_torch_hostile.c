/*
 * PyTorch checkpoints made by hand: good ones are read, bad ones are refused with a
 * sentence, and none makes the reader read where it must not (run it with sanitizers to
 * see that). The last part damages good files in every byte and length.
 */
#include <unistd.h>

#include "check.h"
#include "folder.h"
#include "format/tensor_file.h"

static char *path;
static struct ic_error error;
static volatile unsigned char sink; /* makes the reads of `survive` happen */

/* --- bytes ------------------------------------------------------------------------ */

struct bytes {
    unsigned char at[8192];
    size_t size;
};

static void put(struct bytes *out, const void *bytes, size_t size)
{
    if (out->size + size > sizeof out->at)
        exit(99);
    if (size > 0)
        memcpy(out->at + out->size, bytes, size);
    out->size += size;
}

static void put_text(struct bytes *out, const char *text)
{
    put(out, text, strlen(text));
}

static void put_number(struct bytes *out, uint64_t value, size_t size)
{
    for (size_t i = 0; i < size; i++)
        put(out, &(unsigned char){(unsigned char)(i < 8 ? value >> 8 * i : 0)}, 1);
}

static void write_file(const void *bytes, size_t size)
{
    FILE *stream = fopen(path, "wb");

    if (stream == NULL || fwrite(bytes, 1, size, stream) != size ||
        fclose(stream) != 0) {
        perror(path);
        exit(99);
    }
}

/* --- pickles ---------------------------------------------------------------------- */

static void put_string(struct bytes *out, const char *text)
{
    put_text(out, "X");
    put_number(out, strlen(text), 4);
    put_text(out, text);
}

static void put_int(struct bytes *out, int64_t value)
{
    put(out, "\x8a\x08", 2);
    put_number(out, (uint64_t)value, 8);
}

static void put_pair(struct bytes *out, const int64_t *values)
{
    put_int(out, values[0]);
    put_int(out, values[1]);
    put(out, "\x86", 1);
}

/* A tensor of two dimensions in the storage "0". */
struct shape {
    int64_t count, offset, shape[2], stride[2];
};

static const struct shape plain = {6, 0, {2, 3}, {3, 1}};

static void put_tensor(struct bytes *out, const char *type, const struct shape *s)
{
    put_text(out, "ctorch._utils\n_rebuild_tensor_v2\n((");
    put_string(out, "storage");
    put_text(out, "ctorch\n");
    put_text(out, type);
    put_text(out, "\n");
    put_string(out, "0");
    put_string(out, "cpu");
    put_int(out, s->count);
    put_text(out, "tQ");
    put_int(out, s->offset);
    put_pair(out, s->shape);
    put_pair(out, s->stride);
    put_text(out, "\x89"
                  "ccollections\nOrderedDict\n)RtR");
}

/* {"w": tensor}, or with `twice` the name two times. */
static void put_dict(struct bytes *out, const char *type, const struct shape *s,
                     bool twice)
{
    put(out, "\x80\x02}(", 4);
    for (int i = 0; i < 1 + twice; i++) {
        put_string(out, "w");
        put_tensor(out, type, s);
    }
    put_text(out, "u.");
}

/* --- files ------------------------------------------------------------------------ */

struct entry {
    const char *name;
    const void *data;
    size_t size;
    int method, flags;
    uint32_t claimed; /* added to the size in the directory */
};

static void make_zip(struct bytes *out, const struct entry *entries, size_t count)
{
    size_t places[8], directory;

    out->size = 0;
    for (size_t i = 0; i < count; i++) {
        places[i] = out->size;
        put(out, "PK\3\4", 4);
        put_number(out, 0, 8);
        put_number(out, 0, 8);
        put_number(out, 0, 6);
        put_number(out, strlen(entries[i].name), 2);
        put_number(out, 0, 2);
        put_text(out, entries[i].name);
        put(out, entries[i].data, entries[i].size);
    }
    directory = out->size;
    for (size_t i = 0; i < count; i++) {
        put(out, "PK\1\2\0\0\0\0", 8);
        put_number(out, (uint64_t)entries[i].flags, 2);
        put_number(out, (uint64_t)entries[i].method, 2);
        put_number(out, 0, 8);
        put_number(out, entries[i].size, 4);
        put_number(out, entries[i].size + entries[i].claimed, 4);
        put_number(out, strlen(entries[i].name), 2);
        put_number(out, 0, 12);
        put_number(out, places[i], 4);
        put_text(out, entries[i].name);
    }
    put(out, "PK\5\6\0\0\0\0", 8);
    put_number(out, count, 2);
    put_number(out, count, 2);
    put_number(out, out->size - directory, 4);
    put_number(out, directory, 4);
    put_number(out, 0, 2);
}

static const float values[6] = {1, 2, 3, 4, 5, 6};

/* A zip checkpoint of that pickle and the six values. */
static void make_checkpoint(struct bytes *out, const struct bytes *pickle)
{
    const struct entry entries[] = {
        {.name = "m/data.pkl", .data = pickle->at, .size = pickle->size},
        {.name = "m/byteorder", .data = "little", .size = 6},
        {.name = "m/data/0", .data = values, .size = sizeof values}};

    make_zip(out, entries, 3);
}

static void make_legacy(struct bytes *out, const char *type, const struct shape *s,
                        uint64_t count)
{
    out->size = 0;
    put(out, "\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.", 15);
    put(out, "\x80\x02M\xe9\x03.", 6);
    put(out, "\x80\x02}.", 4);
    put_dict(out, type, s, false);
    put(out, "\x80\x02]", 3);
    put_string(out, "0");
    put_text(out, "a.");
    put_number(out, count, 8);
    put(out, values, sizeof values);
}

static void refused(const struct bytes *file, ic_status status, const char *text)
{
    struct ic_tensor_file *opened = NULL;

    write_file(file->at, file->size);
    CHECK_FAILS(ic_tensor_file_open(path, &opened, &error), status, text);
    CHECK(opened == NULL && strstr(error.message, path) != NULL);
    CHECK(strchr(error.message, '\n') == NULL);
}

/* The file holds "w", two by three, with these values. */
static void accepted(const struct bytes *file, const float expected[6])
{
    struct ic_tensor_file *opened = NULL;
    const struct ic_tensor *w;
    float found[6];

    write_file(file->at, file->size);
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

/* --- cases ------------------------------------------------------------------------ */

static void test_good(void)
{
    static const float turned[6] = {1, 3, 5, 2, 4, 6};
    const struct shape transposed = {6, 0, {2, 3}, {1, 2}};
    struct bytes pickle = {.size = 0}, file;

    put_dict(&pickle, "FloatStorage", &plain, false);
    make_checkpoint(&file, &pickle);
    accepted(&file, values);
    make_legacy(&file, "FloatStorage", &plain, 6);
    accepted(&file, values);
    pickle.size = 0;
    put_dict(&pickle, "FloatStorage", &transposed, false);
    make_checkpoint(&file, &pickle);
    accepted(&file, turned);
    make_legacy(&file, "FloatStorage", &transposed, 6);
    accepted(&file, turned);

    pickle.size = 0; /* wrapped */
    put(&pickle, "\x80\x02}", 3);
    put_string(&pickle, "state_dict");
    put_dict(&pickle, "FloatStorage", &plain, false);
    pickle.size--;
    put_text(&pickle, "s.");
    make_checkpoint(&file, &pickle);
    accepted(&file, values);
}

static void test_commands(void)
{
    static const struct {
        const char *pickle, *text;
    } bad[] = {
        {"cposix\nsystem\n(X\4\0\0\0true", "posix.system"},
        {"cos\nsystem\n.", "os.system"},
        {"cbuiltins\neval\n.", "builtins.eval"},
        {"c__builtin__\nexec\n.", "__builtin__.exec"},
        {"ctorch\nload\n.", "torch.load"},
        {"ctorch.FloatStorage\n\n.", "torch.FloatStorage."},
        {"\x8c\5posix\x8c\6system\x93.", "posix.system"},
        {"ios\nsystem\n.", "an opcode"}, /* INST */
        {"}}\x81.", "an opcode"},        /* NEWOBJ */
        {"c\x1b[2Jx\ny\n.", "?[2Jx.y"},
    };
    struct bytes pickle, file;

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        const size_t zeros = i == 0 ? 25 : strlen(bad[i].pickle);

        pickle.size = 0;
        put(&pickle, "\x80\x02", 2);
        put(&pickle, bad[i].pickle, zeros);
        make_checkpoint(&file, &pickle);
        refused(&file, IC_ERR_FORMAT, bad[i].text);
    }
}

static void test_machine(void)
{
    static const char *const bad[] = {
        "",
        ".",
        "0.",
        "R.",
        "NR.",
        "}R.",
        "NNR.",
        "(",
        "(.",
        "((t.",
        "t.",
        "e.",
        "u.",
        "(e.",
        "(u.",
        "]s.",
        "}a.",
        "}(Nu.",
        "Q.",
        ")Q.",
        "NQ.",
        "Nb.",
        "}Nb",
        "b.",
        "hA.",
        "NN.",
        "\x87.",
        "N\x86.",
        "X\xff\xff\xff\x7f",
        "\x80\x63.",
        "\x93.",
        "NN\x93.",
        "\x8b\xff\xff\xff\xff",
        "a.",
        "s.",
        "Na.",
        "Ns.",
        "NNs.",
        "(Na.",
        "()R.",
        "()t.",
        "q",
        "N\x85Q.",
    };
    struct bytes pickle, file;

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        pickle.size = 0;
        put_text(&pickle, bad[i]);
        make_checkpoint(&file, &pickle);
        refused(&file, IC_ERR_FORMAT, "");
    }
    pickle.size = 0; /* a list that holds itself, a dict that holds itself */
    put_text(&pickle, "]q\1h\1a.");
    make_checkpoint(&file, &pickle);
    refused(&file, IC_ERR_FORMAT, "no state dict");
    pickle.size = 0;
    put_text(&pickle, "}q\1U\5modelh\1s.");
    make_checkpoint(&file, &pickle);
    refused(&file, IC_ERR_FORMAT, "no tensors");
}

static void test_shapes(void)
{
    static const struct {
        struct shape shape;
        const char *text;
    } bad[] = {
        {{6, 1, {2, 3}, {3, 1}}, "beyond its storage"},
        {{6, INT64_MAX, {2, 3}, {3, 1}}, "beyond its storage"},
        {{6, -1, {2, 3}, {3, 1}}, "negative offset"},
        {{6, 0, {-2, 3}, {3, 1}}, "negative size"},
        {{6, 0, {2, 3}, {-3, 1}}, "negative size"},
        {{6, 0, {2, 3}, {4, 1}}, "beyond its storage"},
        {{6, 0, {7, 3}, {0, 0}}, "beyond its storage"}, /* over itself */
        {{6, 0, {INT64_MAX, 3}, {3, 1}}, "overflows"},
        {{6, 0, {2, 3}, {INT64_MAX, INT64_MAX}}, "overflows"},
        {{6, 0, {INT64_MAX, 1}, {1, 1}}, "overflows"},
        {{7, 0, {2, 3}, {3, 1}}, "cut off"},
        {{-6, 0, {2, 3}, {3, 1}}, ""},
        {{INT64_MAX, 0, {2, 3}, {3, 1}}, "cut off"},
    };
    struct bytes pickle, file;

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        pickle.size = 0;
        put_dict(&pickle, "FloatStorage", &bad[i].shape, false);
        make_checkpoint(&file, &pickle);
        refused(&file, IC_ERR_FORMAT, bad[i].text);
        make_legacy(&file, "FloatStorage", &bad[i].shape, 6);
        refused(&file, IC_ERR_FORMAT, bad[i].text);
    }
    pickle.size = 0;
    put_dict(&pickle, "FloatStorage", &plain, true);
    make_checkpoint(&file, &pickle);
    refused(&file, IC_ERR_FORMAT, "stands twice");
    pickle.size = 0;
    put_dict(&pickle, "DoubleStorage", &plain, false); /* wider than the bytes */
    make_checkpoint(&file, &pickle);
    refused(&file, IC_ERR_FORMAT, "cut off");
    make_legacy(&file, "FloatStorage", &plain, (uint64_t)1 << 63);
    refused(&file, IC_ERR_FORMAT, "9223372036854775808 values");
}

static void test_zips(void)
{
    struct bytes pickle = {.size = 0}, file;
    struct entry entries[4];

    put_dict(&pickle, "FloatStorage", &plain, false);
    for (int bad = 0; bad < 6; bad++) {
        static const char *const texts[] = {"compressed",  "compressed",
                                            "encrypted",   "stands twice",
                                            "no data.pkl", "little-endian"};

        entries[0] = (struct entry){
            .name = "m/data.pkl", .data = pickle.at, .size = pickle.size};
        entries[1] = (struct entry){.name = "m/data/0", .data = values, .size = 24};
        entries[2] = (struct entry){.name = "m/byteorder", .data = "little", .size = 6};
        if (bad == 0)
            entries[1].method = 8;
        else if (bad == 1)
            entries[1].claimed = 1u << 30; /* a bomb's claim */
        else if (bad == 2)
            entries[1].flags = 1;
        else if (bad == 3)
            entries[2] = entries[1];
        else if (bad == 4)
            entries[0].name = "m/other";
        else
            entries[2].data = "bigbig";
        make_zip(&file, entries, 3);
        refused(&file, IC_ERR_FORMAT, texts[bad]);
    }
}

/* Whatever comes, it is a sentence or tensors that can be read to their last byte. */
static void survive(const unsigned char *bytes, size_t size)
{
    struct ic_tensor_file *file;

    write_file(bytes, size);
    if (ic_tensor_file_open(path, &file, &error) != IC_OK) {
        CHECK(error.message[0] != '\0' && strchr(error.message, '\n') == NULL);
        return;
    }
    for (size_t i = 0; i < ic_tensor_file_tensors(file)->count; i++) {
        const struct ic_tensor *tensor = &ic_tensor_file_tensors(file)->items[i];
        unsigned char sum = 0;

        for (size_t k = 0; k < tensor->size; k++)
            sum ^= ((const unsigned char *)tensor->data)[k];
        sink = sum;
    }
    ic_tensor_file_close(file);
}

static void damage(const struct bytes *good)
{
    static const unsigned char flips[] = {0x01, 0x80, 0xff};
    struct bytes bad;

    for (size_t size = 0; size < good->size; size++)
        survive(good->at, size);
    for (size_t i = 0; i < good->size; i++)
        for (size_t k = 0; k < sizeof flips; k++) {
            bad = *good;
            bad.at[i] ^= flips[k];
            survive(bad.at, bad.size);
        }
}

static void test_damage(void)
{
    struct bytes pickle = {.size = 0}, file;

    put_dict(&pickle, "FloatStorage", &plain, false);
    make_checkpoint(&file, &pickle);
    damage(&file);
    make_legacy(&file, "FloatStorage", &plain, 6);
    for (size_t size = 0; size < file.size; size++) {
        struct bytes cut = file;

        cut.size = size;
        refused(&cut, IC_ERR_FORMAT, ""); /* a legacy file has nothing to spare */
    }
    damage(&file);
}

int main(void)
{
    char *folder = folder_make();

    path = folder_path(folder, "checkpoint.pth");
    test_good();
    test_commands();
    test_machine();
    test_shapes();
    test_zips();
    test_damage();
    free(path);
    folder_remove(folder);
    return check_result();
}
