/* SPDX-License-Identifier: MIT */
/*
 * Loads named tensors into a network, as a whole or not at all: everything is checked
 * before the network changes.
 */
#include "model/weights.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "model/misfit.h"
#include "model/names.h"

/* --- loading ---------------------------------------------------------------------- */

struct load {
    struct ic_net *net;
    const struct ic_tensor_list *list;
    const struct ic_arch *arch; /* whose head may stay; NULL: everything must fit */
    const struct ic_class_rows *rows; /* NULL: the file's classes are the network's */
    const char *prefix, *path;
    struct ic_weight_name *names;
    const struct ic_tensor *
        *tensors; /* one per name; NULL: not in the file or not wanted */
    size_t count;
    bool with_head;
    struct ic_misfit missing, surplus, misshapen;
    struct ic_arena arena; /* owns names and tensors */
};

static bool is_wanted(const struct load *load, const char *name)
{
    return load->with_head || ic_arch_part_of(load->arch, name) != NULL;
}

/* A tensor's name in this network; NULL where the tensor's name lacks the prefix. */
static const char *own_name(const struct load *load, const struct ic_tensor *tensor)
{
    const size_t length = strlen(load->prefix);

    return strncmp(tensor->name, load->prefix, length) == 0 ? tensor->name + length
                                                            : NULL;
}

static const struct ic_tensor *find(const struct load *load, const char *name)
{
    for (size_t i = 0; i < load->list->count; i++) {
        const char *own = own_name(load, &load->list->items[i]);

        if (own != NULL && strcmp(own, name) == 0)
            return &load->list->items[i];
    }
    return NULL;
}

static bool is_known(const struct load *load, const char *name)
{
    for (size_t i = 0; i < load->count; i++)
        if (strcmp(load->names[i].name, name) == 0)
            return true;
    return false;
}

/* Whether the array has a row for each class, as those of the last layer have. */
static bool is_by_class(const struct load *load, const struct ic_array *array)
{
    const struct ic_graph *graph = ic_net_graph(load->net);
    const struct ic_node *top = &graph->nodes[graph->count - 1];

    for (int k = 0; k < top->param_count; k++)
        if (&graph->params[top->params[k]] == array)
            return true;
    return false;
}

/* The shape that the array must have in the file. */
static void expected_shape(const struct load *load, const struct ic_array *array,
                           int64_t shape[4])
{
    ic_weights_file_shape(shape, array);
    if (load->rows != NULL && is_by_class(load, array))
        shape[0] = load->rows->classes;
}

static bool has_shape(const struct load *load, const struct ic_tensor *tensor,
                      const struct ic_array *array)
{
    int64_t expected[4];

    expected_shape(load, array, expected);
    return tensor->rank == array->rank &&
           memcmp(tensor->shape, expected, (size_t)array->rank * sizeof *expected) == 0;
}

/* Whether every array of the network's head is in the file, in its shape. */
static bool head_fits(const struct load *load)
{
    for (size_t i = 0; i < load->count; i++) {
        const struct ic_array *array = load->names[i].array;

        if (array == NULL || ic_arch_part_of(load->arch, array->name) != NULL)
            continue;
        if (load->tensors[i] == NULL || !has_shape(load, load->tensors[i], array))
            return false;
    }
    return true;
}

/* Records a tensor of a wrong shape or type. */
static void check_tensor(struct load *load, const struct ic_weight_name *name,
                         const struct ic_tensor *tensor)
{
    int64_t expected[4] = {0};
    char found_text[IC_SHAPE_TEXT], expected_text[IC_SHAPE_TEXT],
        detail[2 * IC_SHAPE_TEXT + 16];

    if (name->array == NULL) {
        if (tensor->dtype != IC_I64 || tensor->count != 1)
            ic_misfit_add(&load->misshapen, "wrong ", name->name, " is not one I64");
        return;
    }
    if (tensor->dtype == IC_I64 || tensor->dtype == IC_I32 || tensor->dtype == IC_U8)
        ic_misfit_add(&load->misshapen, "wrong ", name->name, " holds integers");
    else if (!has_shape(load, tensor, name->array)) {
        expected_shape(load, name->array, expected);
        ic_misfit_shape(found_text, tensor->shape, tensor->rank);
        ic_misfit_shape(expected_text, expected, name->array->rank);
        snprintf(detail, sizeof detail, " is %s, expected %s", found_text,
                 expected_text);
        ic_misfit_add(&load->misshapen, "wrong ", name->name, detail);
    }
}

/* Finds the tensor of every wanted name. */
static void find_all(struct load *load)
{
    for (size_t i = 0; i < load->count; i++)
        load->tensors[i] = find(load, load->names[i].name);
    load->with_head = load->arch == NULL || head_fits(load);
    for (size_t i = 0; i < load->count; i++)
        if (!is_wanted(load, load->names[i].name))
            load->tensors[i] = NULL;
}

/* Refuses missing, misshapen and surplus tensors. */
static ic_status match(struct load *load, struct ic_error *error)
{
    char sentence[800] = "";

    for (size_t i = 0; i < load->count; i++) {
        const struct ic_weight_name *name = &load->names[i];

        if (load->tensors[i] != NULL)
            check_tensor(load, name, load->tensors[i]);
        else if (name->array != NULL && is_wanted(load, name->name))
            ic_misfit_add(&load->missing, "missing ", name->name, "");
    }
    for (size_t i = 0; i < load->list->count; i++) {
        const char *name = own_name(load, &load->list->items[i]);

        if (name != NULL && is_wanted(load, name) && !is_known(load, name))
            ic_misfit_add(&load->surplus, "surplus ", name, "");
    }
    ic_misfit_tell(sentence, sizeof sentence, &load->missing);
    ic_misfit_tell(sentence, sizeof sentence, &load->surplus);
    ic_misfit_tell(sentence, sizeof sentence, &load->misshapen);
    if (sentence[0] == '\0')
        return IC_OK;
    return ic_fail(error, IC_ERR_USAGE, "%s does not fit the network: %s", load->path,
                   sentence);
}

/* Checks the values of all tensors, the last first, so that *batches_tracked ends as
 * the first batch norm's. */
static ic_status check_values(const struct load *load, int64_t *batches_tracked,
                              struct ic_error *error)
{
    *batches_tracked = 0;
    for (size_t i = load->count; i-- > 0;) {
        const struct ic_tensor *tensor = load->tensors[i];

        if (tensor == NULL)
            continue;
        if (load->names[i].array == NULL)
            memcpy(batches_tracked, tensor->data, sizeof *batches_tracked);
        else if (!ic_tensor_is_finite(tensor))
            return ic_fail(error, IC_ERR_NUMERIC,
                           "%s: %s holds a value that is not finite", load->path,
                           load->names[i].name);
    }
    if (*batches_tracked < 0 || *batches_tracked > INT64_MAX / 2)
        return ic_fail(error, IC_ERR_FORMAT, "%s: num_batches_tracked is %lld",
                       load->path, (long long)*batches_tracked);
    return IC_OK;
}

/* Writes the file's rows over the network's rows of the same classes. */
static void take_rows(const struct load *load, const float *values,
                      const struct ic_array *array, float *block, float *rows)
{
    const size_t classes = (size_t)array->dims[0], length = array->count / classes;

    ic_net_backend(load->net)->download(ic_net_device(load->net), rows, block,
                                        array->count * sizeof *rows);
    for (size_t i = 0; i < classes; i++)
        if (load->rows->row[i] >= 0)
            memcpy(rows + i * length, values + (size_t)load->rows->row[i] * length,
                   length * sizeof *rows);
}

/* Uploads tensor by tensor, through memory that stays in the cache. */
static void give(const struct load *load, float *scratch, float *converted)
{
    for (size_t i = 0; i < load->count; i++) {
        const struct ic_array *array = load->names[i].array;
        float *block = load->names[i].is_state ? ic_net_states(load->net)
                                               : ic_net_params(load->net);

        if (array == NULL || load->tensors[i] == NULL)
            continue;
        ic_tensor_to_float(scratch, load->tensors[i]);
        if (load->rows != NULL && is_by_class(load, array))
            take_rows(load, scratch, array, block + array->offset, converted);
        else
            ic_weights_from_file_layout(converted, scratch, array);
        ic_net_backend(load->net)->upload(ic_net_device(load->net),
                                          block + array->offset, converted,
                                          array->count * sizeof *converted);
    }
}

/* The most elements of an array, in the network or in the file. */
static size_t largest(const struct load *load)
{
    size_t floats = 1;

    for (size_t i = 0; i < load->count; i++) {
        if (load->names[i].array != NULL && load->names[i].array->count > floats)
            floats = load->names[i].array->count;
        if (load->tensors[i] != NULL && load->tensors[i]->count > floats)
            floats = load->tensors[i]->count;
    }
    return floats;
}

/* Uploads everything to the device. */
static ic_status fill(const struct load *load, struct ic_error *error)
{
    const size_t floats = largest(load);
    float *scratch = ic_memory_alloc(floats * sizeof *scratch);
    float *converted = ic_memory_alloc(floats * sizeof *converted);
    ic_status status;

    if (scratch == NULL || converted == NULL) {
        status = ic_fail_memory(error, load->path, 2 * floats * sizeof *scratch);
    } else {
        give(load, scratch, converted);
        status = ic_net_backend(load->net)->sync(ic_net_device(load->net), error);
    }
    free(scratch);
    free(converted);
    return status;
}

/* Checks everything, then fills the network. */
static ic_status run(struct load *load, int64_t *batches_tracked,
                     struct ic_error *error)
{
    ic_status status = ic_weight_names(ic_net_graph(load->net), &load->arena,
                                       &load->names, &load->count, error);

    if (status == IC_OK) {
        load->tensors =
            ic_arena_alloc(&load->arena, load->count, sizeof *load->tensors);
        if (load->tensors == NULL)
            status =
                ic_fail_memory(error, load->path, load->count * sizeof *load->tensors);
    }
    if (status == IC_OK) {
        find_all(load);
        status = match(load, error);
    }
    if (status == IC_OK)
        status = check_values(load, batches_tracked, error);
    if (status == IC_OK)
        status = fill(load, error);
    ic_arena_free(&load->arena);
    return status;
}

ic_status ic_weights_load(struct ic_net *net, const struct ic_tensor_list *list,
                          const char *prefix, const char *path,
                          int64_t *batches_tracked, struct ic_error *error)
{
    struct load load = {.net = net, .list = list, .prefix = prefix, .path = path};

    return run(&load, batches_tracked, error);
}

ic_status ic_weights_load_body(struct ic_net *net, const struct ic_tensor_list *list,
                               const struct ic_arch *arch,
                               const struct ic_class_rows *rows, const char *path,
                               bool *head_kept, struct ic_error *error)
{
    struct load load = {.net = net,
                        .list = list,
                        .arch = arch,
                        .rows = rows,
                        .prefix = "",
                        .path = path};
    int64_t batches_tracked;
    const ic_status status = run(&load, &batches_tracked, error);

    *head_kept = !load.with_head;
    return status;
}
