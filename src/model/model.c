/* SPDX-License-Identifier: MIT */
/*
 * Makes, checks and frees a model's description, and builds its graph. The network is
 * declared in the table of arch.h; metadata.c writes the description into files.
 */
#include "model/model.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/word.h"
#include "model/arch.h"
#include "model/head.h"

#define MAX_CLASSES 65536
#define MIN_SIZE    32
#define MAX_SIZE    4096
#define MAX_NAME    200

/* A name is shown on terminals, in tables and in JSON, so it is one line of UTF-8. */
static ic_status check_name(const char *what, const char *name, struct ic_error *error)
{
    if (!ic_text_is_utf8(name))
        return ic_fail(error, IC_ERR_USAGE, "%s \"%.100s\" is not UTF-8", what, name);
    if (name[0] == '\0')
        return ic_fail(error, IC_ERR_USAGE, "%s is empty", what);
    if (strlen(name) > MAX_NAME)
        return ic_fail(error, IC_ERR_USAGE,
                       "%s \"%.40s...\" has %zu bytes, the limit is %d", what, name,
                       strlen(name), MAX_NAME);
    if (!ic_text_is_plain(name))
        return ic_fail(error, IC_ERR_USAGE, "%s \"%.100s\" holds a control character",
                       what, name);
    return IC_OK;
}

static int compare(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static ic_status check_classes(const struct ic_model *model, struct ic_error *error)
{
    const size_t count = (size_t)model->class_count;
    char **sorted = malloc(count * sizeof *sorted);
    ic_status status = IC_OK;

    if (sorted == NULL)
        return ic_fail_memory(error, "class names", count * sizeof *sorted);
    memcpy(sorted, model->classes, count * sizeof *sorted);
    qsort(sorted, count, sizeof *sorted, compare);
    for (size_t i = 0; status == IC_OK && i < count; i++) {
        status = check_name("the class", sorted[i], error);
        if (status == IC_OK && i > 0 && strcmp(sorted[i - 1], sorted[i]) == 0)
            status = ic_fail(error, IC_ERR_USAGE, "the class \"%s\" is listed twice",
                             sorted[i]);
    }
    free(sorted);
    return status;
}

/* Fills in copies of all strings; false when out of memory. */
static bool copy_names(struct ic_model *model, const char *arch, const char *head,
                       const char *const *classes, const char *labels)
{
    bool complete = true;
    char number[16];

    model->arch = strdup(arch);
    model->head = strdup(head);
    model->labels = strdup(labels);
    model->classes = calloc((size_t)model->class_count, sizeof *model->classes);
    if (model->classes == NULL)
        return false;
    for (int i = 0; i < model->class_count; i++) {
        snprintf(number, sizeof number, "%d", i);
        model->classes[i] = strdup(classes ? classes[i] : number);
        complete = complete && model->classes[i] != NULL;
    }
    return complete && model->arch && model->head && model->labels;
}

static ic_status refuse_word(const char *what, const char *word,
                             const char *const *known, struct ic_error *error)
{
    char list[120];

    ic_word_list(list, sizeof list, known);
    return ic_fail(error, IC_ERR_USAGE, "the %s \"%.40s\" is unknown, expected %s",
                   what, word, list);
}

ic_status ic_model_init(struct ic_model *model, const char *arch, const char *head,
                        const char *const *classes, int class_count, const char *labels,
                        int size, enum ic_fit fit, struct ic_error *error)
{
    static const float mean[3] = {0.485f, 0.456f, 0.406f};
    static const float std[3] = {0.229f, 0.224f, 0.225f};
    ic_status status;

    *model = (struct ic_model){.size = size, .fit = fit};
    assert(fit >= IC_FIT_CROP && fit <= IC_FIT_SQUISH);
    if (ic_arch_find(arch) == NULL)
        return refuse_word("network", arch, ic_words_arch, error);
    if (ic_head_find(head) == NULL)
        return refuse_word("head", head, ic_words_head, error);
    if (class_count < 1 || class_count > MAX_CLASSES)
        return ic_fail(error, IC_ERR_USAGE, "%d classes, expected 1 to %d", class_count,
                       MAX_CLASSES);
    if (size < MIN_SIZE || size > MAX_SIZE)
        return ic_fail(error, IC_ERR_USAGE,
                       "a picture size of %d pixels, expected %d to %d", size, MIN_SIZE,
                       MAX_SIZE);
    memcpy(model->mean, mean, sizeof mean);
    memcpy(model->std, std, sizeof std);
    model->class_count = class_count;
    if (!copy_names(model, arch, head, classes, labels))
        status =
            ic_fail(error, IC_ERR_LIMIT, "no memory for %d class names", class_count);
    else {
        status = check_classes(model, error);
        if (status == IC_OK)
            status = check_name("the kind of labels", labels, error);
    }
    if (status != IC_OK)
        ic_model_free(model);
    return status;
}

void ic_model_free(struct ic_model *model)
{
    if (model->classes != NULL)
        for (int i = 0; i < model->class_count; i++)
            free(model->classes[i]);
    free(model->classes);
    free(model->arch);
    free(model->head);
    free(model->labels);
    *model = (struct ic_model){0};
}

ic_status ic_model_build(const struct ic_model *model, enum ic_conv_algorithm algorithm,
                         enum ic_type type, struct ic_graph *ret_graph,
                         struct ic_error *error)
{
    ic_status status;

    ic_graph_init(ret_graph, model->size, model->size, 3, algorithm);
    ic_graph_set_type(ret_graph, type);
    ic_arch_build(ret_graph, model->arch, model->head, model->class_count);
    status = ic_graph_finish(ret_graph, error);
    if (status != IC_OK)
        ic_graph_free(ret_graph);
    return status;
}
