/* SPDX-License-Identifier: MIT */
/*
 * Finds the pictures of a data set by its layout (layout.h). Links are followed to
 * files and to class folders, but no deeper and not back to the data set itself, so
 * that a loop of links cannot trap the walk. The contents of files are not looked at
 * here (see check.c). labels.c reads the classes off the names.
 */
#include "data/dataset.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/text.h"
#include "data/labels.h"
#include "data/layout.h"
#include "data/name.h"
#include "data/scan.h"

static ic_status check_name(const struct ic_dataset *dataset, const char *name,
                            struct ic_error *error)
{
    char shown[200];

    if (ic_text_is_plain(name))
        return IC_OK;
    return ic_fail(error, IC_ERR_USAGE,
                   "%s/%s: the name holds a control character (shown as '?'), which "
                   "the lists of a run cannot carry; rename it",
                   dataset->folder,
                   ic_text_show(shown, sizeof shown, name, strlen(name)));
}

/* --- one folder ----------------------------------------------------------------- */

/* Where the samples of a walk go. */
struct place {
    struct ic_scan *found;
    enum ic_sample_part part;
    size_t class_at;
    bool deep; /* also takes the pictures in subfolders */
};

static ic_status add_file(const struct place *place, const char *name,
                          struct ic_error *error)
{
    const ic_status status = check_name(place->found->dataset, name, error);

    return status != IC_OK
               ? status
               : ic_scan_add(place->found, name, place->part, place->class_at, error);
}

/* Whether add_tree enters the folder DIR/name. Links, foreign folders and the pictures
 * of a test part, which are left to `eval`, are not entered. */
static ic_status is_entered(const struct ic_dataset *dataset, const char *name,
                            bool *ret_answer, struct ic_error *error)
{
    bool is_link = false, is_foreign = false;
    ic_status status = ic_scan_is_link(dataset, name, &is_link, error);

    if (status == IC_OK && !is_link)
        status = ic_layout_is_foreign(dataset, name, &is_foreign, error);
    *ret_answer =
        !is_link && !is_foreign &&
        (strchr(name, '/') != NULL || ic_layout_part_name(name) != IC_PART_NAME_TEST);
    return status;
}

/* Adds the pictures in DIR/below. A dangling link counts as a picture: the code that
 * reads pictures reports that it cannot be read. */
static ic_status add_tree(const struct place *place, const char *below,
                          struct ic_error *error)
{
    struct ic_dataset *const dataset = place->found->dataset;
    const char **names;
    size_t count;
    ic_status status = ic_scan_list(dataset, below, &names, &count, error);

    for (size_t i = 0; status == IC_OK && i < count; i++) {
        bool is_folder = false, enter = false;

        status = ic_scan_is_folder(dataset, names[i], &is_folder, error);
        if (status == IC_OK && is_folder && place->deep)
            status = is_entered(dataset, names[i], &enter, error);
        if (status == IC_OK && enter)
            status = add_tree(place, names[i], error);
        else if (status == IC_OK && !is_folder && !ic_scan_is_other(names[i]))
            status = add_file(place, names[i], error);
    }
    return status;
}

/* --- class folders -------------------------------------------------------------- */

/* Whether DIR/name is, by a link, DIR itself or a folder above it. */
static ic_status leads_back(const struct ic_dataset *dataset, const char *name,
                            bool *ret_answer, struct ic_error *error)
{
    char *path = ic_file_join(dataset->folder, name);
    char *target = path != NULL ? realpath(path, NULL) : NULL;
    char *own = target != NULL ? realpath(dataset->folder, NULL) : NULL;
    const size_t length = own != NULL ? strlen(target) : 0;
    const bool known = own != NULL;

    *ret_answer = known && strncmp(own, target, length) == 0 &&
                  (own[length] == '/' || own[length] == '\0' || length == 1);
    free(path);
    free(target);
    free(own);
    return known ? IC_OK
                 : ic_fail_errno(error, "cannot follow %s/%s", dataset->folder, name);
}

/* Whether the folder DIR/name is a class folder. */
static ic_status is_class(const struct ic_dataset *dataset, const char *name,
                          bool *ret_answer, struct ic_error *error)
{
    bool is_link = false, no_class = false, back = false;
    ic_status status = ic_layout_is_no_class(dataset, name, &no_class, error);

    if (status == IC_OK && !no_class)
        status = ic_scan_is_link(dataset, name, &is_link, error);
    if (status == IC_OK && is_link)
        status = leads_back(dataset, name, &back, error);
    *ret_answer = !no_class && !back;
    return status;
}

static void note_loose(struct ic_dataset *dataset, const char *name)
{
    if (!ic_scan_is_other(name) && dataset->loose++ == 0)
        dataset->first_loose = name;
}

/* Adds the pictures of every class folder that stands in DIR/below. */
static ic_status add_class_folders(struct ic_scan *found, const char *below,
                                   enum ic_sample_part part, struct ic_error *error)
{
    struct ic_dataset *const dataset = found->dataset;
    const size_t length = strlen(below);
    const struct place place = {.found = found,
                                .part = part,
                                .class_at = length == 0 ? 0 : length + 1,
                                .deep = true};
    const char **names;
    size_t count;
    ic_status status = ic_scan_list(dataset, below, &names, &count, error);

    for (size_t i = 0; status == IC_OK && i < count; i++) {
        bool is_folder = false, enter = false;

        status = ic_scan_is_folder(dataset, names[i], &is_folder, error);
        if (status == IC_OK && is_folder)
            status = is_class(dataset, names[i], &enter, error);
        if (status == IC_OK && !is_folder)
            note_loose(dataset, names[i]);
        if (status == IC_OK && enter)
            status = check_name(dataset, names[i], error);
        if (status == IC_OK && enter)
            status = add_tree(&place, names[i], error);
    }
    return status;
}

/* --- the layouts ---------------------------------------------------------------- */

static ic_status refuse_labels(const struct ic_dataset *dataset, enum ic_labels labels,
                               bool oxford, struct ic_error *error)
{
    if (oxford)
        return ic_fail(error, IC_ERR_USAGE,
                       "%s has the Oxford layout (its pictures are in images/), so its "
                       "labels cannot come from folders: use --labels species or breed",
                       dataset->folder);
    return ic_fail(
        error, IC_ERR_USAGE,
        "%s has no folder images/ with pictures, which --labels %s needs; if "
        "it has a folder per class, use --labels folder",
        dataset->folder, ic_labels_names[labels]);
}

/* Determines the folder's layout and adds its samples. */
static ic_status scan(struct ic_scan *found, enum ic_labels labels,
                      struct ic_error *error)
{
    struct ic_dataset *dataset = found->dataset;
    const struct place images = {.found = found, .part = IC_PART_ANY};
    const char **names;
    size_t count;
    struct ic_layout layout;
    ic_status status;

    /* A missing or unreadable folder is reported in the system's words. */
    if ((status = ic_scan_list(dataset, "", &names, &count, error)) != IC_OK ||
        (status = ic_layout_find(dataset, &layout, error)) != IC_OK)
        return status;
    if (layout.oxford && labels == IC_LABELS_FOLDER)
        return refuse_labels(dataset, labels, true, error);
    if (layout.oxford)
        return add_tree(&images, layout.base, error);
    if (layout.train != NULL)
        status = add_class_folders(found, layout.train,
                                   layout.valid != NULL ? IC_PART_TRAIN : IC_PART_ANY,
                                   error);
    else
        status = add_class_folders(found, layout.base, IC_PART_ANY, error);
    if (status == IC_OK && layout.valid != NULL)
        status = add_class_folders(found, layout.valid, IC_PART_VALID, error);
    if (status == IC_OK && found->count > 0 && labels != IC_LABELS_FOLDER)
        status = refuse_labels(dataset, labels, false, error);
    return status;
}

static int compare_samples(const void *a, const void *b)
{
    const struct ic_sample *first = a, *second = b;

    return strcmp(first->name, second->name);
}

/* Refuses a data set without pictures. A CSV file in it suggests that the classes are
 * listed there, as in Kaggle's data sets. */
static ic_status refuse_empty(struct ic_dataset *dataset, struct ic_error *error)
{
    static const char *const table[] = {"csv", NULL};
    const char **names = NULL;
    size_t count = 0;
    const ic_status status = ic_scan_list(dataset, "", &names, &count, error);

    for (size_t i = 0; status == IC_OK && i < count; i++)
        if (ic_name_has_ending(names[i], table))
            return ic_fail(error, IC_ERR_USAGE,
                           "%s has no class folders; if its file %s lists pictures and "
                           "their classes, use --labels %s/%s",
                           dataset->folder, names[i], dataset->folder, names[i]);
    return status != IC_OK
               ? status
               : ic_fail(error, IC_ERR_USAGE,
                         "no pictures in %s: expected images/NAME_NUMBER.jpg, "
                         "CLASS/NAME.jpg, or train/CLASS/NAME.jpg with "
                         "valid/CLASS/NAME.jpg below it",
                         dataset->folder);
}

/* Puts the samples in order and moves them into the data set. */
static ic_status finish(struct ic_scan *found, struct ic_error *error)
{
    struct ic_dataset *dataset = found->dataset;

    if (found->count == 0)
        return refuse_empty(dataset, error);
    qsort(found->samples, found->count, sizeof *found->samples, compare_samples);
    return ic_scan_finish(found, error);
}

/* A copy of the folder's path without trailing slashes. */
static ic_status keep_folder(struct ic_dataset *dataset, const char *folder,
                             struct ic_error *error)
{
    size_t length = strlen(folder);

    while (length > 1 && folder[length - 1] == '/')
        length--;
    dataset->folder = ic_arena_strndup(&dataset->arena, folder, length);
    return dataset->folder ? IC_OK : ic_fail_memory(error, "a path", 0);
}

/* `csv` is the path of the file of labels, NULL for other kinds of labels. */
static ic_status open_labelled(const char *folder, enum ic_labels labels,
                               const char *csv, struct ic_dataset *dataset,
                               struct ic_error *error)
{
    struct ic_scan found = {.dataset = dataset};
    const struct place all = {.found = &found, .part = IC_PART_ANY, .deep = true};
    ic_status status;

    memset(dataset, 0, sizeof *dataset);
    if ((status = keep_folder(dataset, folder, error)) != IC_OK ||
        (status = csv != NULL ? add_tree(&all, "", error)
                              : scan(&found, labels, error)) != IC_OK ||
        (status = finish(&found, error)) != IC_OK ||
        (status = ic_labels_assign(dataset, labels, csv, error)) != IC_OK)
        ic_dataset_close(dataset);
    free(found.samples);
    return status;
}

ic_status ic_dataset_open(const char *folder, enum ic_labels labels,
                          struct ic_dataset *ret_dataset, struct ic_error *error)
{
    return open_labelled(folder, labels, NULL, ret_dataset, error);
}

ic_status ic_dataset_open_asked(const char *folder, const char *labels,
                                struct ic_dataset *ret_dataset, struct ic_error *error)
{
    const enum ic_labels kind = ic_labels_kind(labels);

    if (kind != IC_LABELS_CSV)
        return open_labelled(folder, kind, NULL, ret_dataset, error);
    if (!ic_file_exists(labels))
        return ic_fail(error, IC_ERR_USAGE,
                       "there are no labels or file %s: expected species, breed, "
                       "folder or a CSV file of pictures and their classes",
                       labels);
    return open_labelled(folder, kind, labels, ret_dataset, error);
}

void ic_dataset_close(struct ic_dataset *dataset)
{
    ic_arena_free(&dataset->arena);
    memset(dataset, 0, sizeof *dataset);
}
