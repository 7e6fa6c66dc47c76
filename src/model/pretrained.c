/*
 * Weights files of other programs. See pretrained.h.
 */
#include "model/pretrained.h"

#include <stdlib.h>
#include <string.h>

#include "model/names.h"
#include "model/weights.h"

struct ic_weights_file {
    struct ic_tensor_file *file;
    struct ic_tensor_list list; /* with names of our own */
    struct ic_arena arena;      /* owns both */
};

/* Takes `prefix` off all names, if every one has it; names only point into the old. */
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

/* fastai puts torchvision's children into a Sequential, by their places: 2 and 3 are
 * the ReLU and the max pool. */
static const char *fastai_place(const char *name, size_t *length)
{
    static const struct {
        const char *place, *name;
    } places[] = {{"0.0.", "conv1."},  {"0.1.", "bn1."},    {"0.4.", "layer1."},
                  {"0.5.", "layer2."}, {"0.6.", "layer3."}, {"0.7.", "layer4."}};

    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++)
        if (strncmp(name, places[i].place, 4) == 0) {
            *length = 4;
            return places[i].name;
        }
    return NULL;
}

static bool rename_fastai(struct ic_weights_file *file)
{
    if (ic_tensor_find(&file->list, "0.0.weight") == NULL)
        return true;
    for (size_t i = 0; i < file->list.count; i++) {
        struct ic_tensor *tensor = &file->list.items[i];
        size_t length = 0;
        const char *place = fastai_place(tensor->name, &length);

        if (place != NULL)
            tensor->name =
                ic_arena_format(&file->arena, "%s%s", place, tensor->name + length);
        if (tensor->name == NULL)
            return false;
    }
    return true;
}

ic_status ic_weights_file_open(const char *path, struct ic_weights_file **ret_file,
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
    if (!rename_fastai(file))
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

/* Whether every array of the network's head is in the list, in its shape. */
static bool head_fits(const struct ic_weight_name *names, size_t count,
                      const struct ic_tensor_list *list)
{
    for (size_t i = 0; i < count; i++) {
        const struct ic_tensor *tensor = ic_tensor_find(list, names[i].name);
        int64_t shape[4];

        if (names[i].array == NULL || ic_weight_is_body(names[i].name))
            continue;
        ic_weights_file_shape(shape, names[i].array);
        if (tensor == NULL || tensor->rank != names[i].array->rank ||
            memcmp(tensor->shape, shape, (size_t)tensor->rank * sizeof *shape) != 0)
            return false;
    }
    return true;
}

/* Only im2cat's own files say it. */
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
                   "%s is a %.20s, the network a %s: give --arch %.20s", path, found,
                   arch, found);
}

ic_status ic_weights_load_pretrained(struct ic_net *net, const char *arch,
                                     const char *path,
                                     struct ic_pretrained_report *report,
                                     struct ic_error *error)
{
    struct ic_arena arena = {0};
    struct ic_weights_file *file;
    struct ic_weight_name *names;
    int64_t batches_tracked;
    size_t count;
    ic_status status = ic_weights_file_open(path, &file, error);

    *report = (struct ic_pretrained_report){0};
    if (status != IC_OK)
        return status;
    status = check_arch(file, arch, path, error);
    if (status == IC_OK)
        status = ic_weight_names(ic_net_graph(net), &arena, &names, &count, error);
    if (status == IC_OK) {
        report->head_replaced = !head_fits(names, count, &file->list);
        status = ic_weights_load_list(net, &file->list, "",
                                      report->head_replaced ? IC_WEIGHTS_BODY
                                                            : IC_WEIGHTS_ALL,
                                      path, &batches_tracked, error);
    }
    ic_arena_free(&arena);
    ic_weights_file_close(file);
    return status;
}
