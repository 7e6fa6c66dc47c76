/*
 * Weights from named tensors into a network. A file is taken as a whole or not at all:
 * everything is checked before the network changes.
 */
#include "model/weights.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "model/names.h"

/* --- what does not fit --------------------------------------------------------------
 */

/* The first few of many, for one sentence. */
struct complaint {
    size_t count;
    char text[140]; /* "missing a, b" */
};

#define SHOWN 2

static void complain(struct complaint *complaint, const char *what, const char *name,
                     const char *detail)
{
    const size_t used = strlen(complaint->text);

    if (complaint->count < SHOWN)
        snprintf(complaint->text + used, sizeof complaint->text - used, "%s%.32s%.30s",
                 complaint->count ? ", " : what, name, detail);
    complaint->count++;
}

/* Appends a complaint to a sentence. */
static void tell(char *sentence, size_t room, const struct complaint *complaint)
{
    const size_t used = strlen(sentence);
    char more[32] = "";

    if (complaint->count == 0)
        return;
    if (complaint->count > SHOWN)
        snprintf(more, sizeof more, " and %zu more", complaint->count - SHOWN);
    snprintf(sentence + used, room - used, "%s%s%s", used ? "; " : "", complaint->text,
             more);
}

/* "[64, 3, 7, 7]" */
static void print_shape(char *text, size_t room, const int64_t *shape, int rank)
{
    size_t used = (size_t)snprintf(text, room, "[");

    for (int i = 0; i < rank && used < room; i++)
        used += (size_t)snprintf(text + used, room - used, "%s%lld", i ? ", " : "",
                                 (long long)shape[i]);
    if (used < room)
        snprintf(text + used, room - used, "]");
}

/* --- loading -----------------------------------------------------------------------
 */

struct load {
    struct ic_net *net;
    const struct ic_tensor_list *list;
    enum ic_weights_part part;
    const char *prefix, *path;
    struct ic_weight_name *names;
    const struct ic_tensor **tensors; /* one a name; NULL: not in the file */
    size_t count;
    struct complaint missing, surplus, misshapen;
    struct ic_arena arena; /* owns names and tensors */
};

/* Notes down a tensor of a wrong shape or type. */
static void check_tensor(struct load *load, const struct ic_weight_name *name,
                         const struct ic_tensor *tensor)
{
    int64_t expected[4] = {0};
    char found_text[48], expected_text[48], detail[128];
    int rank = 0;

    if (name->array == NULL) {
        if (tensor->dtype != IC_I64 || tensor->count != 1)
            complain(&load->misshapen, "wrong ", name->name, " is not one I64");
        return;
    }
    rank = name->array->rank;
    ic_weights_file_shape(expected, name->array);
    if (tensor->dtype == IC_I64 || tensor->dtype == IC_I32 || tensor->dtype == IC_U8)
        complain(&load->misshapen, "wrong ", name->name, " holds integers");
    else if (tensor->rank != rank ||
             memcmp(tensor->shape, expected, (size_t)rank * sizeof *expected) != 0) {
        print_shape(found_text, sizeof found_text, tensor->shape, tensor->rank);
        print_shape(expected_text, sizeof expected_text, expected, rank);
        snprintf(detail, sizeof detail, " is %s, expected %s", found_text,
                 expected_text);
        complain(&load->misshapen, "wrong ", name->name, detail);
    }
}

static bool is_known(const struct load *load, const char *name)
{
    for (size_t i = 0; i < load->count; i++)
        if (strcmp(load->names[i].name, name) == 0)
            return true;
    return false;
}

static bool is_wanted(const struct load *load, const char *name)
{
    return load->part == IC_WEIGHTS_ALL || ic_weight_is_body(name);
}

/* Finds every tensor, and those that belong to nothing. */
static ic_status match(struct load *load, struct ic_error *error)
{
    const size_t prefix_length = strlen(load->prefix);
    char sentence[512] = "", *full;

    for (size_t i = 0; i < load->count; i++) {
        const struct ic_weight_name *name = &load->names[i];

        full = ic_arena_format(&load->arena, "%s%s", load->prefix, name->name);
        if (full == NULL)
            return ic_fail(error, IC_ERR_LIMIT, "no memory to load %s", load->path);
        if (!is_wanted(load, name->name))
            continue;
        load->tensors[i] = ic_tensor_find(load->list, full);
        if (load->tensors[i] != NULL)
            check_tensor(load, name, load->tensors[i]);
        else if (name->array != NULL)
            complain(&load->missing, "missing ", name->name, "");
    }
    for (size_t i = 0; i < load->list->count; i++) {
        const char *name = load->list->items[i].name;

        if (strncmp(name, load->prefix, prefix_length) == 0 &&
            is_wanted(load, name + prefix_length) &&
            !is_known(load, name + prefix_length))
            complain(&load->surplus, "surplus ", name + prefix_length, "");
    }
    tell(sentence, sizeof sentence, &load->missing);
    tell(sentence, sizeof sentence, &load->surplus);
    tell(sentence, sizeof sentence, &load->misshapen);
    if (sentence[0] == '\0')
        return IC_OK;
    return ic_fail(error, IC_ERR_USAGE, "%s does not fit the network: %s", load->path,
                   sentence);
}

static ic_status check_finite(const struct load *load, size_t i, float *scratch,
                              struct ic_error *error)
{
    const struct ic_array *array = load->names[i].array;
    bool finite = true;

    ic_tensor_to_float(scratch, load->tensors[i]);
    for (size_t k = 0; k < array->count; k++)
        finite &= isfinite(scratch[k]) != 0;
    if (!finite)
        return ic_fail(error, IC_ERR_NUMERIC, "%s: %s holds a value that is not finite",
                       load->path, array->name);
    return IC_OK;
}

/* The values of all tensors. *batches_tracked gets the first of its name: they are read
 * from the last on. */
static ic_status check_values(const struct load *load, float *scratch,
                              int64_t *batches_tracked, struct ic_error *error)
{
    ic_status status = IC_OK;

    *batches_tracked = 0;
    for (size_t i = load->count; status == IC_OK && i-- > 0;) {
        if (load->tensors[i] == NULL)
            continue;
        if (load->names[i].array != NULL)
            status = check_finite(load, i, scratch, error);
        else
            memcpy(batches_tracked, load->tensors[i]->data, sizeof *batches_tracked);
    }
    if (status == IC_OK && (*batches_tracked < 0 || *batches_tracked > INT64_MAX / 2))
        status = ic_fail(error, IC_ERR_FORMAT, "%s: num_batches_tracked is %lld",
                         load->path, (long long)*batches_tracked);
    return status;
}

/* Tensor by tensor, through memory that stays in the cache. */
static void give(const struct load *load, float *scratch, float *converted)
{
    for (size_t i = 0; i < load->count; i++) {
        const struct ic_array *array = load->names[i].array;
        float *block = load->names[i].is_state ? ic_net_states(load->net)
                                               : ic_net_params(load->net);

        if (array == NULL || load->tensors[i] == NULL)
            continue;
        ic_tensor_to_float(scratch, load->tensors[i]);
        ic_weights_from_file_layout(converted, scratch, array);
        ic_net_backend(load->net)->upload(ic_net_device(load->net),
                                          block + array->offset, converted,
                                          array->count * sizeof *converted);
    }
}

static size_t largest(const struct load *load)
{
    size_t floats = 1;

    for (size_t i = 0; i < load->count; i++)
        if (load->names[i].array != NULL && load->names[i].array->count > floats)
            floats = load->names[i].array->count;
    return floats;
}

/* Checks everything, then gives it to the device. */
static ic_status fill(const struct load *load, int64_t *batches_tracked,
                      struct ic_error *error)
{
    const size_t floats = largest(load);
    float *scratch = ic_memory_alloc(floats * sizeof *scratch);
    float *converted = ic_memory_alloc(floats * sizeof *converted);
    ic_status status;

    if (scratch == NULL || converted == NULL)
        status = ic_fail_memory(error, load->path, 2 * floats * sizeof *scratch);
    else
        status = check_values(load, scratch, batches_tracked, error);
    if (status == IC_OK) {
        give(load, scratch, converted);
        status = ic_net_backend(load->net)->sync(ic_net_device(load->net), error);
    }
    free(scratch);
    free(converted);
    return status;
}

ic_status ic_weights_load_list(struct ic_net *net, const struct ic_tensor_list *list,
                               const char *prefix, enum ic_weights_part part,
                               const char *path, int64_t *batches_tracked,
                               struct ic_error *error)
{
    struct load load = {
        .net = net, .list = list, .part = part, .prefix = prefix, .path = path};
    ic_status status;

    status = ic_weight_names(ic_net_graph(net), &load.arena, &load.names, &load.count,
                             error);
    if (status != IC_OK)
        goto out;
    load.tensors = ic_arena_alloc(&load.arena, load.count, sizeof *load.tensors);
    if (load.tensors == NULL) {
        status = ic_fail(error, IC_ERR_LIMIT, "no memory to load %s", path);
        goto out;
    }
    status = match(&load, error);
    if (status == IC_OK)
        status = fill(&load, batches_tracked, error);
out:
    ic_arena_free(&load.arena);
    return status;
}

ic_status ic_weights_load(struct ic_net *net, const struct ic_safetensors *file,
                          const char *prefix, const char *path,
                          int64_t *batches_tracked, struct ic_error *error)
{
    struct ic_tensor_list list = {.count = ic_safetensors_count(file)};
    ic_status status;

    list.items = calloc(list.count + 1, sizeof *list.items);
    if (list.items == NULL)
        return ic_fail_memory(error, path, list.count * sizeof *list.items);
    for (size_t i = 0; i < list.count; i++)
        list.items[i] = *ic_safetensors_at(file, i);
    status = ic_weights_load_list(net, &list, prefix, IC_WEIGHTS_ALL, path,
                                  batches_tracked, error);
    free(list.items);
    return status;
}
