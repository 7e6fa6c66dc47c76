/* SPDX-License-Identifier: MIT */
/*
 * Recognises layouts. See layout.h.
 *
 * The synonyms are those of torchvision's ImageFolder examples (train, val), fastai
 * (train, valid), Keras and Kaggle (train, validation, test), Ultralytics (train, val,
 * test).
 */
#include "data/layout.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/file.h"
#include "data/name.h"
#include "data/scan.h"

static const char *const train_names[] = {"train", "training", NULL};
static const char *const valid_names[] = {"valid", "val", "validation", NULL};
static const char *const test_names[] = {"test", "testing", NULL};

static bool is_one_of(const char *name, const char *const *names)
{
    for (; *names != NULL; names++)
        if (strcasecmp(name, *names) == 0)
            return true;
    return false;
}

enum ic_part_name ic_layout_part_name(const char *name)
{
    if (is_one_of(name, train_names))
        return IC_PART_NAME_TRAIN;
    if (is_one_of(name, valid_names))
        return IC_PART_NAME_VALID;
    return is_one_of(name, test_names) ? IC_PART_NAME_TEST : IC_PART_NAME_NONE;
}

/* Whether both files stand in DIR/path. */
static ic_status holds_both(const struct ic_dataset *dataset, const char *path,
                            const char *first, const char *second, bool *ret_answer,
                            struct ic_error *error)
{
    char *folder = ic_file_join(dataset->folder, path);
    char *one = folder != NULL ? ic_file_join(folder, first) : NULL;
    char *two = folder != NULL ? ic_file_join(folder, second) : NULL;
    const bool known = one != NULL && two != NULL;

    *ret_answer = known && ic_file_exists(one) && ic_file_exists(two);
    free(folder);
    free(one);
    free(two);
    return known ? IC_OK : ic_fail_memory(error, "a path", 0);
}

ic_status ic_layout_is_foreign(const struct ic_dataset *dataset, const char *path,
                               bool *ret_answer, struct ic_error *error)
{
    static const char *const left[] = {
        "__MACOSX",   "$RECYCLE.BIN", "System Volume Information",
        "lost+found", "@eaDir",       "#recycle",
        NULL};
    ic_status status = IC_OK;

    *ret_answer = is_one_of(ic_name_base(path), left);
    if (!*ret_answer)
        status = holds_both(dataset, path, "job.conf", "steps.csv", ret_answer, error);
    if (status == IC_OK && !*ret_answer) /* a model that MLflow serves */
        status = holds_both(dataset, path, "MLmodel", "model.onnx", ret_answer, error);
    if (status == IC_OK && !*ret_answer)
        status = holds_both(dataset, path, "confusion.csv", "classes.csv", ret_answer,
                            error);
    return status;
}

ic_status ic_layout_is_no_class(const struct ic_dataset *dataset, const char *path,
                                bool *ret_answer, struct ic_error *error)
{
    const char *const name = ic_name_base(path);

    *ret_answer = ic_layout_part_name(name) != IC_PART_NAME_NONE;
    return *ret_answer ? IC_OK : ic_layout_is_foreign(dataset, path, ret_answer, error);
}

/* Which kinds of entry a folder holds. */
struct content {
    bool pictures, folders; /* any */
};

static ic_status look_into(struct ic_dataset *dataset, const char *path,
                           struct content *ret_content, struct ic_error *error)
{
    const char **names;
    size_t count;
    ic_status status = ic_scan_list(dataset, path, &names, &count, error);

    *ret_content = (struct content){0};
    for (size_t i = 0; status == IC_OK && i < count; i++) {
        bool is_folder = false;

        status = ic_scan_is_folder(dataset, names[i], &is_folder, error);
        if (is_folder)
            ret_content->folders = true;
        else if (!ic_scan_is_other(names[i]))
            ret_content->pictures = true;
    }
    return status;
}

/* Finds train and valid in the base. A train folder without subfolders does not count.
 */
static ic_status find_parts(struct ic_dataset *dataset, struct ic_layout *layout,
                            struct ic_error *error)
{
    const char **names;
    size_t count;
    ic_status status = ic_scan_list(dataset, layout->base, &names, &count, error);

    for (size_t i = 0; status == IC_OK && i < count; i++) {
        const char *const name = ic_name_base(names[i]);
        const enum ic_part_name part = ic_layout_part_name(name);
        const bool train = part == IC_PART_NAME_TRAIN;
        bool is_folder = false;
        struct content content;

        if (!train && part != IC_PART_NAME_VALID)
            continue;
        status = ic_scan_is_folder(dataset, names[i], &is_folder, error);
        if (status != IC_OK || !is_folder)
            continue;
        status = look_into(dataset, names[i], &content, error);
        if (content.folders && train && layout->train == NULL)
            layout->train = names[i];
        else if (content.folders && !train && layout->valid == NULL)
            layout->valid = names[i];
    }
    if (layout->train == NULL) /* valid alone is no split */
        layout->valid = NULL;
    return status;
}

ic_status ic_layout_find(struct ic_dataset *dataset, struct ic_layout *ret_layout,
                         struct ic_error *error)
{
    struct content content = {0};
    bool images = false;
    ic_status status = ic_scan_is_folder(dataset, "images", &images, error);

    *ret_layout = (struct ic_layout){.base = ""};
    if (status == IC_OK && images)
        status = look_into(dataset, "images", &content, error);
    if (status != IC_OK)
        return status;
    if (content.pictures) {
        ret_layout->oxford = true;
        ret_layout->base = "images";
        return IC_OK;
    }
    if (content.folders)
        ret_layout->base = "images";
    return find_parts(dataset, ret_layout, error);
}

ic_status ic_layout_labels(const char *folder, enum ic_labels *ret_labels,
                           struct ic_error *error)
{
    struct ic_dataset dataset = {.folder = folder};
    struct ic_layout layout = {0};
    struct ic_error cause = {0};
    const ic_status status = ic_layout_find(&dataset, &layout, &cause);

    ic_arena_free(&dataset.arena);
    *ret_labels =
        status == IC_OK && !layout.oxford ? IC_LABELS_FOLDER : IC_LABELS_SPECIES;
    if (status == IC_OK || !ic_error_is_passing(&cause))
        return IC_OK;
    *error = cause;
    return status;
}
