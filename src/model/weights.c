/*
 * Weights out of a network, and the one place where the layouts of files and of memory
 * are converted. Loading is in weights_load.c, names and order in names.c.
 */
#include "model/weights.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/names.h"

/* Copies rows x columns into columns x rows. */
static void transpose(float *out, const float *in, size_t rows, size_t columns)
{
    for (size_t c = 0; c < columns; c++)
        for (size_t r = 0; r < rows; r++)
            out[c * rows + r] = in[r * columns + c];
}

/* For each output channel, memory has kernel cells x in channels, a file in channels x
 * kernel cells. */
void ic_weights_to_file_layout(float *oihw, const float *ohwi,
                               const struct ic_array *array)
{
    const int *dims = array->dims;

    if (array->rank != 4) {
        memcpy(oihw, ohwi, array->count * sizeof *oihw);
        return;
    }
    for (size_t o = 0, part = array->count / (size_t)dims[0]; o < (size_t)dims[0]; o++)
        transpose(oihw + o * part, ohwi + o * part, (size_t)dims[1] * (size_t)dims[2],
                  (size_t)dims[3]);
}

void ic_weights_from_file_layout(float *ohwi, const float *oihw,
                                 const struct ic_array *array)
{
    const int *dims = array->dims;

    if (array->rank != 4) {
        memcpy(ohwi, oihw, array->count * sizeof *ohwi);
        return;
    }
    for (size_t o = 0, part = array->count / (size_t)dims[0]; o < (size_t)dims[0]; o++)
        transpose(ohwi + o * part, oihw + o * part, (size_t)dims[3],
                  (size_t)dims[1] * (size_t)dims[2]);
}

void ic_weights_file_shape(int64_t shape[4], const struct ic_array *array)
{
    static const int order[] = {0, 3, 1, 2}; /* OIHW out of OHWI */

    for (int i = 0; i < array->rank; i++)
        shape[i] = array->dims[array->rank == 4 ? order[i] : i];
}

/* --- snapshots ---------------------------------------------------------------------
 */

struct item {
    const char *name;
    enum ic_dtype dtype;
    int rank;
    int64_t shape[4];
    const void *data;
};

struct ic_weights {
    struct ic_arena arena; /* owns names and items */
    struct item *items;
    size_t count;
    float *values; /* of all parameters and states */
    int64_t batches_tracked;
};

/* Fetches an array from the device and turns it into `out`. */
static void fetch(float *out, float *scratch, struct ic_net *net,
                  const struct ic_weight_name *name)
{
    const float *block = name->is_state ? ic_net_states(net) : ic_net_params(net);

    ic_net_backend(net)->download(ic_net_device(net), scratch,
                                  block + name->array->offset,
                                  name->array->count * sizeof *scratch);
    ic_weights_to_file_layout(out, scratch, name->array);
}

/* Fills the items; the names are copied, since the graph may go first. */
static bool fill(struct ic_weights *weights, struct ic_net *net, float *scratch,
                 const struct ic_weight_name *names)
{
    float *out = weights->values;

    for (size_t i = 0; i < weights->count; i++) {
        const struct ic_array *array = names[i].array;
        struct item *item = &weights->items[i];

        item->name = ic_arena_strdup(&weights->arena, names[i].name);
        if (item->name == NULL)
            return false;
        if (array == NULL) {
            item->dtype = IC_I64;
            item->data = &weights->batches_tracked;
            continue;
        }
        item->dtype = IC_F32;
        item->rank = array->rank;
        ic_weights_file_shape(item->shape, array);
        item->data = out;
        fetch(out, scratch, net, &names[i]);
        out += array->count;
    }
    return true;
}

ic_status ic_weights_snapshot(struct ic_net *net, int64_t batches_tracked,
                              struct ic_weights **ret_weights, struct ic_error *error)
{
    struct ic_weights *weights = calloc(1, sizeof *weights);
    struct ic_weight_name *names;
    size_t total = 1, largest = 1;
    float *scratch = NULL;
    ic_status status;

    *ret_weights = NULL;
    if (weights == NULL)
        return ic_fail_memory(error, "weights", sizeof *weights);
    status = ic_weight_names(ic_net_graph(net), &weights->arena, &names,
                             &weights->count, error);
    if (status != IC_OK)
        goto out;
    for (size_t i = 0; i < weights->count; i++) {
        const size_t count = names[i].array != NULL ? names[i].array->count : 0;
        total += count;
        largest = count > largest ? count : largest;
    }
    weights->batches_tracked = batches_tracked;
    weights->items =
        ic_arena_alloc(&weights->arena, weights->count, sizeof *weights->items);
    weights->values = malloc(total * sizeof *weights->values);
    scratch = malloc(largest * sizeof *scratch);
    if (weights->items == NULL || weights->values == NULL || scratch == NULL ||
        !fill(weights, net, scratch, names)) {
        status = ic_fail_memory(error, "weights", total * sizeof *weights->values);
        goto out;
    }
    status = ic_net_backend(net)->sync(ic_net_device(net), error);
    if (status == IC_OK) {
        *ret_weights = weights;
        weights = NULL;
    }
out:
    free(scratch);
    ic_weights_free(weights);
    return status;
}

void ic_weights_free(struct ic_weights *weights)
{
    if (weights == NULL)
        return;
    free(weights->values);
    ic_arena_free(&weights->arena);
    free(weights);
}

void ic_weights_add(const struct ic_weights *weights,
                    struct ic_safetensors_writer *writer, const char *prefix)
{
    char name[256];

    for (size_t i = 0; i < weights->count; i++) {
        const struct item *item = &weights->items[i];
        const int length = snprintf(name, sizeof name, "%s%s", prefix, item->name);

        assert(length > 0 && (size_t)length < sizeof name);
        ic_safetensors_add(writer, name, item->dtype, item->rank, item->shape,
                           item->data);
    }
}
