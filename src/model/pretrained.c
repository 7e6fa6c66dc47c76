/* SPDX-License-Identifier: MIT */
/*
 * Reads weights files of other programs. See pretrained.h.
 */
#include "model/pretrained.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "model/model.h"
#include "model/weights.h"

struct ic_weights_file {
    struct ic_tensor_file *file;
    struct ic_tensor_list list; /* with our own names */
    struct ic_arena arena;      /* owns both */
};

/* Takes `prefix` off all names, if every name has it; names point into the old ones. */
static bool strip(struct ic_tensor_list *list, const char *prefix)
{
    const size_t length = strlen(prefix);

    for (size_t i = 0; i < list->count; i++)
        if (strncmp(list->items[i].name, prefix, length) != 0)
            return false;
    for (size_t i = 0; i < list->count; i++)
        list->items[i].name += length;
    return list->count > 0;
}

/* Finds the first convolution's name where the ResNet is a part of the saved module:
 * Lightning's "model.conv1.weight", "encoder.backbone.conv1.weight", torch.compile's
 * "_orig_mod.conv1.weight". NULL for none or several. */
static const char *find_part(const struct ic_tensor_list *list, size_t *ret_prefix)
{
    static const char first[] = "conv1.weight", other[] = "layer1.0.conv1.weight";
    const char *found = NULL;

    for (size_t i = 0; i < list->count; i++) {
        const char *const name = list->items[i].name;
        const size_t length = strlen(name), tail = sizeof first - 1;
        const size_t prefix = length > tail ? length - tail : 0;
        char inner[300];

        if (prefix == 0 || name[prefix - 1] != '.' || strcmp(name + prefix, first) != 0)
            continue;
        snprintf(inner, sizeof inner, "%.*s%s", (int)prefix, name, other);
        if (ic_tensor_find(list, inner) == NULL)
            continue;
        if (found != NULL)
            return NULL;
        found = name;
        *ret_prefix = prefix;
    }
    return found;
}

/* The length of the folder in front of a part: 0 for "backbone.", 4 for
 * "net.backbone.". */
static size_t parent_length(const char *part, size_t prefix)
{
    while (--prefix > 0 && part[prefix - 1] != '.')
        ;
    return prefix;
}

/* Keeps only the tensors of the ResNet part, without the part's prefix. mmpretrain has
 * the last layer beside the part: "head.fc.weight" and "head.fc.bias". */
static void take_part(struct ic_tensor_list *list)
{
    static const char head[] = "head.";
    size_t prefix, parent, kept = 0;
    const char *const part = find_part(list, &prefix);

    if (part == NULL || ic_tensor_find(list, "conv1.weight") != NULL ||
        ic_tensor_find(list, "0.0.weight") != NULL)
        return;
    parent = parent_length(part, prefix);
    for (size_t i = 0; i < list->count; i++) {
        const char *const name = list->items[i].name;
        size_t cut = 0;

        if (strncmp(name, part, prefix) == 0)
            cut = prefix;
        else if (strncmp(name, part, parent) == 0 &&
                 strncmp(name + parent, head, strlen(head)) == 0 &&
                 strncmp(name + parent + strlen(head), "fc.", 3) == 0)
            cut = parent + strlen(head);
        if (cut == 0)
            continue;
        list->items[kept] = list->items[i];
        list->items[kept++].name += cut;
    }
    list->count = kept;
}

/* Makes "layer1.0.conv1.weight" of fastai's "0.4.0.conv1.weight"; returns the same name
 * where it is not in the body, NULL when out of memory. */
static const char *rename_array(struct ic_arena *arena, const struct ic_arch *arch,
                                const char *name)
{
    for (const struct ic_arch_part *part = arch->parts; part->name != NULL; part++) {
        const size_t length = strlen(part->fastai);

        if (strncmp(name, part->fastai, length) == 0 && name[length] == '.')
            return ic_arena_format(arena, "%s%s", part->name, name + length);
    }
    return name;
}

/* Renames the tensors of fastai's body to the network's names. */
static bool rename_fastai(struct ic_weights_file *file, const struct ic_arch *arch)
{
    if (ic_tensor_find(&file->list, "0.0.weight") == NULL)
        return true;
    for (size_t i = 0; i < file->list.count; i++) {
        struct ic_tensor *tensor = &file->list.items[i];

        tensor->name = rename_array(&file->arena, arch, tensor->name);
        if (tensor->name == NULL)
            return false;
    }
    return true;
}

ic_status ic_weights_file_open(const char *path, const struct ic_arch *arch,
                               struct ic_weights_file **ret_file,
                               struct ic_error *error)
{
    struct ic_weights_file *file = calloc(1, sizeof *file);
    const struct ic_tensor_list *list;
    ic_status status;

    *ret_file = NULL;
    if (file == NULL)
        return ic_fail_memory(error, path, sizeof *file);
    status = ic_tensor_file_open(path, &file->file, error);
    if (status != IC_OK)
        goto out;
    list = ic_tensor_file_tensors(file->file);
    file->list.items =
        ic_arena_alloc(&file->arena, list->count + 1, sizeof *file->list.items);
    if (file->list.items == NULL) {
        status = ic_fail_memory(error, path, list->count * sizeof *list->items);
        goto out;
    }
    if (list->count > 0)
        memcpy(file->list.items, list->items, list->count * sizeof *list->items);
    file->list.count = list->count;
    while (strip(&file->list, "module.") || strip(&file->list, "model."))
        ;
    take_part(&file->list);
    if (arch != NULL && !rename_fastai(file, arch))
        status = ic_fail(error, IC_ERR_LIMIT, "no memory to load %s", path);
out:
    if (status == IC_OK)
        *ret_file = file;
    else
        ic_weights_file_close(file);
    return status;
}

void ic_weights_file_close(struct ic_weights_file *file)
{
    if (file == NULL)
        return;
    ic_tensor_file_close(file->file);
    ic_arena_free(&file->arena);
    free(file);
}

const struct ic_tensor_list *ic_weights_file_tensors(const struct ic_weights_file *file)
{
    return &file->list;
}

const struct ic_safetensors *
ic_weights_file_safetensors(const struct ic_weights_file *file)
{
    return ic_tensor_file_safetensors(file->file);
}

/* --- a start for training ------------------------------------------------------- */

/* Refuses a file of another network; only im2cat's own files name theirs. */
static ic_status check_arch(const struct ic_weights_file *file, const char *arch,
                            const char *path, struct ic_error *error)
{
    const struct ic_safetensors *own = ic_weights_file_safetensors(file);
    const char *found = own != NULL && ic_safetensors_metadata(own, "im2cat") != NULL
                            ? ic_safetensors_metadata(own, "arch")
                            : NULL;

    if (found == NULL || strcmp(found, arch) == 0)
        return IC_OK;
    return ic_fail(error, IC_ERR_USAGE,
                   "%s is a %.20s, but the network is a %s: give --arch %.20s", path,
                   found, arch, found);
}

/* The index of a class among the file's; -1 for none. */
static int place_of(const char *class, const struct ic_model *own)
{
    for (int i = 0; i < own->class_count; i++)
        if (strcmp(class, own->classes[i]) == 0)
            return i;
    return -1;
}

/* Finds the model's classes among the file's classes: rows->row, which the caller
 * frees, is NULL where the file names none or the same classes. */
static ic_status find_rows(const struct ic_weights_file *file,
                           const struct ic_model *model, const char *path,
                           struct ic_class_rows *rows, int *ret_known,
                           struct ic_error *error)
{
    const struct ic_safetensors *description = ic_weights_file_safetensors(file);
    struct ic_model own = {0};
    struct ic_error ignored;
    bool same;
    int *row;

    *rows = (struct ic_class_rows){0};
    *ret_known = model->class_count;
    if (description == NULL ||
        ic_model_from_metadata(&own, description, path, &ignored) != IC_OK)
        return IC_OK;
    row = calloc((size_t)model->class_count, sizeof *row);
    if (row == NULL) {
        ic_model_free(&own);
        return ic_fail_memory(error, path, (size_t)model->class_count * sizeof *row);
    }
    same = own.class_count == model->class_count;
    *ret_known = 0;
    for (int i = 0; i < model->class_count; i++) {
        row[i] = place_of(model->classes[i], &own);
        *ret_known += row[i] >= 0;
        same = same && row[i] == i;
    }
    if (same) {
        free(row);
    } else { /* 0 classes fit no head, so the network keeps its own */
        *rows = (struct ic_class_rows){row, *ret_known > 0 ? own.class_count : 0};
    }
    ic_model_free(&own);
    return IC_OK;
}

/* Whether `path` is a word such as "imagenet", by which other programs fetch weights.
 */
static bool is_missing_word(const char *path)
{
    return strpbrk(path, "./") == NULL && !ic_file_exists(path);
}

static ic_status refuse_word(const char *word, const struct ic_arch *network,
                             struct ic_error *error)
{
    return ic_fail(error, IC_ERR_IO,
                   "there is no weights file %s; ImageNet's are fetched by "
                   "datasets/fetch-weights %s, which names the file",
                   word, network->name);
}

ic_status ic_weights_load_pretrained(struct ic_net *net, const struct ic_model *model,
                                     const char *path,
                                     struct ic_pretrained_report *report,
                                     struct ic_error *error)
{
    const struct ic_arch *network = ic_arch_find(model->arch);
    struct ic_weights_file *file = NULL;
    struct ic_class_rows rows = {0};
    ic_status status = is_missing_word(path)
                           ? refuse_word(path, network, error)
                           : ic_weights_file_open(path, network, &file, error);

    *report = (struct ic_pretrained_report){0};
    if (status == IC_OK)
        status = check_arch(file, model->arch, path, error);
    if (status == IC_OK)
        status = find_rows(file, model, path, &rows, &report->known, error);
    if (status == IC_OK)
        status = ic_weights_load_body(net, &file->list, network,
                                      rows.row != NULL ? &rows : NULL, path,
                                      &report->head_replaced, error);
    free((int *)rows.row);
    ic_weights_file_close(file);
    return status;
}
