/* SPDX-License-Identifier: MIT */
/*
 * Zip files with a false directory: each is refused with one line.
 */
#include "base/file.h"
#include "folder.h"
#include "hostile.h"
#include "torch_files.h"

static char *folder, *path;
static struct ic_error error;
static struct bytes pickle, file;

/* The three entries of a good checkpoint, to be modified. */
static void begin(struct zip_entry entries[4])
{
    bytes_clear(&pickle);
    pickle_dict(&pickle, "FloatStorage", &torch_plain, false);
    entries[0] = (struct zip_entry){
        .name = "m/data.pkl", .data = pickle.at, .size = pickle.size};
    entries[1] = (struct zip_entry){.name = "m/byteorder", .data = "little", .size = 6};
    entries[2] = (struct zip_entry){
        .name = "m/data/0", .data = torch_values, .size = sizeof torch_values};
    entries[3] = (struct zip_entry){.name = "m/version", .data = "3\n", .size = 2};
}

static void refused(const struct zip_entry entries[4], ic_status status,
                    const char *text)
{
    zip_make(&file, entries, 4);
    hostile_refused(path, &file, status, text);
}

static void accepted(const struct zip_entry entries[4])
{
    struct ic_tensor_file *opened = NULL;

    zip_make(&file, entries, 4);
    bytes_write(path, file.at, file.size);
    CHECK_OK(ic_tensor_file_open(path, &opened, &error));
    if (opened != NULL)
        CHECK_INT(ic_tensor_file_tensors(opened)->count, 1);
    ic_tensor_file_close(opened);
}

/* Nothing is unpacked, so nothing can grow: a zip bomb is refused because it is packed.
 */
static void test_bombs(void)
{
    struct zip_entry entries[4];

    begin(entries);
    accepted(entries);
    entries[2].method = 8; /* deflate */
    refused(entries, IC_ERR_FORMAT, "\"m/data/0\" is compressed");
    entries[2].method = 93;
    refused(entries, IC_ERR_FORMAT, "\"m/data/0\" is compressed");
    begin(entries);
    entries[3].method = 8; /* an entry that is not needed */
    refused(entries, IC_ERR_FORMAT, "\"m/version\" is compressed");
    begin(entries);
    entries[0].claimed = 1u << 30;
    refused(entries, IC_ERR_FORMAT, "\"m/data.pkl\" is compressed");
    begin(entries);
    entries[2].flags = 1;
    refused(entries, IC_ERR_FORMAT, "\"m/data/0\" is encrypted");
}

static void test_names(void)
{
    struct zip_entry entries[4];
    char name[2000];

    begin(entries);
    entries[3].name = "m/data/0";
    refused(entries, IC_ERR_FORMAT, "\"m/data/0\" stands twice");
    begin(entries);
    entries[0].name = "m/other";
    refused(entries, IC_ERR_FORMAT, "it holds no data.pkl");
    begin(entries);
    entries[3].name = "n/data.pkl";
    refused(entries, IC_ERR_FORMAT, "two pickles, \"m/data.pkl\" and \"n/data.pkl\"");
    begin(entries);
    entries[2].local_name = "m/data/1"; /* another program might use this name */
    refused(entries, IC_ERR_FORMAT, "an entry has two names");
    entries[2].local_name = "m/data/00";
    refused(entries, IC_ERR_FORMAT, "an entry has two names");
    begin(entries);
    entries[1].data = "bigbig";
    refused(entries, IC_ERR_FORMAT, "not little-endian");
    begin(entries);
    memset(name, 'm', sizeof name);
    strcpy(name + sizeof name - 10, "/data.pkl");
    entries[0].name = name;
    refused(entries, IC_ERR_FORMAT, "lies in a storage that the file lacks");
}

/* A name is compared with others, never opened, so it may look like any path. */
static void test_paths(void)
{
    struct zip_entry entries[4];
    char **names;
    size_t count = 0;

    begin(entries);
    entries[0].name = "../escaped/data.pkl";
    entries[2].name = "../escaped/data/0";
    entries[3].name = "/etc/escaped";
    accepted(entries);
    CHECK_OK(ic_file_list(folder, &names, &count, &error));
    CHECK_INT(count, 1);
    ic_file_free_names(names, count);
}

static void test_places(void)
{
    static const int32_t outside[] = {1 << 20, INT32_MAX, 4, -4};
    struct zip_entry entries[4];

    for (size_t i = 0; i < sizeof outside / sizeof outside[0]; i++) {
        begin(entries);
        entries[2].moved = outside[i];
        refused(entries, IC_ERR_FORMAT, "an entry lies outside the file");
    }
    /* Two entries that share one record share its name, so the second one's record is
     * built from the first one's data. */
    begin(entries);
    bytes_clear(&pickle);
    bytes_put(&pickle, "PK\3\4", 4);
    bytes_number(&pickle, 0, 22);
    bytes_number(&pickle, strlen(entries[2].name), 2);
    bytes_number(&pickle, 0, 2);
    bytes_text(&pickle, entries[2].name);
    bytes_fill(&pickle, 0, 24);
    entries[0] = (struct zip_entry){
        .name = "m/data.pkl", .data = pickle.at, .size = pickle.size};
    entries[2].moved = -(int32_t)(pickle.size + 30 + strlen("m/byteorder") + 6);
    refused(entries, IC_ERR_FORMAT, "its entries overlap");
}

/* Changes `size` bytes, at `back` bytes before the end. */
static void patched(size_t back, uint64_t value, size_t size, ic_status status,
                    const char *text)
{
    struct zip_entry entries[4];

    begin(entries);
    zip_make(&file, entries, 4);
    for (size_t i = 0; i < size; i++)
        file.at[file.size - back + i] = (unsigned char)(value >> 8 * i);
    hostile_refused(path, &file, status, text);
}

/* The record at the end: a count at byte 10 of 22, an offset at byte 16, the length of
 * a comment at byte 20. */
static void test_end(void)
{
    patched(12, UINT16_MAX, 2, IC_ERR_LIMIT, "beyond 4 GiB");
    patched(6, UINT32_MAX, 4, IC_ERR_LIMIT, "beyond 4 GiB");
    patched(12, 5, 2, IC_ERR_FORMAT, "its directory");
    patched(12, UINT16_MAX - 1, 2, IC_ERR_FORMAT, "its directory");
    patched(12, 0, 2, IC_ERR_FORMAT, "it holds no data.pkl");
    patched(6, UINT32_MAX - 1, 4, IC_ERR_FORMAT, "its directory");
    patched(6, 0, 4, IC_ERR_FORMAT, "its directory");
    patched(2, 1, 2, IC_ERR_FORMAT, "its directory is not at its end");
}

/* The directory's last record, of "m/version" (46 + 9 bytes): sizes at bytes 20 and 24,
 * lengths at bytes 28 to 33, the entry's offset at byte 42. */
static void test_directory(void)
{
    const size_t record = 22 + 46 + 9;

    patched(record, 0, 4, IC_ERR_FORMAT, "its directory");
    patched(record - 28, UINT16_MAX, 2, IC_ERR_FORMAT, "its directory");
    patched(record - 30, 1, 2, IC_ERR_FORMAT, "its directory");
    patched(record - 32, UINT16_MAX, 2, IC_ERR_FORMAT, "its directory");
    patched(record - 42, UINT32_MAX, 4, IC_ERR_LIMIT, "beyond 4 GiB");
    patched(record - 42, UINT32_MAX - 1, 4, IC_ERR_FORMAT, "outside the file");
    patched(record - 20, UINT64_MAX, 8, IC_ERR_LIMIT, "beyond 4 GiB");
    patched(record - 20, 0xfffffffefffffffe, 8, IC_ERR_FORMAT, "outside the file");
    patched(record - 20, 0x0000000300000003, 8, IC_ERR_FORMAT, "outside the file");
    patched(record - 46, 0, 1, IC_ERR_FORMAT, "a name with a zero in it");
}

int main(void)
{
    folder = folder_make();
    path = folder_path(folder, "checkpoint.pth");
    test_bombs();
    test_names();
    test_paths();
    test_places();
    test_end();
    test_directory();
    bytes_free(&pickle);
    bytes_free(&file);
    free(path);
    folder_remove(folder);
    return check_result();
}
