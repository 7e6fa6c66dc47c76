/* SPDX-License-Identifier: MIT */
/*
 * Folders written as a whole: the final name has all files, or does not exist.
 */
#include "base/folder_writer.h"

#include "base/file.h"
#include "check.h"
#include "folder.h"

static char *folder, *path;
static struct ic_error error;

static void put(const struct ic_folder_writer *writer, const char *name)
{
    char *file = ic_file_join(writer->temporary, name);

    CHECK_OK(ic_file_write(file, "text", 4, &error));
    free(file);
}

/* `named` is the path in one of the forms that users give. */
static void check_written(const char *named)
{
    struct ic_folder_writer writer;

    CHECK_OK(ic_folder_writer_open(&writer, named, &error));
    put(&writer, "a");
    put(&writer, ".b");
    CHECK_STRING(writer.path, path);
    CHECK_OK(ic_folder_writer_commit(&writer, &error));
    CHECK(writer.path == NULL && writer.temporary == NULL);
    CHECK_INT(folder_entries(folder), 1);
    CHECK_INT(folder_entries(path), 2);
}

static void test_commit(void)
{
    char *slashes = folder_path(folder, "new//"), *file = folder_path(path, "a"),
         *hidden = folder_path(path, ".b");

    check_written(path);
    unlink(file);
    unlink(hidden);
    check_written(slashes); /* an empty folder is replaced */
    unlink(file);
    unlink(hidden);
    rmdir(path);
    CHECK_INT(folder_entries(folder), 0);
    free(hidden);
    free(file);
    free(slashes);
}

static void test_abort(void)
{
    struct ic_folder_writer writer;

    CHECK_OK(ic_folder_writer_open(&writer, path, &error));
    put(&writer, "a");
    put(&writer, ".b");
    CHECK_INT(folder_entries(folder), 1);
    ic_folder_writer_abort(&writer);
    CHECK_INT(folder_entries(folder), 0);
    ic_folder_writer_abort(&writer);
}

static void test_refused(void)
{
    struct ic_folder_writer writer;
    char *below = folder_path(folder, "no/new"), *hidden = folder_path(path, ".b"),
         *file = folder_path(path, "a");

    CHECK_FAILS(ic_folder_writer_open(&writer, "", &error), IC_ERR_USAGE, "a name");
    CHECK_FAILS(ic_folder_writer_open(&writer, below, &error), IC_ERR_IO, below);
    folder_put_text(folder, "new", "");
    CHECK_FAILS(ic_folder_writer_open(&writer, path, &error), IC_ERR_USAGE, "a file");
    unlink(path);
    folder_put_text(folder, "new/.b", "");
    CHECK_FAILS(ic_folder_writer_open(&writer, path, &error), IC_ERR_USAGE,
                "holds something");
    unlink(hidden);

    /* Another process takes the name first. */
    CHECK_OK(ic_folder_writer_open(&writer, path, &error));
    put(&writer, "a");
    folder_put_text(folder, "new/a", "other");
    CHECK_FAILS(ic_folder_writer_commit(&writer, &error), IC_ERR_IO, path);
    CHECK_INT(folder_entries(folder), 1);
    CHECK_INT(folder_entries(path), 1);
    unlink(file);
    rmdir(path);
    free(file);
    free(hidden);
    free(below);
}

int main(void)
{
    folder = folder_make();
    path = folder_path(folder, "new");
    test_commit();
    test_abort();
    test_refused();
    free(path);
    folder_remove(folder);
    return check_result();
}
