/* SPDX-License-Identifier: MIT */
/*
 * Reads classes off the names of pictures and numbers them.
 *
 * Oxford names: the data set's own README ("images with 1st letter as caps are cats,
 * images with small first letter are dogs"), Parkhi et al., "Cats and Dogs", CVPR 2012.
 * The breed is what fastai's tutorials match with (.+)_\d+.
 */
#include "data/labels.h"

#include <assert.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/size.h"
#include "base/text.h"
#include "base/word.h"
#include "data/label_list.h"
#include "data/name.h"

/* A stretch of a longer string. */
struct stretch {
    const char *text;
    size_t length;
};

const char *const ic_labels_names[] = {[IC_LABELS_SPECIES] = "species",
                                       [IC_LABELS_BREED] = "breed",
                                       [IC_LABELS_FOLDER] = "folder",
                                       [IC_LABELS_CSV] = "csv",
                                       NULL};

enum ic_labels ic_labels_kind(const char *asked)
{
    const int word = ic_word_index(ic_labels_names, asked);

    return word < 0 ? IC_LABELS_CSV : (enum ic_labels)word;
}

static ic_status read_species(const char *folder, const char *name,
                              struct stretch *class, struct ic_error *error)
{
    const char first = *ic_name_base(name);

    if (first >= 'A' && first <= 'Z')
        *class = (struct stretch){"cat", 3};
    else if (first >= 'a' && first <= 'z')
        *class = (struct stretch){"dog", 3};
    else
        return ic_fail(
            error, IC_ERR_USAGE,
            "cannot tell the species of %s/%s: its name must begin with an upper-case "
            "letter (cat) or a lower-case one (dog); rename or remove it",
            folder, name);
    return IC_OK;
}

static ic_status read_breed(const char *folder, const char *name, struct stretch *class,
                            struct ic_error *error)
{
    const char *base = ic_name_base(name);
    const size_t stem = ic_name_stem_length(base);
    size_t breed = stem;

    while (breed > 0 && base[breed - 1] >= '0' && base[breed - 1] <= '9')
        breed--;
    if (breed == stem || breed < 2 || base[breed - 1] != '_')
        return ic_fail(error, IC_ERR_USAGE,
                       "cannot tell the breed of %s/%s: expected a name such as "
                       "Bengal_12.jpg (breed, '_', number); rename or remove it",
                       folder, name);
    *class = (struct stretch){base, breed - 1};
    return IC_OK;
}

static void read_folder(const char *name, size_t class_at, struct stretch *class)
{
    const char *const start = name + class_at;

    *class = (struct stretch){start, strcspn(start, "/")};
}

static ic_status read_class(const char *folder, const struct ic_sample *sample,
                            enum ic_labels labels, struct stretch *class,
                            struct ic_error *error)
{
    switch (labels) {
    case IC_LABELS_SPECIES:
        return read_species(folder, sample->name, class, error);
    case IC_LABELS_BREED:
        return read_breed(folder, sample->name, class, error);
    case IC_LABELS_FOLDER:
    case IC_LABELS_CSV:
        break;
    }
    read_folder(sample->name, sample->class_at, class);
    return IC_OK;
}

/* Sets class_of[i] to the class of sample i, with one copy per run of equal classes. */
static ic_status read_classes(struct ic_dataset *dataset, enum ic_labels labels,
                              const char **class_of, struct ic_error *error)
{
    for (size_t i = 0; i < dataset->count; i++) {
        const char *last = i ? class_of[i - 1] : "";
        struct stretch class = {NULL, 0};
        const ic_status status =
            read_class(dataset->folder, &dataset->samples[i], labels, &class, error);

        if (status != IC_OK)
            return status;
        if (strlen(last) == class.length &&
            memcmp(last, class.text, class.length) == 0) {
            class_of[i] = last;
            continue;
        }
        class_of[i] = ic_arena_strndup(&dataset->arena, class.text, class.length);
        if (class_of[i] == NULL)
            return ic_fail_memory(error, "the name of a class", class.length + 1);
    }
    return IC_OK;
}

/* Refuses class names that a model file cannot carry. */
static ic_status check_classes(const struct ic_dataset *dataset,
                               const char *const *class_of, struct ic_error *error)
{
    for (size_t i = 0; i < dataset->count; i++)
        if (!ic_text_is_utf8(class_of[i]))
            return ic_fail(error, IC_ERR_USAGE,
                           "%s/%s: the name of its class is not valid UTF-8, which "
                           "model files need",
                           dataset->folder, dataset->samples[i].name);
    return IC_OK;
}

static int compare_strings(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Sorts class_of and keeps one copy of each class in the data set. */
static ic_status number_classes(struct ic_dataset *dataset, const char **class_of,
                                struct ic_error *error)
{
    size_t count = 0;

    qsort(class_of, dataset->count, sizeof *class_of, compare_strings);
    for (size_t i = 0; i < dataset->count; i++)
        if (i == 0 || strcmp(class_of[i], class_of[count - 1]) != 0)
            class_of[count++] = class_of[i];
    if (count > INT_MAX)
        return ic_fail(error, IC_ERR_LIMIT, "%s has %zu classes; the limit is %d",
                       dataset->folder, count, INT_MAX);
    dataset->classes = ic_arena_alloc(&dataset->arena, count, sizeof *class_of);
    if (dataset->classes == NULL)
        return ic_fail_memory(error, "the list of classes", count * sizeof *class_of);
    memcpy(dataset->classes, class_of, count * sizeof *class_of);
    dataset->class_count = (int)count;
    return IC_OK;
}

ic_status ic_labels_assign(struct ic_dataset *dataset, enum ic_labels labels,
                           const char *csv, struct ic_error *error)
{
    const char **class_of = NULL, **sorted = NULL;
    const size_t count = dataset->count;
    size_t bytes;
    ic_status status = IC_OK;

    if (!ic_size_mul(count, sizeof *class_of, &bytes) ||
        (class_of = malloc(bytes)) == NULL || (sorted = malloc(bytes)) == NULL) {
        status = ic_fail_memory(error, "the classes of the samples",
                                count * sizeof *class_of);
        goto out;
    }
    status = labels == IC_LABELS_CSV ? ic_label_list_read(dataset, csv, class_of, error)
                                     : read_classes(dataset, labels, class_of, error);
    if (status == IC_OK)
        status = check_classes(dataset, class_of, error);
    if (status != IC_OK)
        goto out;
    memcpy(sorted, class_of, bytes);
    status = number_classes(dataset, sorted, error);
    if (status != IC_OK)
        goto out;
    for (size_t i = 0; i < dataset->count; i++) {
        const char **found =
            bsearch(&class_of[i], dataset->classes, (size_t)dataset->class_count,
                    sizeof *class_of, compare_strings);
        dataset->samples[i].label = (int)(found - dataset->classes);
    }
out:
    free(class_of);
    free(sorted);
    return status;
}

/* Finds each class among those of the model: new_label[i] is its index there, or -1. */
static void match_classes(const struct ic_dataset *dataset, const char *const *classes,
                          int class_count, int *new_label)
{
    for (int i = 0; i < dataset->class_count; i++) {
        int place = 0;

        while (place < class_count && strcmp(dataset->classes[i], classes[place]) != 0)
            place++;
        new_label[i] = place < class_count ? place : -1;
    }
}

ic_status ic_dataset_use_classes(struct ic_dataset *dataset, const char *const *classes,
                                 int class_count, struct ic_error *error)
{
    const char **copies =
        ic_arena_alloc(&dataset->arena, (size_t)class_count, sizeof *copies);
    int *new_label = ic_arena_alloc(&dataset->arena, (size_t)dataset->class_count,
                                    sizeof *new_label);

    if (copies == NULL || new_label == NULL)
        return ic_fail_memory(error, "the list of classes",
                              (size_t)class_count * sizeof *copies);
    match_classes(dataset, classes, class_count, new_label);
    for (size_t i = 0; i < dataset->count; i++) {
        const struct ic_sample *sample = &dataset->samples[i];

        if (sample->label >= 0 && new_label[sample->label] < 0)
            return ic_fail(error, IC_ERR_USAGE,
                           "%s/%s is of class %s, but the model has no such class (its "
                           "%d classes: %s ... %s)",
                           dataset->folder, sample->name,
                           dataset->classes[sample->label], class_count, classes[0],
                           classes[class_count - 1]);
    }
    for (int i = 0; i < class_count; i++)
        if ((copies[i] = ic_arena_strdup(&dataset->arena, classes[i])) == NULL)
            return ic_fail_memory(error, "the name of a class", strlen(classes[i]));
    for (size_t i = 0; i < dataset->count; i++)
        if (dataset->samples[i].label >= 0)
            dataset->samples[i].label = new_label[dataset->samples[i].label];
    dataset->classes = copies;
    dataset->class_count = class_count;
    return IC_OK;
}
