/* SPDX-License-Identifier: MIT */
/*
 * Pictures by their paths: files as named, folders walked, in a fixed order.
 */
#include "check.h"
#include "data/dataset.h"
#include "folder.h"

static struct ic_error error;

static void test_order(const char *folder)
{
    static const char *const expected[] = {
        "/b.jpg",      "/more/notes.txt", "/more/a.jpg", "/more/deep/er/z.png",
        "/more/z.gif",
    };
    char *b = folder_path(folder, "b.jpg"), *more = folder_path(folder, "more//"),
         *notes = folder_path(folder, "more/notes.txt"),
         *loop = folder_path(folder, "more/deep/loop");
    const char *const paths[] = {b, notes, more};
    struct ic_dataset dataset;

    folder_put_text(folder, "b.jpg", "");
    folder_put_text(folder, "more/z.gif", "");
    folder_put_text(folder, "more/a.jpg", "");
    folder_put_text(folder, "more/deep/er/z.png", "");
    folder_put_text(folder, "more/.hidden.jpg", "");
    folder_put_text(folder, "more/notes.txt", "");
    CHECK_INT(symlink("..", loop), 0);

    CHECK_OK(ic_dataset_open_paths(paths, 3, &dataset, &error));
    CHECK_STRING(dataset.folder, "");
    CHECK_INT(dataset.count, 5);
    for (size_t i = 0; i < dataset.count && i < 5; i++) {
        CHECK(strncmp(dataset.samples[i].name, folder, strlen(folder)) == 0);
        CHECK_STRING(dataset.samples[i].name + strlen(folder), expected[i]);
        CHECK_INT(dataset.samples[i].label, -1);
        CHECK(dataset.samples[i].part == IC_PART_ANY && !dataset.samples[i].checked);
    }
    ic_dataset_close(&dataset);
    free(b);
    free(notes);
    free(more);
    free(loop);
}

static void test_odd_paths(const char *folder)
{
    char *empty = folder_path(folder, "empty");
    const char *const missing[] = {"/nowhere/at-all.jpg"};
    const char *const nothing[] = {empty};
    struct ic_dataset dataset;

    /* A missing picture is reported when it is read, among the others. */
    CHECK_OK(ic_dataset_open_paths(missing, 1, &dataset, &error));
    CHECK_INT(dataset.count, 1);
    ic_dataset_close(&dataset);

    mkdir(empty, 0777);
    CHECK_FAILS(ic_dataset_open_paths(nothing, 1, &dataset, &error), IC_ERR_USAGE,
                "no pictures in ");
    CHECK(strstr(error.message, empty) != NULL);
    free(empty);
}

int main(void)
{
    char *folder = folder_make();

    test_order(folder);
    test_odd_paths(folder);
    folder_remove(folder);
    return check_result();
}
