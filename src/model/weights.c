/* SPDX-License-Identifier: MIT */
/*
 * Takes weights out of a network, and is the one place where the layouts of files and
 * of memory are converted. Loading is in weights_load.c, names and order in names.c.
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

/* For each output channel, memory has kernel cells x input channels, and a file has
 * input channels x kernel cells. */
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
    static const int order[] = {0, 3, 1, 2}; /* OIHW from OHWI */

    for (int i = 0; i < array->rank; i++)
        shape[i] = array->dims[array->rank == 4 ? order[i] : i];
}

/* --- arrays on their way into a file ---------------------------------------------- */

/* Floats of a unit: an output channel of a convolution's weight, one float of other
 * arrays. File and memory differ only in the order within a unit. */
static size_t unit_of(const struct ic_array *array)
{
    return array->rank == 4 ? array->count / (size_t)array->dims[0] : 1;
}

static ic_status read_array(const void *context, void *bytes, size_t offset,
                            size_t size, struct ic_error *error)
{
    const struct ic_array_source *source = context;
    const struct ic_backend *backend = ic_net_backend(source->net);
    struct ic_device *device = ic_net_device(source->net);
    const size_t unit = unit_of(source->array) * sizeof(float);
    float *scratch = NULL;
    ic_status status;

    backend->download(device, bytes, (const char *)source->values + offset, size);
    status = backend->sync(device, error);
    if (status != IC_OK || source->array->rank != 4)
        return status;
    scratch = malloc(unit);
    if (scratch == NULL)
        return ic_fail_memory(error, source->array->name, unit);
    for (size_t at = 0; at < size; at += unit) {
        const int *dims = source->array->dims;
        float *piece = (float *)((char *)bytes + at);

        memcpy(scratch, piece, unit);
        transpose(piece, scratch, (size_t)dims[1] * (size_t)dims[2], (size_t)dims[3]);
    }
    free(scratch);
    return IC_OK;
}

struct ic_source ic_weights_source(const struct ic_array_source *array)
{
    return (struct ic_source){.unit = unit_of(array->array) * sizeof(float),
                              .context = array,
                              .read = read_array};
}

void ic_weights_add_array(struct ic_safetensors_writer *writer, const char *name,
                          const struct ic_array_source *array)
{
    const struct ic_source source = ic_weights_source(array);
    int64_t shape[4];

    ic_weights_file_shape(shape, array->array);
    ic_safetensors_add_source(writer, name, IC_F32, array->array->rank, shape, &source);
}

/* --- all of a network ------------------------------------------------------------- */

struct ic_weights {
    struct ic_arena arena; /* owns names and sources */
    struct ic_weight_name *names;
    struct ic_array_source *sources; /* one per name */
    size_t count;
    int64_t batches_tracked;
};

ic_status ic_weights_collect(struct ic_net *net, int64_t batches_tracked,
                             struct ic_weights **ret_weights, struct ic_error *error)
{
    struct ic_weights *weights = calloc(1, sizeof *weights);
    ic_status status;

    *ret_weights = NULL;
    if (weights == NULL)
        return ic_fail_memory(error, "weights", sizeof *weights);
    weights->batches_tracked = batches_tracked;
    status = ic_weight_names(ic_net_graph(net), &weights->arena, &weights->names,
                             &weights->count, error);
    if (status == IC_OK) {
        weights->sources =
            ic_arena_alloc(&weights->arena, weights->count, sizeof *weights->sources);
        if (weights->sources == NULL)
            status = ic_fail_memory(error, "weights",
                                    weights->count * sizeof *weights->sources);
    }
    for (size_t i = 0; status == IC_OK && i < weights->count; i++) {
        const struct ic_weight_name *name = &weights->names[i];
        const float *block = name->is_state ? ic_net_states(net) : ic_net_params(net);

        if (name->array != NULL)
            weights->sources[i] =
                (struct ic_array_source){net, block + name->array->offset, name->array};
    }
    if (status == IC_OK)
        *ret_weights = weights;
    else
        ic_weights_free(weights);
    return status;
}

void ic_weights_free(struct ic_weights *weights)
{
    if (weights == NULL)
        return;
    ic_arena_free(&weights->arena);
    free(weights);
}

size_t ic_weights_count(const struct ic_weights *weights)
{
    return weights->count;
}

const struct ic_array_source *ic_weights_at(const struct ic_weights *weights, size_t i)
{
    return weights->names[i].array != NULL ? &weights->sources[i] : NULL;
}

void ic_weights_add(const struct ic_weights *weights,
                    struct ic_safetensors_writer *writer, const char *prefix)
{
    char name[256];

    for (size_t i = 0; i < weights->count; i++) {
        const int length =
            snprintf(name, sizeof name, "%s%s", prefix, weights->names[i].name);

        assert(length > 0 && (size_t)length < sizeof name);
        if (weights->names[i].array != NULL)
            ic_weights_add_array(writer, name, &weights->sources[i]);
        else
            ic_safetensors_add(writer, name, IC_I64, 0, NULL,
                               &weights->batches_tracked);
    }
}
